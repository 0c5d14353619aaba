/** Somebody writes with a person. The chat lives in this page: nothing is stored, and what was closed is gone. */

const LOOK = 4000; // ms

const write = document.querySelector("#write"), talk = document.querySelector(".talk");
let looking = 0, has_left = false; // `looking`: the timer

// The page was asked for by a form: without this the browser would keep what was sent, and ask with it again.
history.replaceState(null, "", "/cover");

write.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = new URLSearchParams(new FormData(write, event.submitter));
  body.set("do", "say");
  document.querySelector("#chat details").open = false; // she has seen it; the words need the room
  const field = write.elements.text, sent = field.value;
  if (!(await ask(body)) || event.submitter?.name === "quick") return;
  if (field.value === sent) field.value = "";
  field.focus();
});

if (write.elements.text) look();
for (const gone of ["leave", "pagehide"]) addEventListener(gone, stop);

function look() {
  looking = setTimeout(async () => {
    const body = new URLSearchParams(new FormData(write));
    body.set("do", "watch");
    body.delete("text");
    await ask(body, true);
    if (write.elements.text && !has_left) look();
  }, LOOK);
}

/** Also where an answer is still awaited: else the page would ask on until the cover has come. */
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

function draw(it, quietly) {
  if (it.refusal || !quietly) say(it.refusal);
  if (!it.is_open) write.querySelector(".say")?.remove();
  if (it.entry === null) return; // it goes on elsewhere: nothing more is shown here
  document.querySelector(".stands").textContent = it.stands;
  // What she sends keeps its name until it has come: sent again, it is kept once.
  for (const name of quietly ? ["mark", "shown"] : ["mark", "name", "shown"]) write.elements[name].value = it[name];
  if (String(it.entry) !== talk.dataset.entry) talk.replaceChildren();
  talk.dataset.entry = it.entry;
  follow(it.written.map(line));
}

/** A screen reader says what is new, and no more. What was written first may come second: then from there anew. */
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
