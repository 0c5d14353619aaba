/**
 * The operator's voice. Of all consoles of one browser only the one that holds the lock talks; when it is closed or
 * loaded anew, the next one that shows the call takes the lock and joins by itself, one in sight before one behind. The
 * switchboard keeps the caller in the conversation meanwhile, and on hold only if that takes more than a few seconds.
 */

import { Leg, microphone } from "/static/switchboard/leg.js";
import { notice, post } from "./asking.js";
import { draw as drawLevel, silence } from "./level.js";

export const LOCK = "amparo-talk";
const REJOIN = 1000; // ms
const BEHIND = 2000; // ms a tab that nobody sees lets the one go first that is being loaded anew

const voice = Object.assign(new Audio(), { autoplay: true });

/** @type {Leg | null} */
let leg = null;
let isMute = false;
let isShown = false; // whether the page has yet shown the call of this leg
let letGo = () => {};
let awaited = ""; // the call for which this tab waits for its turn, or that another browser has taken over

export const muted = () => isMute;

/** Whether the voice of a call lives in this page. */
export const carries = () => leg !== null;

/** Answer, join or call back: get the lock, then the microphone, then the call. @param {string} url */
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

/** Keep this tab's voice in step with the page: join the call that it shows, hang up when it shows none. */
export function carry() {
  const url = document.querySelector("[data-join]")?.dataset.join ?? "";
  if (!url) return isShown ? hangUp() : undefined;
  isShown = leg !== null;
  if (leg || awaited === url) return;
  awaited = url;
  take(url, document.hidden);
}

/** Join when the lock is free. @param {string} url @param {boolean} isBehind nobody saw this tab when it asked */
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
  const mine = new Leg(stream, voice);
  const answer = await post(url, JSON.stringify({ offer: await mine.offer() }), { "Content-Type": "application/json" });
  const { answer: sdp, muted: wasMute } = answer ? await answer.clone().json() : {};
  if (!sdp) {
    mine.close();
    return answer;
  }
  mine.onState = (state) => {
    if (state !== "elsewhere") return;
    awaited = document.querySelector("[data-join]")?.dataset.join ?? ""; // nor does this page take the call back by itself
    notice(document.body.dataset.elsewhere);
  };
  mine.onEnd = () => {
    document.dispatchEvent(new CustomEvent("amparo:note", { detail: "call" })); // has the call ended, or this connection?
    setTimeout(() => { hangUp(); carry(); }, REJOIN);
  };
  leg = mine;
  isMute = Boolean(wasMute);
  mine.mute(isMute);
  document.dispatchEvent(new CustomEvent("amparo:talks"));
  await mine.accept(sdp);
  drawLevel(mine.voice);
  return answer;
}

function hangUp() {
  leg?.close();
  leg = null;
  isMute = isShown = false;
  silence();
  letGo();
}

/** Until this tab hangs up; as long the lock is held. */
function ended() {
  return leg ? new Promise((done) => { letGo = done; }) : Promise.resolve();
}

/** Mute here at once, and in the switchboard. @param {HTMLButtonElement} button */
export async function mute(button) {
  const on = !isMute;
  leg?.mute(on);
  if (!(await post(button.formAction, new URLSearchParams({ on: on ? "1" : "0" })))) return leg?.mute(isMute);
  isMute = on;
  document.querySelector('[data-key="mute"]')?.setAttribute("aria-pressed", String(on));
}

addEventListener("pagehide", () => leg?.close());
