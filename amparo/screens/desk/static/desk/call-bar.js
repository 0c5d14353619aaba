/** The call bar on every page but the console: who, how long, hold, danger, end. A console carries the audio. If no
 * console of this browser does, for instance because an address was typed there, this page opens a console with
 * itself beside it. */

import { follow } from "/static/core/shared_stream.js";

import { ask } from "./asking.js";
import { listen, showArmed } from "./keys.js";

const WHERE = "/console/call";
const LOOK = 700; // ms between two checks for a console with audio, because one may be reloading
const LOCK = "amparo-talk"; // talk.js

/** @type {HTMLElement | null} */
let bar = null;
let isTyped = false; // something typed on this page would be lost
let isSeeking = false;

if (window === top) {
  document.addEventListener("input", () => { isTyped = true; });
  document.addEventListener("amparo:note", read);
  document.addEventListener("submit", press);
  follow(["call", "queue"], (note) => { if (note) read(); });
}

let requests = 0, shown = 0; // an answer that was asked for before the one shown comes too late

async function read() {
  const turn = ++requests;
  const answer = await fetch(WHERE, { redirect: "manual" }).catch(() => null);
  const text = answer?.status === 200 ? await answer.text() : "";
  if (turn < shown || (answer?.status !== 200 && answer?.status !== 204)) return;
  shown = turn;
  if (answer.status === 204) {
    bar?.remove();
    bar = null;
  } else show(text);
}

/** @param {string} html */
async function show(html) {
  const next = new DOMParser().parseFromString(html, "text/html").querySelector(".call-bar");
  if (bar) bar.querySelector(".bar").replaceWith(next.querySelector(".bar"));
  else {
    bar = next;
    // a chat page has its own
    for (const part of bar.querySelectorAll("[id]")) if (document.getElementById(part.id)) part.remove();
    for (const [name, value] of Object.entries(bar.dataset)) document.body.dataset[name] ??= value;
    document.body.append(bar);
    await start();
  }
  leaveKeys();
  showArmed();
  clock.tick();
  seek();
}

let clock = { startClocks() {}, tick() {} };
let isStarted = false;

/** Runs once, for the first call. */
async function start() {
  if (isStarted) return;
  isStarted = true;
  clock = await import("./clock.js"); // imported now, because it reads the time that came with the bar
  clock.startClocks();
  listen({});
}

/** A key that this page already uses keeps its meaning. */
function leaveKeys() {
  for (const each of bar.querySelectorAll("[data-key]")) {
    if (document.querySelector(`[data-key="${each.dataset.key}"]`) !== each) each.querySelector("kbd")?.remove();
  }
}

/** @param {SubmitEvent} event */
async function press(event) {
  if (event.target.id !== "desk" || !event.submitter || !bar?.contains(event.submitter)) return;
  event.preventDefault();
  if (await ask(event.submitter)) read();
}

/** Open a console if none has the audio. If something was typed here, only say so in the bar. */
async function seek() {
  if (isSeeking || !bar?.querySelector("[data-by-browser]")) return;
  isSeeking = true;
  if (await staysNowhere()) {
    if (isTyped) bar.querySelector(".no-voice").hidden = false;
    else location.replace(`/console#beside=${encodeURIComponent(location.pathname + location.search)}`);
  }
  isSeeking = false;
}

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

/** Whether two looks find no console with the audio. */
async function staysNowhere() {
  if (!(await isNowhere())) return false;
  await wait(LOOK);
  return isNowhere();
}

/** Whether no console of this browser has the audio or waits for it. */
async function isNowhere() {
  const { held, pending } = await navigator.locks.query();
  return ![...held, ...pending].some(({ name }) => name === LOCK);
}
