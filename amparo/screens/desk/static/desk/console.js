/** The console: connects the live stream, the parts of the page, the keys, the command search and the audio. */

import { keepConversation, keepEndings } from "../contacts/conversation.js";
import { startClocks, tick } from "./clock.js";
import * as beside from "./beside.js";
import { arrive, awaits, lead, writesNow } from "./cursor.js";
import { goBack, listen, showArmed } from "./keys.js";
import "./late.js";
import { follow } from "./live.js";
import { openPalette } from "../home/palette.js";
import { keepPanel, panelDrawn, rest } from "./panel.js";
import { refresh, showTalk, whenDrawn } from "./parts.js";
import { ask, notice, post } from "./asking.js";
import { choose, keepWriting, readThread, writingDrawn } from "./writing.js";
import { carries, carry, muted, mute, talk } from "./talk.js";

// the parts that each notification makes stale; all other notifications: everything
const ABOUT = { danger: ["main"], messages: ["queue"], chats: ["main", "queue"], chat: ["main", "queue"], ledger: ["queue"], contact: ["guide"] };

const AGAIN = 500; // ms until the console asks again for the page of its call

let catchesUp = false;
/** @type {string[]} */
let marked = []; // of the call: danger, silent
let shown = ""; // what the main part showed when it was last drawn

startClocks();
listen({ search: openPalette, notes: () => { beside.hide(); goBack(); }, console: beside.toggle, rests: rest });
keepPanel();
keepWriting();
beside.keep(carries);
follow();
whenDrawn(drawn);
drawn();
if (shown.startsWith("call ") && document.body.dataset.shown !== "beside") lead("notes"); // loaded anew in a call

document.addEventListener("amparo:note", (event) => {
  const [topic, about] = event.detail.split(" ");
  if (topic === "chat" || topic === "everything") readThread(about);
  refresh(...(ABOUT[topic] ?? ["main", "queue", "guide"]));
});

/** After a part was redrawn: keep drafts, let the audio follow the call on the page, show marks. */
function drawn() {
  tick(); // before this, a clock shows the time of its start
  for (const form of document.querySelectorAll("form[data-draft]:not([data-kept])")) {
    form.dataset.kept = "";
    keepConversation(form).then(() => { // words of an earlier load of the page are back in it
      form.dataset.kept = "all";
      arrive();
    });
    if (form.id === "wrap-up") keepEndings(form);
  }
  carry();
  showMute();
  showMarks();
  showArmed();
  panelDrawn();
  writingDrawn();
  followTheCall();
  arrive();
  catchUp();
}

/** The page of the call is not open yet: have it opened, and ask again until it is. */
async function catchUp() {
  const url = document.querySelector("[data-behind]")?.dataset.behind;
  if (!url || catchesUp) return;
  catchesUp = true;
  await post(url, "");
  refresh("main", "queue", "guide");
  setTimeout(() => { catchesUp = false; catchUp(); }, AGAIN);
}

/** When the caller hung up, move the cursor to the outcomes, unless somebody is typing. On a narrow screen the tab
 * makes room for them. */
function followTheCall() {
  const shows = document.querySelector("[data-shows]")?.dataset.shows ?? "";
  const isOver = /^(call|writing) /.test(shown) && shows.startsWith("wrap-up ");
  if (isOver && !writesNow()) lead("endings");
  if (isOver && awaits("endings")) rest();
  const begins = shown && shows.startsWith("call ") && !shown.startsWith("call "); // also by lifting a telephone
  if (begins && showTalk("")) refresh("main"); // nobody else's words stand above its notes
  if (shown && shows !== shown) document.dispatchEvent(new Event("amparo:contact"));
  shown = shows;
}

/** Each button of the form `desk`, or of a form that is a command, is one request; the page stays. */
document.addEventListener("submit", async (event) => {
  const button = event.submitter;
  if (!event.target.matches("#desk, [data-command]") || !button) return;
  event.preventDefault();
  if (button.dataset.key === "mute") return mute(button);
  if (button.hasAttribute("data-closes") && !(await close())) return;
  if (button.dataset.closes === "alone") return refresh("main", "queue", "guide");
  if (button.dataset.says) document.querySelector(button.dataset.says).hidden = false;
  if (button.dataset.key === "end") beside.hideIfDone();
  const leads = button.hasAttribute("data-writes") ? "notes" : button.dataset.key === "end" ? "endings" : "";
  if (leads === "notes") showTalk("");
  lead(leads, new URL(".", button.formAction).pathname); // of the call, without the verb
  const answer = button.hasAttribute("data-talks") && !talksByPhone() ? await talk(button.formAction) : await ask(button);
  if (!answer) return leads && lead("");
  button.closest("[popover]")?.hidePopover();
  if (button.dataset.talk) choose(button.dataset.talk);
  if (event.target.id !== "desk") event.target.reset();
  if (answer.status === 200 && !button.hasAttribute("data-talks")) showOnce(await answer.text());
  refresh("main", "queue", "guide");
});

/** Close the contact first; its own page says what is missing. Without an outcome the cursor goes to the outcomes. */
async function close() {
  const form = document.querySelector("#wrap-up");
  const isClosed = await post(form.action, new URLSearchParams(new FormData(form)));
  if (isClosed || form.querySelector(".endings :checked")) return isClosed;
  rest();
  lead("endings");
  arrive();
  return isClosed;
}

document.addEventListener("amparo:talks", showMute);

/** Show mute again: a redrawn call bar does not know that the microphone is muted. */
function showMute() {
  document.querySelector('[data-key="mute"]')?.setAttribute("aria-pressed", String(muted()));
}

/** Update the marks in the head of the conversation, which is not redrawn while somebody types below it. When danger or
 * silence is marked, the words to say fold: they leave their place to the notes. */
function showMarks() {
  const marks = document.querySelector("[data-marks]")?.dataset.marks.split(" ");
  if (!marks) return;
  for (const mark of document.querySelectorAll("[data-mark]")) mark.hidden = !marks.includes(mark.dataset.mark);
  const isNew = marks.some((mark) => mark && !marked.includes(mark));
  if (isNew) for (const words of document.querySelectorAll(".safety details[open]")) words.open = false;
  marked = marks;
}

function talksByPhone() {
  return document.querySelector("[data-device]")?.dataset.device === "phone";
}

/** Show the secret of a desk phone, once. @param {string} html */
function showOnce(html) {
  const place = document.querySelector("#device");
  if (place) place.outerHTML = html;
  notice("");
}
