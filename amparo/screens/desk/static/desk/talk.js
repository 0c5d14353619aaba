/** The operator's audio. Of all consoles in one browser, only the one with the lock has the audio. When it is closed
 * or reloaded, the next console that shows the call takes the lock and joins by itself; visible ones go first. The
 * switchboard keeps the caller in the conversation meanwhile, and puts the call on hold only if this takes more than
 * a few seconds. */

import { Leg, microphone } from "../switchboard/leg.js";
import { notice, post } from "./asking.js";
import { draw as drawLevel, silence } from "./level.js";

export const LOCK = "amparo-talk";
const REJOIN = 1000; // ms
const BEHIND = 2000; // ms that a hidden tab waits, so that a reloading console goes first

const voice = Object.assign(new Audio(), { autoplay: true });

/** @type {Leg | null} */
let leg = null;
let isMute = false;
let isShown = false; // whether the page has shown the call of this leg
/** @type {(value?: unknown) => void} */
let release = () => {};
let awaited = ""; // the call for which this tab waits, or which another browser has taken over

export const muted = () => isMute;

/** Whether this page carries the audio of a call. */
export const carries = () => leg !== null;

/** Answer, join or call back: take the lock, then the microphone, then the call. @param {string} url */
export function talk(url) {
  return new Promise((done) => {
    navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => {
      if (!lock) {
        notice(document.body.dataset.elsewhere);
        return done(null);
      }
      const answer = await connect(url);
      done(answer);
      if (answer) await ended();
    });
  });
}

/** Follow the page: join the call that it shows, hang up when it shows none. */
export function carry() {
  const url = document.querySelector("[data-join]")?.dataset.join ?? "";
  if (!url) {
    hideCut();
    return isShown ? hangUp() : undefined;
  }
  isShown = leg !== null;
  if (leg || awaited === url) return;
  awaited = url;
  take(url, document.hidden);
}

/** Join when the lock is free. @param {string} url @param {boolean} isBehind the tab was hidden when it asked */
function take(url, isBehind) {
  navigator.locks.request(LOCK, async () => {
    if (isBehind) return setTimeout(() => take(url, false), BEHIND);
    awaited = "";
    if (!leg && document.querySelector("[data-join]")?.dataset.join === url && (await connect(url))) await ended();
  });
}

/** @param {string} url @returns {Promise<Response | null>} */
async function connect(url) {
  const stream = await microphone().catch(() => null);
  if (!stream) {
    notice(document.body.dataset.microphone);
    return null;
  }
  const newLeg = new Leg(stream, voice);
  const answer = await post(url, JSON.stringify({ offer: await newLeg.offer() }), { "Content-Type": "application/json" });
  const { answer: sdp, muted: wasMute } = answer ? await answer.clone().json() : {};
  if (!sdp) {
    newLeg.close();
    return answer;
  }
  newLeg.onState = (state) => {
    if (state === "cut") showCut();
    if (state !== "elsewhere") return;
    // this page must not take the call back by itself either
    awaited = document.querySelector("[data-join]")?.dataset.join ?? "";
    notice(document.body.dataset.elsewhere);
  };
  newLeg.onEnd = () => {
    // asks whether the call ended, or only this connection
    document.dispatchEvent(new CustomEvent("amparo:note", { detail: "call" }));
    setTimeout(() => { hangUp(); carry(); }, REJOIN);
  };
  leg = newLeg;
  isMute = Boolean(wasMute);
  newLeg.mute(isMute);
  document.dispatchEvent(new CustomEvent("amparo:talks"));
  await newLeg.accept(sdp);
  drawLevel(newLeg.voice);
  return answer;
}

/** A fault of ours ends the call. Said at once: the server that would say it may be away. */
function showCut() {
  const cut = document.querySelector("#cut");
  const at = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hour12: false });
  cut.textContent = cut.dataset.words.replace("HH:MM", at);
  cut.hidden = false;
  document.querySelector("[data-part='bar']").inert = true; // no button of a call that is over
}

/** Once the page shows what came after the call, it says so itself. */
function hideCut() {
  document.querySelector("#cut").hidden = true;
  document.querySelector("[data-part='bar']").inert = false;
}

function hangUp() {
  leg?.close();
  leg = null;
  isMute = isShown = false;
  silence();
  release();
}

/** Resolves when this tab hangs up; the lock is held until then. */
function ended() {
  return leg ? new Promise((done) => { release = done; }) : Promise.resolve();
}

/** Mute here at once, and in the switchboard. @param {HTMLElement} button */
export async function mute(button) {
  const on = !isMute;
  leg?.mute(on);
  if (!(await post(button.formAction, new URLSearchParams({ on: on ? "1" : "0" })))) return leg?.mute(isMute);
  isMute = on;
  document.querySelector('[data-key="mute"]')?.setAttribute("aria-pressed", String(on));
}

addEventListener("pagehide", () => leg?.close());
