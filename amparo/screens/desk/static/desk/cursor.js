/** The cursor goes where the operator works next: after answering to the notes, after ending to the outcomes. Keys
 * typed before that part is drawn are kept and written there. A digit alone chooses an outcome, wherever the cursor
 * was; whoever goes on typing is writing, and gets the digit back in the text. */

const PATIENCE = 20_000; // ms to wait for the part
const WRITING = 2000; // ms after a key press in which somebody still counts as typing

const PLACES = {
  notes: '[data-shows^="call "] .notes textarea',
  endings: "#wrap-up .endings input:checked, #wrap-up .endings input",
};

let place = ""; // where the cursor goes as soon as that part is there
let meanwhile = ""; // what was typed meanwhile
/** @type {EventTarget | null} */
let source = null; // the field that it was typed in
let lastInput = -WRITING; // ms since the page was loaded; when somebody last typed
let timer = 0;

document.addEventListener("input", () => { lastInput = performance.now(); });
document.addEventListener("pointerdown", () => lead("")); // the person chose another place
document.addEventListener("keydown", keep, { capture: true });

/** Whether somebody is typing into a field now, or works in a frame. */
export function writesNow() {
  return document.activeElement instanceof HTMLIFrameElement || performance.now() - lastInput < WRITING;
}

/** @param {"notes" | "endings" | ""} to */
export function lead(to) {
  clearTimeout(timer);
  if (to !== place) giveBack();
  place = to;
  if (to) timer = setTimeout(() => lead(""), PATIENCE);
}

/** Whether the cursor waits for this place. @param {"notes" | "endings"} where */
export function awaits(where) {
  return place === where;
}

/** The page is visible again: focus what is to be done on it. */
export function goHome() {
  lead("");
  const found = document.querySelector(PLACES.endings) ?? document.querySelector(PLACES.notes) ?? document.querySelector("#main");
  found.focus({ preventScroll: true });
}

/** A part was drawn: focus it if it is the awaited one. */
export function arrive() {
  const field = place && document.querySelector(PLACES[place]);
  if (!field) return;
  const typed = meanwhile;
  const isText = place === "notes";
  meanwhile = "";
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

/** Write what was kept into the field that it was typed in. */
function giveBack() {
  const field = source?.isConnected ? source : document.getElementById(source?.id ?? "");
  if (meanwhile && field) {
    field.setRangeText(meanwhile, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
  meanwhile = "";
  source = null;
}

/** @param {KeyboardEvent} event */
function keep(event) {
  if (!place || event.ctrlKey || event.altKey || event.metaKey) return;
  const writes = event.target.matches?.('textarea, select, input:not([type="radio"], [type="checkbox"])');
  const isText = writes && typeof event.target.selectionStart === "number"; // no list, no date
  if (place === "endings" && isText && (meanwhile || !/^[1-9]$/.test(event.key))) {
    if (event.key.length === 1 || event.key === "Backspace" || event.key === "Enter") lead("");
    return;
  }
  const isKept = place === "notes" ? !writes && event.key.length === 1 : (isText || !writes) && /^[1-9]$/.test(event.key);
  if (!isKept) return;
  meanwhile += event.key;
  source = isText ? event.target : null;
  event.preventDefault();
  event.stopPropagation();
}
