/** Tells, on the clock of the sound, when a sound begins: after 0.2 s of quiet, the first sample above 0.1. */

class Onsets extends AudioWorkletProcessor {
  constructor() {
    super();
    this.quietSince = 0;
  }

  /** @param {Float32Array[][]} inputs */
  process(inputs) {
    const samples = inputs[0][0] ?? [];
    for (let at = 0; at < samples.length; at++) {
      if (Math.abs(samples[at]) < 0.1) continue;
      const time = currentTime + at / sampleRate;
      if (time - this.quietSince > 0.2) this.port.postMessage(time);
      this.quietSince = time;
    }
    return true;
  }
}

registerProcessor("onsets", Onsets);
