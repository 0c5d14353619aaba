/**
 * The keys of the console. The list behind `?` is the table: each row names a key's place on the keyboard and the
 * button that it presses. A key without its button on the screen does nothing.
 */

const TWICE = 1500; // ms between the two presses of a key that wants two

/** Keys that go to a field instead of pressing a button. */
const FIELDS = { notes: ".notes textarea", consent: ".levels input" };

let armed = { name: "", at: 0 };

/** @param {Record<string, () => void>} own what a key does that presses no button */
export function listen(own) {
  const names = new Map();
  const twice = new Set();
  for (const row of document.querySelectorAll("#keys tr")) {
    names.set(row.dataset.code, row.dataset.name);
    if (row.hasAttribute("data-twice")) twice.add(row.dataset.name);
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return goBack();
    const name = names.get(codeOf(event));
    if (isMenuChord(event) || name) event.preventDefault();
    if (!name || event.repeat || (twice.has(name) && !isSecond(name))) return;
    own[name] ? own[name]() : press(name);
  });
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

/** @param {string} name */
function isSecond(name) {
  const now = performance.now();
  const second = armed.name === name && now - armed.at < TWICE;
  armed = second ? { name: "", at: 0 } : { name, at: now };
  const button = buttonOf(name);
  if (!second && button) {
    button.dataset.armed = "";
    setTimeout(() => button.removeAttribute("data-armed"), TWICE);
  }
  return second;
}

/** @param {string} name */
function buttonOf(name) {
  const found = [...document.querySelectorAll(FIELDS[name] ?? `[data-key="${name}"]`)];
  return found.find((each) => !each.disabled && each.checkVisibility());
}

/** @param {string} name */
function press(name) {
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
  return target instanceof Element && target.matches('textarea, select, [contenteditable], input:not([type="radio"], [type="checkbox"])');
}
