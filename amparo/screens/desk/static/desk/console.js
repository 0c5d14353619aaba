/** The console: wires the live stream, the parts of the page, the keys, the search and the voice together. */

import { keepConversation, keepEndings } from "/static/contacts/conversation.js";
import { startClocks, tick } from "./clock.js";
import * as beside from "./beside.js";
import { arrive, lead, writesNow } from "./cursor.js";
import { listen, press, showArmed } from "./keys.js";
import { follow } from "./live.js";
import { openPalette } from "./palette.js";
import { refresh, whenDrawn } from "./parts.js";
import { ask, notice, post } from "./asking.js";
import { carries, carry, muted, mute, talk } from "./talk.js";

const ABOUT = { messages: ["queue"], chats: ["queue"], chat: ["queue"], ledger: ["queue"], contact: ["guide"] }; // what a note makes stale; all other notes: everything

let shown = ""; // what the middle showed when it was last drawn

startClocks();
listen({ search: openPalette, notes: () => { beside.hide(); press("notes"); }, console: beside.toggle });
beside.keep(carries);
follow();
whenDrawn(drawn);
drawn();

document.addEventListener("amparo:note", (event) => {
  const topic = event.detail.split(" ")[0];
  refresh(...(ABOUT[topic] ?? ["main", "bar", "queue", "guide"]));
});

/** A part of the page is new: what is written in it is kept, the voice follows the call that it shows. */
function drawn() {
  tick(); // else the hour stands where a clock runs
  for (const form of document.querySelectorAll("form[data-draft]:not([data-kept])")) {
    form.dataset.kept = "";
    keepConversation(form);
    if (form.id === "wrap-up") keepEndings(form);
  }
  carry();
  showMute();
  showMarks();
  showArmed();
  followTheCall();
  arrive();
}

/** When the caller hung up, the cursor goes to the choices, but never away from somebody who is writing. */
function followTheCall() {
  const shows = document.querySelector("[data-shows]")?.dataset.shows ?? "";
  if (shown.startsWith("call ") && shows.startsWith("wrap-up ") && !writesNow()) lead("endings");
  shown = shows;
}

/** Every button of the form `desk` is one request; the page stays where it is. */
document.addEventListener("submit", async (event) => {
  const button = event.submitter;
  if (event.target.id !== "desk" || !button) return;
  event.preventDefault();
  if (button.dataset.key === "mute") return mute(button);
  if (button.hasAttribute("data-closes") && !(await close())) return;
  if (button.dataset.says) document.querySelector(button.dataset.says).hidden = false;
  if (button.dataset.key === "end") beside.hideIfDone();
  const leads = button.hasAttribute("data-talks") ? "notes" : button.dataset.key === "end" ? "endings" : "";
  lead(leads);
  const answer = button.hasAttribute("data-talks") && !talksByPhone() ? await talk(button.formAction) : await ask(button);
  if (!answer) return leads && lead("");
  button.closest("[popover]")?.hidePopover();
  if (answer.status === 200 && !button.hasAttribute("data-talks")) showOnce(await answer.text());
  refresh("main", "bar", "queue", "guide");
});

/** Close the contact before anything else; its own page says what is still missing. */
function close() {
  const form = document.querySelector("#wrap-up");
  return post(form.action, new URLSearchParams(new FormData(form)));
}

document.addEventListener("amparo:talks", showMute);

/** The call bar forgets that one is mute when it is drawn anew; the voice does not. */
function showMute() {
  document.querySelector('[data-key="mute"]')?.setAttribute("aria-pressed", String(muted()));
}

/** The head of the conversation is not drawn anew while somebody writes below it; its marks follow the call bar. */
function showMarks() {
  const marks = document.querySelector("[data-marks]")?.dataset.marks.split(" ");
  if (marks) for (const mark of document.querySelectorAll("[data-mark]")) mark.hidden = !marks.includes(mark.dataset.mark);
}

function talksByPhone() {
  return document.querySelector("[data-device]")?.dataset.device === "phone";
}

/** What is shown once and never again: the secret of a desk phone. @param {string} html */
function showOnce(html) {
  const place = document.querySelector("#device");
  if (place) place.outerHTML = html;
  notice("");
}
