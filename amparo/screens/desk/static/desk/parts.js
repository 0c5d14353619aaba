/** The parts of the console, fetched anew with the operator's own rights whenever something changed. */

const running = new Map(); // part -> whether it must be fetched once more when the present fetch is over
const listeners = [];

/** @param {() => void} listener called after a part was drawn */
export function whenDrawn(listener) {
  listeners.push(listener);
}

/** @param {...string} names main, bar, queue, guide */
export function refresh(...names) {
  for (const name of names) fetchPart(name);
}

/** One fetch of each part at a time; what comes meanwhile is one more. @param {string} name */
async function fetchPart(name) {
  if (running.has(name)) return running.set(name, true);
  running.set(name, false);
  try {
    const answer = await fetch(`/console/${name}${shown(name)}`, { redirect: "manual" });
    if (answer.status === 200) draw(name, await answer.text());
  } catch {
    // no network: the live stream says so, and everything is fetched when it is back
  }
  const again = running.get(name);
  running.delete(name);
  if (again) fetchPart(name);
}

/** What the middle shows now; the server answers "no change" when it still should. @param {string} name */
function shown(name) {
  const shows = document.querySelector("[data-shows]")?.dataset.shows;
  return name === "main" && shows ? `?shows=${encodeURIComponent(shows)}` : "";
}

const drawn = new Map();

/** @param {string} name @param {string} html */
function draw(name, html) {
  if (drawn.get(name) === html) return;
  drawn.set(name, html);
  const part = document.querySelector(`[data-part="${name}"]`);
  const kept = keep(part);
  part.innerHTML = html;
  restore(part, kept);
  if (name === "main") arrive(part);
  for (const listener of listeners) listener();
}

/** What the person had opened and where they were. @param {Element} part */
function keep(part) {
  const open = [...part.querySelectorAll("details[open][id], [popover]:popover-open")].map((each) => each.id);
  const focus = part.contains(document.activeElement) ? document.activeElement : null;
  return { open, focus: focus && selectorOf(focus) };
}

/** @param {Element} part @param {{open: string[], focus: string | null}} kept */
function restore(part, kept) {
  for (const id of kept.open) {
    const again = document.getElementById(id);
    if (again instanceof HTMLDetailsElement) again.open = true;
    else again?.showPopover();
  }
  if (kept.focus) part.querySelector(kept.focus)?.focus({ preventScroll: true });
}

/** How to find the same thing in the new part. @param {Element} element */
function selectorOf(element) {
  if (element.id) return `#${CSS.escape(element.id)}`;
  for (const name of ["data-key", "formaction", "href"]) {
    if (element.hasAttribute(name)) return `[${name}="${CSS.escape(element.getAttribute(name))}"]`;
  }
  if (element.matches("summary")) return `#${CSS.escape(element.parentElement.id)} > summary`;
  return null;
}

/** Something else is in the middle now: from its top, and said to a screen reader; the focus stays. @param {Element} part */
function arrive(part) {
  part.scrollTo(0, 0);
  scrollTo(0, 0);
  document.querySelector("#announcement").textContent = part.querySelector("[data-announce]")?.dataset.announce ?? "";
}
