/** The level of the other side's sound, as nine bars. It shows that something is heard. */

const EVERY = 100; // ms
const HEIGHT = 28;

let timer = 0;
/** @type {AudioContext | null} */
let context = null;

/** @param {HTMLAudioElement} voice */
export async function draw(voice) {
  silence();
  if (!voice.srcObject) await new Promise((ready) => voice.addEventListener("loadedmetadata", ready, { once: true }));
  if (!voice.srcObject) return;
  context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 512 });
  context.createMediaStreamSource(/** @type {MediaStream} */ (voice.srcObject)).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const levels = new Array(9).fill(0);
  timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    levels.push(loudness(samples));
    levels.shift();
    show(levels);
  }, EVERY);
}

export function silence() {
  clearInterval(timer);
  context?.close();
  context = null;
}

/** From 0 for silence to 1 for a loud voice. @param {Float32Array} samples */
function loudness(samples) {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  return Math.min(1, Math.max(0, (10 * Math.log10(power + 1e-9) + 60) / 50));
}

/** @param {number[]} levels */
function show(levels) {
  document.querySelectorAll(".level rect").forEach((bar, index) => {
    const height = Math.max(4, levels[index] * HEIGHT);
    bar.setAttribute("height", String(height));
    bar.setAttribute("y", String((HEIGHT - height) / 2));
  });
}
