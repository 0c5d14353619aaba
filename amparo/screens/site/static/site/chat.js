/** Writing with an operator. The chat lives in this page: nothing is stored, and a closed page is gone. */

const LOOK = 4000; // ms

const write = document.querySelector("#write"), talk = document.querySelector(".talk");
const button = document.querySelector("[data-do='call']"); // null: the chat has ended
let looking = 0, has_left = false; // `looking`: the timer

// A form opened this page. Without this line the browser would keep what was sent, and could send it again.
history.replaceState(null, "", "/cover");

write.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = new URLSearchParams(new FormData(write, event.submitter));
  body.set("do", "say");
  fold();
  const field = write.elements.text, sent = field.value;
  if (!(await ask(body)) || event.submitter?.name === "quick") return;
  if (field.value === sent) field.value = "";
  field.focus();
});

if (button) {
  button.addEventListener("click", prepare);
  button.disabled = false;
}

if (write.elements.text) look();
for (const gone of ["leave", "pagehide"]) addEventListener(gone, stop);

/** Load the scripts of a call at the first press: a page must weigh little. Then call. */
async function prepare() {
  button.disabled = true; // call.js enables it
  fold();
  try {
    await import("./call.js");
  } catch {
    button.disabled = false;
    return say(write.dataset.away);
  }
  button.removeEventListener("click", prepare);
  button.click();
}

/** Close the receipt: the visitor has seen it, and the messages need the room. */
function fold() {
  document.querySelector("#chat details").open = false;
}

function look() {
  looking = setTimeout(async () => {
    const body = new URLSearchParams(new FormData(write));
    body.set("do", "watch");
    body.delete("text");
    await ask(body, true);
    if (write.elements.text && !has_left) look();
  }, LOOK);
}

/** Stop also while an answer is awaited: else the page would ask on until the cover is there. */
function stop() {
  has_left = true;
  clearTimeout(looking);
}

/** @param {URLSearchParams} body @param {boolean} quietly @returns {Promise<boolean>} whether it was done */
async function ask(body, quietly = false) {
  body.set("by", "script");
  try {
    const answer = await fetch(write.action, { method: "POST", credentials: "omit", cache: "no-store", body });
    if (answer.status === 204) return true;
    draw(await answer.json(), quietly);
    return answer.ok;
  } catch {
    if (!quietly) say(write.dataset.away);
    return false;
  }
}

function draw(state, quietly) {
  if (state.refusal || !quietly) say(state.refusal);
  if (!state.is_open) write.querySelector(".say")?.remove();
  if (state.entry === null) return; // the chat goes on in another page: nothing more is shown here
  document.querySelector(".stands").textContent = state.stands;
  // A message keeps its name until it has arrived, so that sending it twice saves it once.
  for (const name of quietly ? ["mark", "shown"] : ["mark", "name", "shown"]) write.elements[name].value = state[name];
  if (String(state.entry) !== talk.dataset.entry) talk.replaceChildren();
  talk.dataset.entry = state.entry;
  follow(state.written.map(line));
}

/** Add only new lines, so that a screen reader says no more than these. An earlier message may arrive late: redraw
 * from there. */
function follow(lines) {
  const from = lines.findIndex((each, place) => !talk.children[place]?.isEqualNode(each));
  if (from < 0) return;
  for (const old of [...talk.children].slice(from)) old.remove();
  talk.append(...lines.slice(from));
  lines.at(-1).scrollIntoView({ block: "nearest" });
}

function line({ from_bearer, text }) {
  const from = from_bearer ? "you" : "line";
  const item = document.createElement("li"), words = document.createElement("p"), who = document.createElement("span");
  item.dataset.from = from;
  who.className = "hidden-words";
  who.textContent = talk.dataset[from];
  words.append(who, text);
  item.append(words);
  return item;
}

function say(sentence) {
  write.querySelector(".refusal").textContent = sentence;
}
