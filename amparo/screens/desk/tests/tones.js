/** For the tests: the microphone is a steady tone of `window.ownTone` hertz, and `hears(hz)` says whether another's tone arrives. */
navigator.mediaDevices.getUserMedia = async () => {
  const context = new AudioContext();
  const out = context.createMediaStreamDestination();
  const tone = new OscillatorNode(context, { frequency: window.ownTone });
  tone.connect(new GainNode(context, { gain: 0.4 })).connect(out);
  tone.start();
  return out.stream;
};

const ears = [];
const Silent = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Silent {
  constructor(...all) {
    super(...all);
    this.addEventListener("track", (event) => {
      const context = new AudioContext();
      const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });
      context.createMediaStreamSource(event.streams[0] ?? new MediaStream([event.track])).connect(analyser);
      ears.push({ connection: this, analyser });
    });
  }
};

/** Whether this tone is heard now: louder than -60 dB, and 20 dB above the median level. */
window.hears = (hz) => ears.some(({ connection, analyser }) => {
  if (connection.connectionState !== "connected") return false;
  const levels = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(levels);
  const at = Math.round((hz * analyser.fftSize) / analyser.context.sampleRate);
  const peak = Math.max(...levels.slice(at - 2, at + 3));
  const middle = [...levels.slice(0, Math.round((3400 * analyser.fftSize) / analyser.context.sampleRate))].sort((a, b) => a - b);
  return peak > -60 && peak > middle[Math.floor(middle.length / 2)] + 20;
});
