/** Plays a moment. The sound is fetched and decoded here, so that the page's policy needs to allow no media address. */

export class Player {
  constructor() {
    /** @type {AudioContext | null} */
    this.context = null;
    /** @type {AudioBufferSourceNode | null} */
    this.source = null;
    /** Counts what was wanted: sound that is no longer wanted when it comes is not played. */
    this.wanted = 0;
  }

  /**
   * @param {string} address of a WAV
   * @param {() => void} over when it ended by itself
   * @returns {Promise<boolean | null>} whether it plays; null when something else is wanted by now
   */
  async play(address, over) {
    this.stop();
    const { wanted } = this;
    const answer = await fetch(address, { credentials: "same-origin" });
    if (wanted !== this.wanted) return null;
    if (!answer.ok) return false;
    this.context ??= new AudioContext();
    await this.context.resume();
    const sound = await this.context.decodeAudioData(await answer.arrayBuffer());
    if (wanted !== this.wanted) return null;
    this.source = this.context.createBufferSource();
    this.source.buffer = sound;
    this.source.connect(this.context.destination);
    this.source.onended = over;
    this.source.start();
    return true;
  }

  stop() {
    this.wanted += 1;
    if (!this.source) return;
    this.source.onended = null;
    this.source.stop();
    this.source = null;
  }
}
