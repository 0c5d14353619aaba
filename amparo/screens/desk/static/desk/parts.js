/** The parts of the console. They are fetched again, with the operator's rights, whenever something changed. */

const PRESS = 5000; // ms; a press lasts no longer, and a release may go unseen

const running = new Map(); // name -> whether to fetch it once more after the current fetch
const listeners = [];

/** Add a listener. @param {() => void} listener called after a part was drawn */
export function whenDrawn(listener) {
  listeners.push(listener);
}

/** Fetch parts again. @param {...string} names main (with its bar), queue, guide */
export function refresh(...names) {
  for (const name of names) fetchPart(name);
}

/** One fetch of a part at a time. Requests that come meanwhile become one more fetch. @param {string} name */
async function fetchPart(name) {
  if (running.has(name)) return running.set(name, true);
  running.set(name, false);
  try {
    const answer = await fetch(`/console/${name}${shown(name)}`, { redirect: "manual" });
    if (answer.status === 200) drawAll(await answer.text());
  } catch {
    // no network: the live stream says so, and everything is fetched when it is back
  }
  const again = running.get(name);
  running.delete(name);
  if (again) fetchPart(name);
}

/** Tell the server what the page shows: it sends the bar alone if the main part is still right. @param {string} name */
function shown(name) {
  const query = new URLSearchParams(), talk = shownTalk();
  const shows = document.querySelector("[data-shows]")?.dataset.shows;
  if (name === "main" && shows) query.set("shows", shows);
  if (talk) query.set("chat", talk);
  return query.size ? `?${query}` : "";
}

/** The conversation in writing that the page shows or asks for; blank: none. It stands in the address, so it is there again
 * when the page is loaded anew. */
function shownTalk() {
  return new URLSearchParams(location.search).get("chat") ?? "";
}

/** @param {string} chat the id of a conversation in writing; blank: none @returns {boolean} whether it was not shown before */
export function showTalk(chat) {
  const isOther = chat !== shownTalk();
  if (isOther) history.replaceState(history.state, "", chat ? `?chat=${chat}` : location.pathname);
  return isOther;
}

let isPressed = false;
const waiting = []; // what came while a mouse button or a finger was down

/** A browser ignores a press if the button is replaced before its release. So a redraw waits until the release. */
function letPressEnd() {
  let timer = 0;
  const end = () => {
    clearTimeout(timer);
    isPressed = false;
    for (const html of waiting.splice(0)) drawAll(html);
  };
  addEventListener("pointerdown", ({ button }) => {
    if (button !== 0) return; // another opens a menu, and its release is not seen
    isPressed = true;
    clearTimeout(timer);
    timer = setTimeout(end, PRESS);
  }, { capture: true });
  for (const name of ["pointerup", "pointercancel"]) addEventListener(name, () => setTimeout(end), { capture: true }); // after the click
}

letPressEnd();

/** Draw what one answer brought: parts of one moment, so that the keys of the bar fit the main part. @param {string} html */
function drawAll(html) {
  if (isPressed) return waiting.push(html);
  const brought = new DOMParser().parseFromString(html, "text/html");
  for (const part of brought.querySelectorAll("[data-part]")) draw(part.dataset.part, part);
}

const drawn = new Map(); // name -> its content when it was last drawn

/** @param {string} name @param {Element} brought its new content */
function draw(name, brought) {
  const content = contentOf(brought);
  if (drawn.get(name) === content) return;
  drawn.set(name, content);
  const part = document.querySelector(`[data-part="${name}"]`);
  if (!part) return; // the strips of a call whose page is not open
  const kept = keep(part);
  part.replaceChildren(...brought.childNodes);
  const again = restore(part, kept);
  if (name === "main") arrive(part);
  for (const listener of listeners) listener();
  if (again && kept.caret) again.setSelectionRange(...kept.caret); // last, because by now the field has its text again
}

/** Its content without the tokens of its forms, which differ each time. @param {Element} part */
function contentOf(part) {
  return part.innerHTML.replace(/value="[^"]{64}"/g, "");
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

/** Return the element with the focus. @param {Element} part @param {{open: string[], typed: string[][], focus:
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
  const is = (it, name) => `[${name}="${CSS.escape(it.getAttribute(name))}"]`;
  for (const name of ["data-key", "href"]) if (element.hasAttribute(name)) return is(element, name);
  const value = element.hasAttribute("value") ? is(element, "value") : ":not([value])"; // one address for several people or reasons
  if (element.hasAttribute("formaction")) return is(element, "formaction") + value;
  if (element.matches("form[action] [type=submit]")) return `form${is(element.form, "action")} [type=submit]${value}`;
  if (element.matches("summary")) return `#${CSS.escape(element.parentElement.id)} > summary`;
  return null;
}

/** The main part shows something else: scroll to its top and announce it; the focus stays. @param {Element} part */
function arrive(part) {
  part.scrollTo(0, 0);
  scrollTo(0, 0);
  document.querySelector("#announcement").textContent = part.querySelector("[data-announce]")?.dataset.announce ?? "";
}
