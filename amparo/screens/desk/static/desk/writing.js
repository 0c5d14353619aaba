/** Answering in writing, in the console: what is typed waits in this tab until it is sent, the thread follows new messages,
 * and another conversation is shown by its tab. */

import { post } from "./asking.js";
import { writesNow } from "./cursor.js";
import { refresh, showTalk } from "./parts.js";

const LOOK = 15_000; // ms; no notification says that the visitor closed the page
const KEPT = "amparo answer "; // what is typed and not sent yet, by chat, in this tab alone

const thread = () => document.querySelector("#thread");
const answer = () => document.querySelector("#answer");
/** chat -> the name of its answer that is under way: a form that is drawn meanwhile has it too, so the answer is saved once
 * @type {Map<string, string>} */
const underWay = new Map();
let hasArrived = false; // whether the answer of the conversation that is shown arrived: the next one needs a new name
let isChosen = false; // whether somebody pressed for the conversation that is drawn next
let requests = 0, latest = 0; // an answer that was asked for before the one shown comes too late

/** Start. */
export function keepWriting() {
  document.addEventListener("submit", send);
  document.addEventListener("input", ({ target }) => {
    if (target.id === "text") sessionStorage.setItem(KEPT + thread().dataset.chat, target.value);
  });
  document.addEventListener("click", (event) => {
    const tab = event.target.closest("a[data-talk]");
    if (!tab || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    choose(tab.dataset.talk);
    refresh("main", "queue", "guide");
  });
  setInterval(() => { if (answer()) readThread(); }, LOOK);
}

/** Show another conversation as soon as the parts are drawn, with the cursor in its answer. @param {string} chat its id */
export function choose(chat) {
  showTalk(chat);
  isChosen = true;
}

/** The parts of the console were drawn. The cursor goes into the answer of a conversation that was not shown before, unless
 * somebody types elsewhere. */
export function writingDrawn() {
  const shown = thread();
  forgetWhatIsOver();
  if (!shown || shown.hasAttribute("data-kept")) return;
  shown.dataset.kept = "";
  showTalk(shown.dataset.chat);
  hasArrived = false;
  const form = answer(), { chat } = shown.dataset;
  if (form) form.elements.text.value ||= sessionStorage.getItem(KEPT + chat) ?? "";
  if (form && underWay.has(chat)) form.elements.name.value = underWay.get(chat);
  toTheEnd();
  if (form?.closest(".in-writing") && (isChosen || !writesNow())) form.elements.text.focus();
  isChosen = false;
}

/** Send an answer. It belongs to its conversation, also if another is shown before it has arrived. @param {SubmitEvent} event */
async function send(event) {
  const form = event.target;
  if (form.id !== "answer") return;
  event.preventDefault();
  const { chat } = thread().dataset, field = form.elements.text, sent = field.value;
  underWay.set(chat, form.elements.name.value);
  if (!(await post(form.action, new URLSearchParams(new FormData(form))))) return;
  underWay.delete(chat);
  if (sessionStorage.getItem(KEPT + chat) === sent) sessionStorage.removeItem(KEPT + chat);
  if (thread()?.dataset.chat !== chat) return;
  const now = answer()?.elements.text; // drawn anew, if another conversation was shown meanwhile
  if (now?.value === sent) now.value = "";
  if (field.isConnected) field.focus();
  hasArrived = true;
  readThread();
}

/** Fetch what was written. @param {string} [about] the chat of a notification: nothing is fetched if another is shown */
export async function readThread(about = "") {
  const place = thread();
  if (!place?.dataset.thread || (about && about !== place.dataset.chat)) return;
  const turn = ++requests;
  let html;
  try {
    const response = await fetch(place.dataset.thread, { redirect: "manual" });
    if (response.status !== 200) return;
    html = await response.text();
  } catch {
    return; // the live stream says that there is no network
  }
  if (turn < latest || !place.isConnected) return;
  latest = turn;
  const now = new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
  const [before, after] = [place, now].map((part) => part.querySelectorAll(".talk-lines > li").length);
  if (hasArrived && answer()) answer().elements.name.value = now.dataset.name;
  hasArrived = false;
  const wasAtEnd = place.scrollHeight - place.scrollTop - place.clientHeight < 2; // px
  place.replaceChildren(now);
  forgetWhatIsOver();
  if (after > before || wasAtEnd) toTheEnd();
}

/** A conversation that has ended, or that the operator has no more: nothing typed in it stays in this browser. The queue lists
 * all of the operator's, the tabs what was taken a moment ago. */
function forgetWhatIsOver() {
  const listed = [...document.querySelectorAll("[data-part=queue] a[data-talk], .talks a[data-talk]")];
  const [over, open] = [true, false].map((is) => listed.filter((it) => it.hasAttribute("data-over") === is).map((it) => it.dataset.talk));
  for (const key of Object.keys(sessionStorage)) {
    const chat = key.slice(KEPT.length);
    if (key.startsWith(KEPT) && (over.includes(chat) || !open.includes(chat))) sessionStorage.removeItem(key);
  }
}

function toTheEnd() {
  thread().scrollTop = thread().scrollHeight;
}
