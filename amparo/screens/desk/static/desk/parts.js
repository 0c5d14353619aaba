/** The parts of the console, fetched anew with the operator's own rights whenever something changed. */

/** Drawn together: the keys of the bar must be those of what the middle shows. */
const GROUPS = [["main", "bar"], ["queue"], ["guide"]];

const running = new Map(); // group -> whether it must be fetched once more when the present fetch is over
const listeners = [];

/** @param {() => void} listener called after a part was drawn */
export function whenDrawn(listener) {
  listeners.push(listener);
}

/** @param {...string} names main, bar, queue, guide */
export function refresh(...names) {
  for (const group of GROUPS) if (group.some((name) => names.includes(name))) fetchGroup(group);
}

/** One fetch of each group at a time; what comes meanwhile is one more. @param {string[]} group */
async function fetchGroup(group) {
  if (running.has(group)) return running.set(group, true);
  running.set(group, false);
  try {
    const parts = await Promise.all(group.map(fetchPart));
    group.forEach((name, at) => parts[at] !== null && draw(name, parts[at]));
  } catch {
    // no network: the live stream says so, and everything is fetched when it is back
  }
  const again = running.get(group);
  running.delete(group);
  if (again) fetchGroup(group);
}

/** @param {string} name @returns {Promise<string | null>} null: no change */
async function fetchPart(name) {
  const answer = await fetch(`/console/${name}${shown(name)}`, { redirect: "manual" });
  return answer.status === 200 ? answer.text() : null;
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
  const again = restore(part, kept);
  if (name === "main") arrive(part);
  for (const listener of listeners) listener();
  if (again && kept.caret) again.setSelectionRange(...kept.caret); // last: by now it says again what was typed
}

/** What the person had opened and where they were. @param {Element} part */
function keep(part) {
  const open = [...part.querySelectorAll("details[open][id], [popover]:popover-open")].map((each) => each.id);
  const focus = part.contains(document.activeElement) ? document.activeElement : null;
  return { open, focus: focus && selectorOf(focus), caret: caretOf(focus) };
}

/** Where one writes, in a field that knows it. @param {Element | null} field @returns {[number, number] | null} */
function caretOf(field) {
  return typeof field?.selectionStart === "number" ? [field.selectionStart, field.selectionEnd] : null;
}

/** What has the focus again. @param {Element} part @param {{open: string[], focus: string | null}} kept */
function restore(part, kept) {
  for (const id of kept.open) {
    const again = document.getElementById(id);
    if (again instanceof HTMLDetailsElement) again.open = true;
    else again?.showPopover();
  }
  const again = kept.focus ? part.querySelector(kept.focus) : null;
  again?.focus({ preventScroll: true });
  return again;
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
