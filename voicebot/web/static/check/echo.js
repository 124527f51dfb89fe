/** How long sound takes to the server and back: short tones go out, the moments they come back are measured. */

const EVERY_S = 0.8;
const LONGEST_S = 0.75;

export class EchoTest {
  /** @param {AudioContext} context */
  constructor(context) {
    this.context = context;
    this.destination = context.createMediaStreamDestination();
    /** @type {number[]} */
    this.sent = [];
    /** @type {number[]} */
    this.heard = [];
  }

  /** What is to be sent instead of the microphone. */
  get stream() {
    return this.destination.stream;
  }

  async start() {
    await this.context.audioWorklet.addModule(new URL("./onsets.js", import.meta.url).href);
    const gain = this.context.createGain();
    gain.gain.value = 0;
    const tone = this.context.createOscillator();
    tone.frequency.value = 1000;
    tone.connect(gain).connect(this.destination);
    tone.start();
    this.#watch(gain, this.sent);
    this.gain = gain;
    this.timer = setInterval(() => this.#beep(), EVERY_S * 1000);
  }

  /** @param {MediaStream} stream that comes back */
  listen(stream) {
    this.#watch(this.context.createMediaStreamSource(stream), this.heard);
  }

  stop() {
    clearInterval(this.timer);
  }

  /** Delays so far, milliseconds, shortest first. */
  get delays() {
    return this.sent
      .map((sent) => this.heard.find((heard) => heard > sent && heard - sent < LONGEST_S))
      .map((heard, place) => (heard === undefined ? null : Math.round((heard - this.sent[place]) * 1000)))
      .filter((delay) => delay !== null)
      .sort((a, b) => a - b);
  }

  #beep() {
    const now = this.context.currentTime + 0.02;
    this.gain?.gain.setValueAtTime(0.5, now);
    this.gain?.gain.setValueAtTime(0, now + 0.06);
  }

  /** @param {AudioNode} source @param {number[]} times */
  #watch(source, times) {
    const node = new AudioWorkletNode(this.context, "onsets");
    node.port.onmessage = (event) => times.push(event.data);
    source.connect(node).connect(this.context.destination);
  }
}
