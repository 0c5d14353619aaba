/** Somebody writes with a person. The chat lives in this page: nothing is stored, and what was closed is gone. */

const LOOK = 4000; // ms

const write = document.querySelector("#write"), talk = document.querySelector(".talk");
let looking = 0; // the timer; what is asked meanwhile is asked once

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
for (const gone of ["leave", "pagehide"]) addEventListener(gone, () => clearTimeout(looking));

function look() {
  looking = setTimeout(async () => {
    const body = new URLSearchParams(new FormData(write));
    body.set("do", "watch");
    body.delete("text");
    await ask(body, true);
    if (write.elements.text) look();
  }, LOOK);
}

/** @param {URLSearchParams} body @param {boolean} quietly @returns {Promise<boolean>} whether it was done */
async function ask(body, quietly = false) {
  body.set("by", "script");
  try {
    const answer = await fetch(write.action, { method: "POST", credentials: "omit", cache: "no-store", body });
    if (answer.status === 204) return true;
    draw(await answer.json());
    return answer.ok;
  } catch {
    if (!quietly) say(write.dataset.away);
    return false;
  }
}

function draw(it) {
  say(it.refusal);
  if (!it.is_open) write.querySelector(".say")?.remove();
  if (it.entry === null) return; // it goes on elsewhere: nothing more is shown here
  document.querySelector(".stands").textContent = it.stands;
  for (const name of ["mark", "name", "shown"]) write.elements[name].value = it[name];
  if (String(it.entry) !== talk.dataset.entry) talk.replaceChildren();
  talk.dataset.entry = it.entry;
  const fresh = it.written.slice(talk.children.length).map(line);
  talk.append(...fresh); // a screen reader says what is new, and no more
  fresh.at(-1)?.scrollIntoView({ block: "nearest" });
}

function line({ is_hers, text }) {
  const from = is_hers ? "you" : "line";
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
