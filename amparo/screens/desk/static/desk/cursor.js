/**
 * The cursor goes where the hand is: after answering to the notes, after ending to the choices. Until that part is
 * drawn, what is typed is kept, and is written there.
 */

const PATIENCE = 20_000; // ms for the part to come
const WRITING = 2000; // ms after a letter in which somebody is still writing

const PLACES = {
  notes: '[data-shows^="call "] .notes textarea',
  endings: "#wrap-up .endings input:checked, #wrap-up .endings input",
};

let place = ""; // where it goes as soon as that is there
let meanwhile = ""; // what was typed on the way
let at = 0; // ms: when somebody last wrote
let timer = 0;

document.addEventListener("input", () => { at = performance.now(); });
document.addEventListener("pointerdown", () => lead("")); // the hand goes elsewhere
document.addEventListener("keydown", keep, { capture: true });

/** Whether somebody is writing into a field at this moment, or is busy in a page in a frame. */
export function writesNow() {
  return document.activeElement instanceof HTMLIFrameElement || performance.now() - at < WRITING;
}

/** @param {"notes" | "endings" | ""} to */
export function lead(to) {
  clearTimeout(timer);
  if (to !== place) meanwhile = "";
  place = to;
  if (to) timer = setTimeout(() => lead(""), PATIENCE);
}

/** The page is in sight again: to what is to be done on it. */
export function goHome() {
  lead("");
  const found = document.querySelector(PLACES.endings) ?? document.querySelector(PLACES.notes) ?? document.querySelector("#main");
  found.focus({ preventScroll: true });
}

/** A part is drawn: go, if it is the one. */
export function arrive() {
  const field = place && document.querySelector(PLACES[place]);
  if (!field) return;
  const typed = meanwhile;
  const isText = place === "notes";
  lead("");
  field.focus({ preventScroll: isText });
  if (isText) {
    field.setSelectionRange(field.value.length, field.value.length);
    if (typed) field.setRangeText(typed, field.value.length, field.value.length, "end");
    if (typed) field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  } else if (typed) {
    field.dispatchEvent(new KeyboardEvent("keydown", { key: typed.at(-1), bubbles: true }));
  }
}

/** @param {KeyboardEvent} event */
function keep(event) {
  if (!place || event.ctrlKey || event.altKey || event.metaKey) return;
  const writes = event.target.matches?.('textarea, select, input:not([type="radio"], [type="checkbox"])');
  const isKept = place === "notes" ? !writes && event.key.length === 1 : /^[1-9]$/.test(event.key);
  if (!isKept) return;
  meanwhile += event.key;
  event.preventDefault();
  event.stopPropagation();
}
