/**
 * The keys of the console. The list behind `?` is the table: each row names a key's place on the keyboard and the
 * button that it presses. A key without its button on the screen does nothing.
 */

const TWICE = 2500; // ms between the two presses of a button that wants two

/** Keys that go to a field instead of pressing a button. */
const FIELDS = { notes: ".notes textarea", consent: ".levels input" };

let armed = { name: "", at: -TWICE };
const names = new Map(); // of the keys, by code
/** @type {Record<string, () => void>} */
let deeds = {};

/** @param {Record<string, () => void>} own what a key does that presses no button */
export function listen(own) {
  for (const row of document.querySelectorAll("#keys tr")) names.set(row.dataset.code, row.dataset.name);
  deeds = own;
  document.addEventListener("keydown", (event) => (event.key === "Escape" ? goBack() : hear(event)));
  document.addEventListener("click", wantSecond, { capture: true });
}

/** Do what a key says; of a page in a frame, too. @param {KeyboardEvent} event */
export function hear(event) {
  const name = names.get(codeOf(event));
  if (isMenuChord(event) || name) event.preventDefault();
  if (!name || event.repeat) return;
  deeds[name] ? deeds[name]() : press(name);
}

/** "Alt+KeyA", "Ctrl+KeyK" or "?"; the digits of the endings belong to the wrap-up form itself. @param {KeyboardEvent} event */
function codeOf(event) {
  if (event.altKey && !event.ctrlKey && !event.metaKey) return `Alt+${event.code}`;
  if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) return `Ctrl+${event.code}`;
  if (writes(event.target) || event.ctrlKey || event.altKey || event.metaKey) return "";
  return event.key === "?" ? "?" : "";
}

/** Alt with a letter would open a menu of the browser. AltGr is Ctrl with Alt, and writes. @param {KeyboardEvent} event */
function isMenuChord(event) {
  return event.altKey && !event.ctrlKey && !event.metaKey && event.code.startsWith("Key");
}

/** A button that ends something wants two presses, by key or by mouse; a double click is one. @param {MouseEvent} event */
function wantSecond(event) {
  const button = event.target.closest("button[data-twice]");
  if (!button) return;
  const now = performance.now();
  const isSecond = event.detail < 2 && armed.name === button.dataset.key && now - armed.at < TWICE;
  armed = { name: button.dataset.key, at: isSecond ? -TWICE : now };
  showArmed();
  if (isSecond) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  setTimeout(showArmed, TWICE);
}

/** Also after the bar was drawn anew. */
export function showArmed() {
  const isArmed = performance.now() - armed.at < TWICE;
  for (const button of document.querySelectorAll("button[data-twice]")) {
    button.toggleAttribute("data-armed", isArmed && button.dataset.key === armed.name);
  }
}

/** @param {string} name */
function buttonOf(name) {
  const found = [...document.querySelectorAll(FIELDS[name] ?? `[data-key="${name}"]`)];
  return found.find((each) => !each.disabled && each.checkVisibility());
}

/** @param {string} name */
export function press(name) {
  const target = buttonOf(name);
  if (name in FIELDS) target?.focus();
  else target?.click();
}

/** Back to what one writes; nothing is ever deleted by it. */
function goBack() {
  (buttonOf("notes") ?? document.querySelector("#main")).focus();
}

/** @param {EventTarget | null} target */
function writes(target) {
  return target?.matches?.('textarea, select, [contenteditable], input:not([type="radio"], [type="checkbox"])');
}
