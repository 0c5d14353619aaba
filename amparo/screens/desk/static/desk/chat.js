/** Answering a chat: the thread follows new messages, and the contact beside it saves drafts. */

import { keepConversation } from "../contacts/conversation.js";
import { post } from "./asking.js";
import { startClocks } from "./clock.js";
import { listen } from "./keys.js";
import { follow } from "./live.js";
import { keepPanel, panelDrawn, rest } from "./panel.js";

const LOOK = 15_000; // ms; no notification says that the visitor closed the page

const thread = document.querySelector("#thread"), answer = document.querySelector("#answer");
// what is typed and not sent yet, in this tab alone, for a page that is loaded anew
const KEPT = `amparo answer ${thread.dataset.chat}`;
// whether the last message arrived; until then it keeps its name, so that sending it twice saves it once
let hasArrived = false;

for (const form of document.querySelectorAll("form[data-draft]")) {
  form.dataset.kept = "";
  keepConversation(form);
}
startClocks();
listen({ rests: rest });
keepPanel();
panelDrawn();
follow();
setInterval(read, LOOK);
forgetIfOver();
toTheEnd();

document.addEventListener("amparo:note", (event) => {
  const [topic, about] = event.detail.split(" ");
  if (topic === "everything" || (topic === "chat" && about === thread.dataset.chat)) read();
});

if (answer) answer.elements.text.value ||= sessionStorage.getItem(KEPT) ?? "";
answer?.addEventListener("input", () => {
  if (!isOver()) sessionStorage.setItem(KEPT, answer.elements.text.value);
});
for (const end of document.querySelectorAll(".written .actions form:not(#danger)")) {
  end.addEventListener("submit", () => sessionStorage.removeItem(KEPT));
}

answer?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = answer.elements.text, sent = field.value;
  if (!(await post(answer.action, new URLSearchParams(new FormData(answer))))) return;
  if (field.value === sent) {
    field.value = "";
    sessionStorage.removeItem(KEPT);
  }
  field.focus();
  hasArrived = true;
  read();
});

/** The page stays, with what is being typed. */
document.querySelector("#danger")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { failed } = event.submitter.dataset, label = event.target.querySelector("[data-again]");
  if (!(await post(event.target.action, new URLSearchParams(), {}, failed))) return;
  label.textContent = label.dataset.again;
  read();
});

let requests = 0, shown = 0; // an answer that was asked for before the one shown comes too late

async function read() {
  const turn = ++requests;
  let html;
  try {
    const response = await fetch(thread.dataset.thread, { redirect: "manual" });
    if (response.status !== 200) return;
    html = await response.text();
  } catch {
    return; // the live stream says that there is no network
  }
  if (turn < shown) return;
  shown = turn;
  const now = new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
  const [before, after] = [thread, now].map((part) => part.querySelectorAll(".talk-lines > li").length);
  if (hasArrived) answer.elements.name.value = now.dataset.name;
  hasArrived = false;
  const wasAtEnd = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 2; // px
  thread.replaceChildren(now);
  forgetIfOver();
  if (after > before || wasAtEnd) toTheEnd();
}

/** Whoever ended the chat: nothing typed in it stays in this browser. */
function forgetIfOver() {
  if (isOver()) sessionStorage.removeItem(KEPT);
}

function isOver() {
  return "over" in thread.firstElementChild.dataset;
}

function toTheEnd() {
  thread.scrollTop = thread.scrollHeight;
}
