/** A quiet sound while somebody waits for long, where the page says so: on the console of who talks with nobody. One console
 * of a browser sounds. A browser allows it after the page was touched. */

import { alone } from "../core/shared_stream.js";
import { repeat } from "./danger.js";

const LOOK = 500; // ms
const REMINDER = { every: 6, tones: [[0, 523], [0.28, 523]], length: 0.22, loudness: 0.25 };

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
  playing = repeat(audio, REMINDER);
}
