/** The cursor goes where the operator works next: after answering to the notes, after ending to the outcomes. What is
 * typed before that part is drawn is kept and written there, however long it takes. A digit alone chooses an outcome,
 * wherever the cursor was; whoever goes on typing is writing, and gets the digit back in the text. */

import * as words from "./kept-words.js";

const WRITING = 2000; // ms after a key press in which somebody still counts as typing

const PLACES = {
  notes: '#conversation[data-kept="all"] .notes textarea',
  endings: "#wrap-up .endings input:checked, #wrap-up .endings input",
};

let place = ""; // where the cursor goes as soon as that part is there
let old = ""; // what the page showed of another call: the notes there are not the awaited ones
let meanwhile = ""; // the digits pressed meanwhile
/** @type {EventTarget | null} */
let source = null; // the field that they were typed in
let lastInput = -WRITING; // ms since the page was loaded; when somebody last typed

document.addEventListener("input", () => { lastInput = performance.now(); });
document.addEventListener("pointerdown", () => place === "endings" && lead("")); // the person chose another place
document.addEventListener("keydown", keep, { capture: true });

/** Whether somebody is typing into a field now, or works in a frame. */
export function writesNow() {
  return document.activeElement instanceof HTMLIFrameElement || performance.now() - lastInput < WRITING;
}

/** @param {"notes" | "endings" | ""} to @param {string} call the address of the call whose notes are awaited */
export function lead(to, call = "") {
  if (to !== place) giveBack();
  place = to;
  if (to !== "notes") return words.leave();
  const shows = shown();
  old = shows.startsWith("wrap-up ") ? shows : "";
  words.open(call);
}

function shown() {
  return document.querySelector("[data-shows]")?.dataset.shows ?? "";
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
  if (place === "notes") {
    if (shown() !== old && words.move(field)) lead("");
    return;
  }
  const typed = meanwhile;
  meanwhile = "";
  lead("");
  field.focus();
  if (typed) field.dispatchEvent(new KeyboardEvent("keydown", { key: typed.at(-1), bubbles: true }));
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
  if (place !== "endings" || event.ctrlKey || event.altKey || event.metaKey) return;
  const writes = event.target.matches?.('textarea, select, input:not([type="radio"], [type="checkbox"])');
  const isText = writes && typeof event.target.selectionStart === "number"; // no list, no date
  const isDigit = /^[1-9]$/.test(event.key);
  if (isText && (meanwhile || !isDigit)) {
    if (event.key.length === 1 || event.key === "Backspace" || event.key === "Enter") lead("");
    return;
  }
  if (!isDigit || (writes && !isText)) return;
  meanwhile += event.key;
  source = isText ? event.target : null;
  event.preventDefault();
  event.stopPropagation();
}
