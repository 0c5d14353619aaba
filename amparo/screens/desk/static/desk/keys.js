/** The keys of the console. The list behind `?` is the table: each row names a physical key and the button that it
 * presses. A key does nothing while its button is not on the screen. */

const TWICE = 2500; // ms between the two presses of a button that needs two

/** Keys that focus something instead of pressing a button. */
const FIELDS = {
  notes: ".notes textarea, .kept-words textarea", consent: ".levels input", suggested: "[data-suggestions] :is(a:not([hidden]), button)",
};

let isListening = false;
let armed = { address: "", at: -TWICE };
const names = new Map(); // names of keys, by code
/** @type {Record<string, () => void>} */
let actions = {};

/** Start listening, or learn more keys: on the page of a chat both the page and the bar of a call ask for it.
 * @param {Record<string, () => void>} own actions of keys that press no button */
export function listen(own) {
  for (const row of document.querySelectorAll("#keys tr")) names.set(row.dataset.code, row.dataset.name);
  actions = { ...actions, ...own };
  if (isListening) return; // a second listener would press every button twice
  isListening = true;
  document.addEventListener("keydown", (event) => (event.key === "Escape" ? goBack() : hear(event)));
  document.addEventListener("keyup", letGo);
  addEventListener("blur", hideCaps);
  document.addEventListener("click", wantSecond, { capture: true });
  document.addEventListener("mousedown", stayInField);
}

/** A click in the call bar leaves the cursor in the notes: a space typed next would press the button once more.
 * @param {MouseEvent} event */
function stayInField(event) {
  if (event.target.closest(".call-bar button")) event.preventDefault();
}

/** Handle a key press, also from a page in a frame. A key that did something there, such as ending a chat, is not for
 * the console too. @param {KeyboardEvent} event */
export function hear(event) {
  document.body.toggleAttribute("data-alt", event.key === "Alt" || (event.altKey && "alt" in document.body.dataset));
  const name = names.get(codeOf(event));
  if (isMenuChord(event) || name) event.preventDefault();
  if (!name || event.repeat) return;
  if (actions[name]) actions[name]();
  else if (!press(name)) return;
  event.stopImmediatePropagation();
}

/** Alt was let go, here or in a page in a frame: no key caps, and no browser menu. @param {KeyboardEvent} event */
export function letGo(event) {
  if (event.key !== "Alt") return;
  event.preventDefault();
  hideCaps();
}

function hideCaps() {
  delete document.body.dataset.alt;
}

/** "Alt+KeyA", "Ctrl+KeyK" or "?". The wrap-up form handles the digits itself. @param {KeyboardEvent} event */
function codeOf(event) {
  if (event.altKey && !event.ctrlKey && !event.metaKey) return `Alt+${event.code}`;
  if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) return `Ctrl+${event.code}`;
  if (writes(event.target) || event.ctrlKey || event.altKey || event.metaKey) return "";
  return event.key === "?" ? "?" : "";
}

/** Whether Alt and a letter would open a browser menu. AltGr is Ctrl and Alt, and types. @param {KeyboardEvent} event */
function isMenuChord(event) {
  return event.altKey && !event.ctrlKey && !event.metaKey && event.code.startsWith("Key");
}

/** A button that ends something needs two presses; a double click counts as one. @param {MouseEvent} event */
function wantSecond(event) {
  const button = event.target.closest("button[data-twice]");
  if (!button) return;
  const now = performance.now();
  const isSecond = event.detail < 2 && armed.address === addressOf(button) && now - armed.at < TWICE;
  armed = { address: addressOf(button), at: isSecond ? -TWICE : now };
  showArmed();
  if (isSecond) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  setTimeout(showArmed, TWICE);
}

/** Show which button waits for its second press, also after a redraw. */
export function showArmed() {
  const isArmed = performance.now() - armed.at < TWICE;
  for (const button of document.querySelectorAll("button[data-twice]")) {
    button.toggleAttribute("data-armed", isArmed && addressOf(button) === armed.address);
  }
}

/** What a button asks for: the end of a chat is not the end of the call beside it. @param {HTMLButtonElement} button */
function addressOf(button) {
  return button.getAttribute("formaction") ?? button.form?.getAttribute("action") ?? "";
}

/** @param {string} name */
function buttonOf(name) {
  const found = [...document.querySelectorAll(FIELDS[name] ?? `[data-key="${name}"]`)];
  return found.find((each) => !each.disabled && each.checkVisibility());
}

/** Press a button, or focus a field. Returns whether there is one. @param {string} name */
export function press(name) {
  const target = buttonOf(name);
  if (name in FIELDS) target?.focus();
  else target?.click();
  return target !== undefined;
}

/** Return to the notes, without deleting anything. On a narrow screen the panel first makes room for them. */
export function goBack() {
  actions.rests?.();
  window.focus(); // the cursor may be in a frame
  (buttonOf("notes") ?? document.querySelector("#main")).focus();
}

/** @param {EventTarget | null} target */
function writes(target) {
  return target?.matches?.('textarea, select, [contenteditable], input:not([type="radio"], [type="checkbox"])');
}
