/** Plays a moment. The sound is fetched and decoded here, so that the page's policy needs to allow no media address. */

export class Player {
  constructor() {
    /** @type {AudioContext | null} */
    this.context = null;
    /** @type {AudioBufferSourceNode | null} */
    this.source = null;
  }

  /**
   * @param {string} address of a WAV
   * @param {() => void} over when it ended by itself
   * @returns {Promise<boolean>} whether it plays
   */
  async play(address, over) {
    this.stop();
    const answer = await fetch(address, { credentials: "same-origin" });
    if (!answer.ok) return false;
    this.context ??= new AudioContext();
    await this.context.resume();
    const sound = await this.context.decodeAudioData(await answer.arrayBuffer());
    this.source = this.context.createBufferSource();
    this.source.buffer = sound;
    this.source.connect(this.context.destination);
    this.source.onended = over;
    this.source.start();
    return true;
  }

  stop() {
    if (!this.source) return;
    this.source.onended = null;
    this.source.stop();
    this.source = null;
  }
}
