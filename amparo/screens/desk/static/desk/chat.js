/** Answering who writes: the thread follows what is written, the contact beside it is kept as one types. */

import { keepConversation } from "/static/contacts/conversation.js";
import { post } from "./asking.js";
import { startClocks } from "./clock.js";
import { listen } from "./keys.js";
import { follow } from "./live.js";

const LOOK = 15_000; // ms: whether her page is still open says no note

const thread = document.querySelector("#thread"), answer = document.querySelector("#answer");
let has_come = false; // what was sent: until then it keeps its name, for what is sent twice is kept once

for (const form of document.querySelectorAll("form[data-draft]")) {
  form.dataset.kept = "";
  keepConversation(form);
}
startClocks();
listen({});
follow();
setInterval(read, LOOK);
toTheEnd();

document.addEventListener("amparo:note", (event) => {
  const [topic, about] = event.detail.split(" ");
  if (topic === "everything" || (topic === "chat" && about === thread.dataset.chat)) read();
});

answer?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = answer.elements.text, sent = field.value;
  if (!(await post(answer.action, new URLSearchParams(new FormData(answer))))) return;
  if (field.value === sent) field.value = "";
  field.focus();
  has_come = true;
  read();
});

async function read() {
  let html;
  try {
    const told = await fetch(thread.dataset.thread, { redirect: "manual" });
    if (told.status !== 200) return;
    html = await told.text();
  } catch {
    return; // the live stream says that there is no network
  }
  const now = new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
  const [before, after] = [thread, now].map((it) => it.querySelectorAll(".talk-lines > li").length);
  if (has_come) answer.elements.name.value = now.dataset.name;
  has_come = false;
  thread.replaceChildren(now);
  if (after > before) toTheEnd();
}

function toTheEnd() {
  thread.scrollTop = thread.scrollHeight;
}
