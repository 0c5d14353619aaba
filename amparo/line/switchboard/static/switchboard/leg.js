/** A browser's leg of a call: the microphone out, the other side's sound in, and a channel for keys. */

const GATHER = 1500; // ms to wait for network candidates; the switchboard finds the rest by itself

/** The microphone, or an error named NotAllowedError, NotFoundError... */
export function microphone() {
  return navigator.mediaDevices.getUserMedia({
    audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
  });
}

export class Leg {
  /**
   * @param {MediaStream} microphone
   * @param {HTMLAudioElement} voice where the other side is heard
   */
  constructor(microphone, voice) {
    this.microphone = microphone;
    this.voice = voice;
    /** Called once, when the other side is gone. */
    this.onEnd = () => {};
    /** Called with the state of the call, where the switchboard tells it. @param {string} _state */
    this.onState = (_state) => {};
    this.onConnected = () => {};
    /** Called when nothing arrives from the other side any more: it may come back, or be gone. */
    this.onInterrupted = () => {};
    this.isOver = false;
    /** Whether the connection failed, instead of being closed by the other side. */
    this.hasFailed = false;
    this.peer = new RTCPeerConnection();
    for (const track of microphone.getAudioTracks()) this.peer.addTrack(track, microphone);
    this.keys = this.peer.createDataChannel("keys");
    this.keys.onmessage = (message) => this.onState(String(message.data));
    this.keys.onclose = () => this.#gone();
    this.peer.ontrack = (event) => { voice.srcObject = event.streams[0] ?? new MediaStream([event.track]); };
    this.peer.onconnectionstatechange = () => this.#follow();
  }

  /** The SDP offer, with the addresses at which this browser can be met. */
  async offer() {
    await this.peer.setLocalDescription(await this.peer.createOffer());
    await this.#gathered();
    return this.peer.localDescription.sdp;
  }

  /** @param {string} sdp */
  accept(sdp) {
    return this.peer.setRemoteDescription({ type: "answer", sdp });
  }

  /** @param {string} key one key of a telephone */
  press(key) {
    if (this.keys.readyState === "open") this.keys.send(key);
  }

  /** @param {boolean} on */
  mute(on) {
    for (const track of this.microphone.getAudioTracks()) track.enabled = !on;
  }

  /** Hang up; `onEnd` is not called. */
  close() {
    if (this.isOver) return;
    this.isOver = true;
    for (const track of this.microphone.getTracks()) track.stop();
    this.peer.close();
    this.voice.srcObject = null;
  }

  #follow() {
    if (this.peer.connectionState === "connected") this.onConnected();
    if (this.peer.connectionState === "disconnected") this.onInterrupted();
    this.hasFailed ||= this.peer.connectionState === "failed";
    if (["failed", "closed"].includes(this.peer.connectionState)) this.#gone();
  }

  #gone() {
    if (this.isOver) return;
    this.close();
    this.onEnd();
  }

  #gathered() {
    if (this.peer.iceGatheringState === "complete") return Promise.resolve();
    return new Promise((done) => {
      setTimeout(done, GATHER);
      this.peer.addEventListener("icegatheringstatechange", () => this.peer.iceGatheringState === "complete" && done());
    });
  }
}
