/** Danger alerts over every page: each page shows them, one page sounds. The sound is synthesised here; a browser allows
 * it after the page was touched. */

import { alone, follow } from "../core/shared_stream.js";

const AGAIN = 10_000; // ms; while something is shown, because the end of a call announces nothing here
const ALARM = { every: 2.5, tones: [[0, 880], [0.22, 660], [0.44, 880]], length: 0.18, loudness: 0.4 };
const TO_READ = 700; // ms; a press before that was meant for something else

const pages = new BroadcastChannel("amparo-danger"); // all pages of this browser
const audio = new AudioContext();

let drawn = "";
let requests = 0, shown = 0; // an answer that was asked for before the one shown comes too late
let readAt = 0; // ms; before that the button takes no press
let next = 0; // timer
let takesTurn = false;
let isHeard = false; // this page is the one that sounds
/** @type {AudioBufferSourceNode | null} */
let alarm = null;

if (self === top) begin(); // a page in a frame is beside one that shows the alerts

function begin() {
  pages.onmessage = refresh;
  follow(["danger"], (note) => {
    if (note) refresh();
    // a call on this page shows in its own head who is on it
    if (note.startsWith("danger")) document.dispatchEvent(new CustomEvent("amparo:note", { detail: note }));
  }, { evenHidden: true, isFresh: !document.querySelector("[data-danger][data-waits]") });
  document.addEventListener("amparo:contact", refresh); // the console shows another contact
  audio.onstatechange = showSound;
  for (const name of ["pointerdown", "keydown"]) addEventListener(name, () => audio.resume(), { capture: true, passive: true });
  showSound();

  document.addEventListener("submit", (event) => {
    if (!event.target.closest(".danger-bar")) return;
    event.preventDefault();
    acknowledge(/** @type {HTMLFormElement} */ (event.target), event.submitter);
  });

  // On the console, the table of keys presses the button; on other pages this does.
  document.addEventListener("keydown", (event) => {
    const button = document.querySelector('.danger-bar [data-key="seen"]');
    if (!button || document.querySelector('#keys [data-name="seen"]')) return;
    if (event.code !== "KeyG" || !event.altKey || event.ctrlKey || event.metaKey || event.repeat) return;
    event.preventDefault();
    button.click();
  });
}

function tell() {
  pages.postMessage("");
  refresh();
}

/** Draw the alerts of this user. */
async function refresh() {
  showSound(); // the button may be a new one
  const turn = ++requests;
  const bar = document.querySelector("[data-danger]");
  const answer = bar && await fetch(bar.dataset.danger + ofThisPage(), { redirect: "manual" }).catch(() => null);
  if (answer?.status !== 200 && answer?.status !== 204) return; // the server is away: a sounding alarm goes on
  const text = answer.status === 200 ? await answer.text() : "";
  if (turn < shown) return;
  shown = turn;
  const same = (html) => html.replace(/value="[^"]{64}"/, ""); // ignores the form's token, which differs each time
  if (same(text) !== same(drawn) || (text && !bar.hasChildNodes())) {
    const wasIn = bar.contains(document.activeElement), before = numbersIn(bar);
    bar.innerHTML = text;
    drawn = text;
    if (wasIn) (bar.querySelector("button") ?? document.querySelector("#main"))?.focus();
    if ([...numbersIn(bar)].some((number) => !before.has(number))) readAt = performance.now() + TO_READ;
    letRead(bar.querySelector("[data-key]"));
  }
  const waits = bar.querySelector("[data-key]") !== null;
  for (const line of document.querySelectorAll("[data-danger-waits]")) line.hidden = !waits; // on the lock
  clearTimeout(next);
  if (drawn) next = setTimeout(refresh, AGAIN);
  sound();
}

/** The contact that this page shows, whose answered alert stands here in words. @returns {string} */
function ofThisPage() {
  const contact = document.querySelector("form[data-contact]")?.dataset.contact;
  if (!contact) return "";
  return `?contact=${contact}${document.querySelector("[data-part=strips]") ? "&head" : ""}`;
}

/** The alerts that a press acknowledges. @param {HTMLElement} bar */
function numbersIn(bar) {
  return new Set([...bar.querySelectorAll('[name="alert"]')].map((field) => field.value));
}

/** A new alert takes no press at first: the hand may have been on its way to another. @param {HTMLButtonElement | null}
 * button */
function letRead(button) {
  const left = readAt - performance.now();
  if (!button || left <= 0) return;
  button.setAttribute("aria-disabled", "true"); // not `disabled`, which would lose the focus
  setTimeout(() => {
    button.removeAttribute("aria-disabled");
    letRead(button); // another alert came meanwhile
  }, left);
}

/** Acknowledge what sounds, or put away what was answered. @param {HTMLFormElement} form @param {HTMLElement | null} button */
async function acknowledge(form, button) {
  if (form.querySelector("[aria-disabled]")) return;
  const body = new URLSearchParams(new FormData(form, button));
  const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => null);
  if (answer?.ok) tell();
  else for (const words of form.querySelectorAll(".failed")) words.hidden = false;
}

/** Start or stop the alarm as the page says. */
function sound() {
  const wanted = isHeard && document.querySelector(".danger-bar [data-sounds]") !== null;
  if (wanted === Boolean(alarm)) return;
  if (!wanted) {
    alarm.stop();
    alarm = null;
    return;
  }
  alarm = repeat(audio, ALARM);
}

/** Play tones again and again, until the returned node is stopped. `tones`: pairs of seconds and hertz; `every` and
 * `length`, of a tone, are seconds; `loudness` is at most 1. @param {AudioContext} to
 * @param {{every: number, tones: number[][], length: number, loudness: number}} sound @returns {AudioBufferSourceNode} */
export function repeat(to, { every, tones, length, loudness }) {
  const rate = to.sampleRate;
  const buffer = to.createBuffer(1, every * rate, rate);
  const samples = buffer.getChannelData(0);
  for (const [at, hertz] of tones) {
    for (let n = 0; n < length * rate; n++) {
      const swell = Math.sin((Math.PI * n) / (length * rate)); // avoids a click at either end
      samples[Math.round(at * rate) + n] = loudness * swell * Math.sin((2 * Math.PI * hertz * n) / rate);
    }
  }
  const source = new AudioBufferSourceNode(to, { buffer, loop: true });
  source.connect(to.destination);
  source.start();
  return source;
}

/** Show a button if the browser does not allow sound yet. Once it does, queue to be the page that sounds. */
function showSound() {
  const allowed = audio.state === "running";
  for (const button of document.querySelectorAll("[data-silent]")) button.hidden = allowed;
  if (!allowed || takesTurn) return;
  takesTurn = true;
  alone("amparo-danger-sound", () => {
    isHeard = true;
    sound();
    return new Promise(() => {}); // until the page is closed
  });
}
