/** Records by the microphone, and turns whatever sound was recorded or chosen into what a telephone plays: WAV, one channel, 8,000
 * samples a second, 16 bits. It is sent only when the form is saved. Without this script, a file must be so already. */

const RATE = 8000;

for (const form of document.querySelectorAll(".recordings details form")) {
  const file = form.querySelector("[type=file]"), button = form.querySelector(".microphone");
  const preview = form.querySelector("audio"), status = form.querySelector("[role=status]");
  let recorder = null;

  button.hidden = !navigator.mediaDevices;
  button.addEventListener("click", async () => {
    if (recorder) {
      recorder.stop();
      return;
    }
    let microphone;
    try {
      microphone = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch {
      status.textContent = form.dataset.refused;
      return;
    }
    const pieces = [];
    recorder = new MediaRecorder(microphone);
    recorder.addEventListener("dataavailable", (event) => pieces.push(event.data));
    recorder.addEventListener("stop", () => {
      for (const track of microphone.getTracks()) track.stop();
      recorder = null;
      button.textContent = form.dataset.begin;
      choose(new Blob(pieces));
    });
    recorder.start();
    button.textContent = form.dataset.stop;
    status.textContent = "";
  });
  file.addEventListener("change", () => file.files[0] && choose(file.files[0]));

  /** @param {Blob} sound */
  async function choose(sound) {
    try {
      const wav = new File([await asWav(await sound.arrayBuffer())], "recording.wav", { type: "audio/wav" });
      const chosen = new DataTransfer();
      chosen.items.add(wav);
      file.files = chosen.files;
      preview.src = URL.createObjectURL(wav);
      preview.hidden = false;
      status.textContent = form.dataset.ready;
    } catch {
      file.value = "";
      preview.hidden = true;
      status.textContent = form.dataset.unreadable;
    }
  }
}

/** @param {ArrayBuffer} bytes */
async function asWav(bytes) {
  const sound = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(bytes); // in our rate already
  const channels = Array.from({ length: sound.numberOfChannels }, (_, number) => sound.getChannelData(number));
  const wav = new DataView(new ArrayBuffer(44 + sound.length * 2));
  const write = (place, words) => [...words].forEach((letter, nth) => wav.setUint8(place + nth, letter.charCodeAt(0)));
  write(0, "RIFF");
  wav.setUint32(4, 36 + sound.length * 2, true);
  write(8, "WAVEfmt ");
  wav.setUint32(16, 16, true);
  wav.setUint16(20, 1, true); // linear
  wav.setUint16(22, 1, true); // channel
  wav.setUint32(24, RATE, true);
  wav.setUint32(28, RATE * 2, true); // bytes a second
  wav.setUint16(32, 2, true); // bytes a sample
  wav.setUint16(34, 16, true); // bits a sample
  write(36, "data");
  wav.setUint32(40, sound.length * 2, true);
  for (let place = 0; place < sound.length; place++) {
    const mean = channels.reduce((sum, channel) => sum + channel[place], 0) / channels.length;
    wav.setInt16(44 + place * 2, Math.round(Math.max(-1, Math.min(1, mean)) * 32767), true);
  }
  return wav.buffer;
}
