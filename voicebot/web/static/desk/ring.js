/** Two soft tones for an offer, made here so that no sound file is needed. */

const TONES = { voice: [659, 880], chat: [784, 988] };
const AGAIN_MS = 2400;

export class Ring {
  constructor() {
    /** @type {AudioContext | null} */
    this.context = null;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.timer = undefined;
    this.volume = 0.25;
    /** How often it has sounded; a page that may not sound yet counts too. */
    this.count = 0;
  }

  /** Browsers allow sound only after a gesture; call it from one. */
  allow() {
    if (!window.AudioContext) return;
    this.context ??= new AudioContext();
    if (this.context.state === "suspended") this.context.resume().catch(() => undefined);
  }

  get ringing() {
    return this.timer !== undefined;
  }

  /** @param {"voice" | "chat"} medium */
  start(medium) {
    if (this.ringing) return;
    this.sound(medium);
    this.timer = setInterval(() => this.sound(medium), AGAIN_MS);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** One short tone, as for a new message. */
  tick() {
    this.play([1175], 0.4);
  }

  /** @param {"voice" | "chat"} medium */
  sound(medium) {
    this.count += 1;
    const tones = TONES[medium] ?? TONES.chat;
    this.play(medium === "voice" ? [...tones, ...tones] : tones, 1);
  }

  /** @param {number[]} tones hertz, one after the other @param {number} loudness */
  play(tones, loudness) {
    const context = this.context;
    if (!context || context.state !== "running") return;
    tones.forEach((hertz, place) => {
      const from = context.currentTime + place * 0.22;
      const oscillator = context.createOscillator();
      const gain = context.createGain();
      oscillator.frequency.value = hertz;
      gain.gain.setValueAtTime(0, from);
      gain.gain.linearRampToValueAtTime(this.volume * loudness, from + 0.03);
      gain.gain.exponentialRampToValueAtTime(0.001, from + 0.2);
      oscillator.connect(gain).connect(context.destination);
      oscillator.start(from);
      oscillator.stop(from + 0.21);
    });
  }
}
