/** The parts of the console. They are fetched again, with the operator's rights, whenever something changed. */

/** Parts drawn together: the keys of the bar must fit the main part. */
const GROUPS = [["main", "bar"], ["queue"], ["guide"]];

const running = new Map(); // group -> whether to fetch it once more after the current fetch
const listeners = [];

/** Add a listener. @param {() => void} listener called after a part was drawn */
export function whenDrawn(listener) {
  listeners.push(listener);
}

/** Fetch parts again. @param {...string} names main, bar, queue, guide */
export function refresh(...names) {
  for (const group of GROUPS) if (group.some((name) => names.includes(name))) fetchGroup(group);
}

/** Fetch one group, one fetch at a time. Requests that come meanwhile become one more fetch. @param {string[]} group */
async function fetchGroup(group) {
  if (running.has(group)) return running.set(group, true);
  running.set(group, false);
  try {
    const parts = await Promise.all(group.map(fetchPart));
    for (const [at, name] of group.entries()) if (parts[at] !== null) draw(name, parts[at]);
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

/** Tell the server what the main part shows; it answers "no change" if that is still right. @param {string} name */
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
  if (again && kept.caret) again.setSelectionRange(...kept.caret); // last, because by now the field has its text again
}

/** Remember what the person had opened and where the focus was. @param {Element} part */
function keep(part) {
  const open = [...part.querySelectorAll("details[open][id], [popover]:popover-open")].map((each) => each.id);
  const focus = part.contains(document.activeElement) ? document.activeElement : null;
  const typed = [...part.querySelectorAll("[data-fields] :is(input, select)")].map((each) => [each.id, each.value]);
  return { open, typed, focus: focus && selectorOf(focus), caret: caretOf(focus) };
}

/** The caret of a text field. @param {Element | null} field @returns {[number, number] | null} */
function caretOf(field) {
  return typeof field?.selectionStart === "number" ? [field.selectionStart, field.selectionEnd] : null;
}

/** Return the element with the focus. @param {Element} part @param {{open: string[], typed: [string, string][], focus:
 * string | null}} kept */
function restore(part, kept) {
  for (const [id, value] of kept.typed) {
    const again = document.getElementById(id);
    if (again) again.value = value;
  }
  for (const id of kept.open) {
    const again = document.getElementById(id);
    if (again instanceof HTMLDetailsElement) again.open = true;
    else again?.showPopover();
  }
  const again = kept.focus ? part.querySelector(kept.focus) : null;
  again?.focus({ preventScroll: true });
  return again;
}

/** A selector for the same element in the new part. @param {Element} element */
function selectorOf(element) {
  if (element.id) return `#${CSS.escape(element.id)}`;
  for (const name of ["data-key", "formaction", "href"]) {
    if (element.hasAttribute(name)) return `[${name}="${CSS.escape(element.getAttribute(name))}"]`;
  }
  if (element.matches("summary")) return `#${CSS.escape(element.parentElement.id)} > summary`;
  return null;
}

/** The main part shows something else: scroll to its top and announce it; the focus stays. @param {Element} part */
function arrive(part) {
  part.scrollTo(0, 0);
  scrollTo(0, 0);
  document.querySelector("#announcement").textContent = part.querySelector("[data-announce]")?.dataset.announce ?? "";
}
