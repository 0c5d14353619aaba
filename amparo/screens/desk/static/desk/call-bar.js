/** The call bar on every page but the console: who, how long, hold, danger, end. A console carries the audio. If no
 * console of this browser does, for instance because an address was typed there, this page opens a console with
 * itself beside it. */

import { follow } from "../core/shared_stream.js";

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
  const isFresh = !document.querySelector("[data-in-call]"); // without a call there is nothing to draw
  follow(["call", "queue"], (note) => { if (note) read(); }, { isFresh });
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
    await load();
    if (bar !== next) return; // the call ended meanwhile
    document.body.append(bar);
    start();
  }
  if (!bar.isConnected) return; // it is still loading what it needs
  leaveKeys();
  keys.showArmed();
  clock.tick();
  seek();
}

// Loaded with the first call: most pages never see one, and the clock reads the time that comes with the bar.
let clock = { startClocks() {}, tick() {} };
let keys = { listen(_own) {}, showArmed() {} };
let isStarted = false;

async function load() {
  [clock, keys] = await Promise.all([import("./clock.js"), import("./keys.js")]);
}

/** Runs once, for the first call. */
function start() {
  if (isStarted) return;
  isStarted = true;
  clock.startClocks();
  keys.listen({});
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
  const { submitter } = event;
  event.preventDefault();
  const { ask } = await import("./asking.js");
  if (await ask(submitter)) read();
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
