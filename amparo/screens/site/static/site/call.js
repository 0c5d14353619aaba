/** Calling from the page, or from the page of a chat, which stays. Nothing is stored, and only this server is contacted. */

import { Leg, microphone } from "../switchboard/leg.js";
import { work } from "./work.js";

const STATES = ["waiting", "talking", "on_hold", "message", "cut"]; // as the switchboard sends them

const KNOWN = "known"; // sent when the switchboard took note of the key for danger
const KNOWN_FOR = 10_000; // ms

const LONGER = 60_000; // ms
const AWAY = 503; // the switchboard starts anew
const AGAIN_AFTER = 2000; // ms
const TRIES = 10;

const box = document.querySelector("#call");
const voice = box.querySelector("audio");
const known = box.querySelector(".known");
const secrets = document.querySelector("#write")?.elements; // of the chat that goes on by this call

/** @type {Leg | null} */
let leg = null;
let own = "", again = ""; // receipts of this call and of the last one, in this memory alone: after a fault of ours the
// next call comes first
let heard = ""; // the last state that the switchboard told
let forgetting = 0; // timer
let calls = 0; // calls begun or ended; anything that belongs to an older number stops

box.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.do === "call") call();
  if (button?.dataset.do === "end") end();
  if (button?.dataset.press) leg?.press(button.dataset.press);
});
for (const gone of ["leave", "pagehide"]) addEventListener(gone, () => leg?.close());

async function call() {
  show("connecting");
  const number = ++calls;
  const done = work(); // works while the person answers the browser's question about the microphone
  const stream = await microphone().catch(() => null);
  if (number !== calls) return stop(stream);
  if (!stream) return show("deaf");
  leg = new Leg(stream, voice);
  heard = "waiting";
  leg.onConnected = () => { again = own; show(heard); };
  leg.onInterrupted = () => heard !== "cut" && show("interrupted");
  leg.onState = (state) => {
    if (state === KNOWN) answerDanger();
    else if (state === "ended") end();
    else if (STATES.includes(state)) show(heard = state);
  };
  leg.onEnd = () => finish(leg.hasFailed);
  try {
    await leg.accept(await ask(await leg.offer(), await done));
  } catch {
    if (number !== calls) return;
    leg.close();
    show("away");
  }
}

/** The other side is gone: it told why, or the connection failed without a word. @param {boolean} hasFailed */
function finish(hasFailed) {
  if (box.dataset.state === "cut") return;
  if (!hasFailed) again = "";
  show(hasFailed ? "lost" : "ended");
}

/** @param {string} offer @param {object} done proof of work, or nothing @returns {Promise<string>} the switchboard's
 * SDP */
async function ask(offer, done) {
  const send = (found) => fetch("/call/offer", {
    method: "POST", credentials: "omit", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ offer, language: box.dataset.language, ...found, receipt: secrets?.receipt.value, mark: secrets?.mark.value, again }),
  });
  let answer = await send(done);
  const number = calls;
  for (let tries = 1; answer.status === AWAY && tries < TRIES && number === calls; tries++) {
    await new Promise((passed) => setTimeout(passed, AGAIN_AFTER));
    answer = await send(done);
  }
  if (answer.status === 429) answer = await send(await work(LONGER)); // many people call: more work is needed
  if (!answer.ok) throw new Error(String(answer.status));
  const { answer: sdp, receipt } = await answer.json();
  own = receipt;
  return sdp;
}

/** Release the microphone. @param {MediaStream | null} stream */
function stop(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** A fault may have cut the call of which nothing arrived: who ends it keeps the receipt. */
function end() {
  const mayBeCut = box.dataset.state === "interrupted";
  calls += 1;
  leg?.close();
  if (!mayBeCut) again = "";
  show(mayBeCut ? "lost" : "ended");
}

/** Say for some seconds that we know of the danger; nothing where the page is not looked at. */
function answerDanger() {
  clearTimeout(forgetting);
  if (document.hidden) return;
  known.replaceChildren(Object.assign(document.createElement("b"), { textContent: known.dataset.words }));
  forgetting = setTimeout(forget, KNOWN_FOR);
}

function forget() {
  known.textContent = "";
}

document.addEventListener("visibilitychange", forget);

/** @param {string} state */
function show(state) {
  box.dataset.state = state;
  if (["ended", "cut", "lost", "connecting"].includes(state)) forget();
}

box.querySelector("[data-do='call']").disabled = false; // before this, a press would be lost
show("idle");
