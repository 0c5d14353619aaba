/**
 * Danger in a call, over every page: shown in each, heard from one. The pages of a browser share one live stream, and
 * it stays open where nobody sees them. The sound is made here; a browser allows it once the page was touched.
 */

const RETRY = 2000; // ms, where the browser gives up by itself
const LOOP = 2.5; // seconds from one alarm to the next
const TONES = [[0, 880], [0.22, 660], [0.44, 880]]; // seconds, hertz
const TONE = 0.18; // seconds
const LOUDNESS = 0.4;

const pages = new BroadcastChannel("amparo-danger"); // all pages of this browser
const audio = new AudioContext();

let drawn = "";
let takesTurn = false;
let isHeard = false; // this page is the one that sounds
/** @type {AudioBufferSourceNode | null} */
let alarm = null;

if (self === top) begin(); // a page in a frame is beside one that shows it

function begin() {
  pages.onmessage = refresh;
  refresh();
  alone("amparo-danger-stream", follow);
  audio.onstatechange = showSound;
  for (const name of ["pointerdown", "keydown"]) addEventListener(name, () => audio.resume(), { capture: true, passive: true });
  showSound();

  document.addEventListener("submit", (event) => {
    if (!event.target.closest(".danger-bar")) return;
    event.preventDefault();
    acknowledge(event.target);
  });

  // The console's own table of keys presses the button; elsewhere this does.
  document.addEventListener("keydown", (event) => {
    const button = document.querySelector('.danger-bar [data-key="seen"]');
    if (!button || document.querySelector('#keys [data-name="seen"]')) return;
    if (event.code !== "KeyG" || !event.altKey || event.ctrlKey || event.metaKey || event.repeat) return;
    event.preventDefault();
    button.click();
  });
}

/** One page at a time of all of this browser. @param {string} name @param {() => Promise<void>} work never ends */
function alone(name, work) {
  if (navigator.locks) navigator.locks.request(name, work);
  else work();
}

/** Hear of it for all pages. */
function follow() {
  const stream = new EventSource("/live/danger");
  stream.onopen = tell; // what changed while nobody listened
  stream.addEventListener("note", tell);
  stream.onerror = () => {
    if (stream.readyState === EventSource.CLOSED) setTimeout(follow, RETRY);
  };
  return new Promise(() => {});
}

function tell() {
  pages.postMessage("");
  refresh();
}

/** Draw what this person is told now. */
async function refresh() {
  showSound(); // the button may be a new one
  const bar = document.querySelector("[data-danger]");
  const answer = bar && await fetch(bar.dataset.danger, { redirect: "manual" }).catch(() => null);
  if (answer?.status !== 200 && answer?.status !== 204) return; // away: what sounds goes on
  const text = answer.status === 200 ? await answer.text() : "";
  const same = (html) => html.replace(/value="[^"]{64}"/, ""); // the token of the form is another each time
  if (same(text) !== same(drawn) || (text && !bar.hasChildNodes())) {
    const wasIn = bar.contains(document.activeElement);
    bar.innerHTML = text;
    drawn = text;
    if (wasIn) bar.querySelector("button")?.focus();
  }
  sound();
}

/** @param {HTMLFormElement} form */
async function acknowledge(form) {
  const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual" }).catch(() => null);
  if (answer?.ok) tell();
}

/** Start or end the alarm, as the page says. */
function sound() {
  const wanted = isHeard && document.querySelector(".danger-bar [data-sounds]") !== null;
  if (wanted === Boolean(alarm)) return;
  if (!wanted) {
    alarm.stop();
    alarm = null;
    return;
  }
  alarm = new AudioBufferSourceNode(audio, { buffer: tones(), loop: true });
  alarm.connect(audio.destination);
  alarm.start();
}

function tones() {
  const rate = audio.sampleRate;
  const buffer = audio.createBuffer(1, LOOP * rate, rate);
  const samples = buffer.getChannelData(0);
  for (const [at, hertz] of TONES) {
    for (let n = 0; n < TONE * rate; n++) {
      const swell = Math.sin((Math.PI * n) / (TONE * rate)); // no click at either end
      samples[Math.round(at * rate) + n] = LOUDNESS * swell * Math.sin((2 * Math.PI * hertz * n) / rate);
    }
  }
  return buffer;
}

/** Say so where the browser does not allow sound; once it does, take a turn at being the page that sounds. */
function showSound() {
  const allowed = audio.state === "running";
  for (const button of document.querySelectorAll("[data-silent]")) button.hidden = allowed;
  if (!allowed || takesTurn) return;
  takesTurn = true;
  alone("amparo-danger-sound", () => {
    isHeard = true;
    sound();
    return new Promise(() => {}); // until the page is gone
  });
}
