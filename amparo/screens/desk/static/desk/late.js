/** A quiet sound while somebody waits for long, where the page says so: on the console of who talks with nobody. One console
 * of a browser sounds. A browser allows it after the page was touched. */

import { alone } from "/static/core/shared_stream.js";

const LOOK = 500; // ms
const LOOP = 6; // seconds from one sound to the next
const TONES = [[0, 523], [0.28, 523]]; // seconds, hertz
const TONE = 0.22; // seconds
const LOUDNESS = 0.25;

const audio = new AudioContext();
/** @type {AudioBufferSourceNode | null} */
let playing = null;

for (const name of ["pointerdown", "keydown"]) addEventListener(name, () => audio.resume(), { capture: true, passive: true });
alone("amparo-late-sound", () => {
  setInterval(sound, LOOK);
  return new Promise(() => {}); // until the page is closed
});

function sound() {
  const isWanted = document.querySelector("[data-sounds-late][data-late]") !== null;
  if (isWanted === Boolean(playing)) return;
  if (!isWanted) {
    playing.stop();
    playing = null;
    return;
  }
  playing = new AudioBufferSourceNode(audio, { buffer: tones(), loop: true });
  playing.connect(audio.destination);
  playing.start();
}

function tones() {
  const rate = audio.sampleRate;
  const buffer = audio.createBuffer(1, LOOP * rate, rate);
  const samples = buffer.getChannelData(0);
  for (const [at, hertz] of TONES) {
    for (let n = 0; n < TONE * rate; n++) {
      const swell = Math.sin((Math.PI * n) / (TONE * rate)); // avoids a click at either end
      samples[Math.round(at * rate) + n] = LOUDNESS * swell * Math.sin((2 * Math.PI * hertz * n) / rate);
    }
  }
  return buffer;
}
