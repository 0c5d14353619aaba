/** The box above the call bar for what is typed after answering, until the notes of the call open. The words are seen
 * at once, however long that takes, and then move into the notes. Words of a call that was never connected stay in the
 * box until they are put away or the next call is answered: they belong to no other notes. */

const box = document.querySelector("#kept-words");
const field = box.querySelector("textarea");

let call = ""; // whose words these are; empty: the page was loaded anew, and the same person goes on writing
let isComposing = false; // an accent is half typed, and would be lost
/** @type {Element | null} */
let before = null; // what had the cursor

box.querySelector("button").addEventListener("click", () => { field.value = ""; close(); });
field.addEventListener("compositionstart", () => { isComposing = true; });
field.addEventListener("compositionend", () => { isComposing = false; });

/** Show the box, with the cursor in it. @param {string} of the address of the call, which is the same if it is tried again */
export function open(of) {
  if (of !== call) field.value = "";
  call = of;
  if (box.hidden) before = document.activeElement;
  box.hidden = false;
  field.focus({ preventScroll: true });
}

/** No notes are awaited any more. */
export function leave() {
  if (!box.hidden && !field.value) close();
}

/** Move the words to the end of the notes, and the cursor too unless the person took it elsewhere. Returns whether it
 * was possible now. @param {HTMLTextAreaElement} notes */
export function move(notes) {
  if (isComposing) return false;
  const isHere = [field, document.body].includes(document.activeElement);
  const end = notes.value.length;
  const typed = field.value && call && end && !/\s$/.test(notes.value) ? `\n${field.value}` : field.value;
  const caret = end + typed.length - field.value.length + field.selectionEnd;
  if (typed) notes.setRangeText(typed, end, end, "end");
  if (isHere) notes.focus({ preventScroll: true });
  if (isHere) notes.setSelectionRange(typed ? caret : end, typed ? caret : end);
  if (typed) notes.dispatchEvent(new InputEvent("input", { bubbles: true }));
  field.value = "";
  box.hidden = true;
  return true;
}

function close() {
  const hadFocus = box.contains(document.activeElement);
  box.hidden = true;
  if (!hadFocus) return;
  const back = before instanceof HTMLElement && before !== document.body && before.isConnected ? before : document.querySelector("#main");
  back.focus({ preventScroll: true });
}
