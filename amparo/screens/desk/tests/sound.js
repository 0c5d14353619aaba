/**
 * For the tests: the microphone is a steady tone, and what is heard is watched for gaps.
 * `heard.gap` is the longest run of silence so far in ms, `heard.loud` how often there was sound.
 */
window.heard = { gap: 0, loud: 0 };

navigator.mediaDevices.getUserMedia = async () => {
  const context = new AudioContext();
  const tone = new OscillatorNode(context, { frequency: 600 });
  const out = context.createMediaStreamDestination();
  tone.connect(new GainNode(context, { gain: 0.5 })).connect(out);
  tone.start();
  return out.stream;
};

const Plain = window.RTCPeerConnection;
window.voices = 0;
window.RTCPeerConnection = class extends Plain {
  constructor(...all) {
    super(...all);
    window.voices += 1;
    this.addEventListener("track", (event) => watch(event.streams[0] ?? new MediaStream([event.track])));
  }
};

function watch(stream) {
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 32768 }); // 0.7 s: more than a slow page leaves between two looks
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    let run = 0;
    for (const sample of samples) {
      run = Math.abs(sample) < 0.003 ? run + 1 : 0;
      window.heard.gap = Math.max(window.heard.gap, (run / context.sampleRate) * 1000);
    }
    if (run < samples.length) window.heard.loud += 1;
  }, 100);
}
