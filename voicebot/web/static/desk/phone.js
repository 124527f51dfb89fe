/** The agent's headset: one call at a time, over the softphone; hold and conference are done by the server. */

import { Softphone, prepare, release } from "../phone/softphone.js";

const DEVICE = "voicebot.desk.microphone";
const SPEAKER = "voicebot.desk.speaker";
const CHECKED = "voicebot.desk.checked";

/** @param {string} name */
function kept(name) {
  try {
    return localStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

/** @param {string} name @param {string} value */
function keep(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Forbidden storage: chosen again next time.
  }
}

/** Whether the microphone is allowed already: nobody is asked while a customer waits to be offered. */
async function allowed() {
  try {
    return (await navigator.permissions.query({ name: /** @type {PermissionName} */ ("microphone") })).state === "granted";
  } catch {
    return false;
  }
}

export class Headset extends EventTarget {
  constructor() {
    super();
    /** @type {Softphone | null} */
    this.phone = null;
    /** Made ready for the call that is offered. @type {Promise<import("../phone/softphone.js").Line | null> | null} */
    this.line = null;
    /** What the call is about: a contact or a conversation under supervision. */
    this.subject = "";
    this.role = "lead";
    /** @type {string} */
    this.state = "idle";
    this.reason = "";
    this.muted = false;
    this.onHold = false;
    /** Neither recorded nor written down. */
    this.paused = false;
    /** @type {{agent: string, name: string, role: string, muted: boolean}[]} */
    this.parties = [];
    /** @type {"good" | "fair" | "poor" | ""} */
    this.quality = "";
    /** @type {any} */
    this.stats = null;
    /** Words still being recognised, by who says them. @type {Map<string, string>} */
    this.interim = new Map();
    this.level = { mic: 0, far: 0 };
    this.microphone = kept(DEVICE);
    this.speaker = kept(SPEAKER);
  }

  get talking() {
    return this.state === "talking" || this.state === "reconnecting";
  }

  get busy() {
    return this.talking || this.state === "asking" || this.state === "connecting";
  }

  /** Whether the microphone was tried since this tab was opened. */
  get checked() {
    try {
      return sessionStorage.getItem(CHECKED) === "yes";
    } catch {
      return true;
    }
  }

  markChecked() {
    try {
      sessionStorage.setItem(CHECKED, "yes");
    } catch {
      // Forbidden storage: nobody is reminded.
    }
    this.changed();
  }

  /** @param {string} microphone @param {string} speaker */
  choose(microphone, speaker) {
    this.microphone = microphone;
    this.speaker = speaker;
    keep(DEVICE, microphone);
    keep(SPEAKER, speaker);
    if (this.line) {
      this.unprepare();
      this.prepare();
    }
    if (this.talking && microphone) this.phone?.useMicrophone(microphone).catch(() => this.changed());
    if (this.talking && speaker) this.phone?.useSpeaker(speaker).catch(() => this.changed());
  }

  /** A call is offered: have microphone and connection ready, so that its acceptance is heard at once. */
  prepare() {
    if (this.line || this.busy) return;
    this.line = allowed()
      .then((may) => (may ? prepare(this.microphone || undefined) : null))
      .catch(() => null);
  }

  /** No call is offered any more. */
  unprepare() {
    this.line?.then(release);
    this.line = null;
  }

  /**
   * Join a call. Resolves when the exchange is done; what happens is told by "change".
   * @param {string} subject
   * @param {string} role
   * @param {(sdp: string) => Promise<string>} exchange
   */
  async join(subject, role, exchange) {
    if (this.busy) this.hangUp();
    this.subject = subject;
    this.role = role;
    this.muted = false;
    this.onHold = false;
    this.paused = false;
    this.parties = [];
    this.quality = "";
    this.interim.clear();
    const phone = new Softphone({
      exchange,
      onState: (state, detail) => {
        if (phone !== this.phone) return;
        this.state = state;
        this.reason = detail.reason ?? "";
        this.changed();
        if (state === "ended" || state === "failed") this.dispatchEvent(new CustomEvent("over", { detail: { subject, state, reason: this.reason, error: detail.error } }));
      },
      onCaption: (caption) => {
        if (caption.final) this.interim.delete(caption.from);
        else this.interim.set(caption.from, caption.text);
        this.changed();
      },
      onStats: (stats) => {
        this.stats = stats;
        const quality = judge(stats);
        if (quality !== this.quality) {
          this.quality = quality;
          this.changed();
        }
      },
    });
    this.phone = phone;
    const line = this.line ?? undefined;
    this.line = null;
    await phone.start({ line, deviceId: this.microphone || undefined, speakerId: this.speaker || undefined });
    if (role === "listener") this.mute(true);
  }

  /** @param {boolean} on */
  mute(on) {
    this.muted = on;
    this.phone?.mute(on);
    this.changed();
  }

  hangUp() {
    const phone = this.phone;
    this.phone = null;
    phone?.hangUp();
    this.state = "idle";
    this.subject = "";
    this.changed();
  }

  changed() {
    this.dispatchEvent(new CustomEvent("change"));
  }
}

/** How a call sounds, by what is known to be heard: loss and delay. @param {any} stats */
export function judge(stats) {
  const loss = Math.max(stats.lostInPercent ?? 0, stats.lostOutPercent ?? 0);
  const delay = (stats.rttMs ?? 0) / 2 + (stats.bufferMs ?? 0);
  if (loss > 5 || delay > 400) return "poor";
  return loss > 1.5 || delay > 200 ? "fair" : "good";
}

/** The microphone while nobody is called: asks for it once and tells how loud it hears. */
export class MicrophoneCheck {
  /** @param {(level: number) => void} onLevel */
  constructor(onLevel) {
    this.onLevel = onLevel;
    /** @type {MediaStream | null} */
    this.stream = null;
    /** @type {AudioContext | null} */
    this.context = null;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.timer = undefined;
  }

  /** @param {string} deviceId @returns {Promise<string>} empty, or why not: insecure, denied, no_microphone, microphone_busy */
  async start(deviceId) {
    this.stop();
    if (!window.isSecureContext || !navigator.mediaDevices) return "insecure";
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ audio: deviceId ? { deviceId: { exact: deviceId } } : true });
    } catch (error) {
      const name = error instanceof DOMException ? error.name : "";
      if (name === "NotAllowedError" || name === "SecurityError") return "denied";
      return name === "NotFoundError" || name === "OverconstrainedError" ? "no_microphone" : "microphone_busy";
    }
    this.context = new AudioContext();
    const analyser = this.context.createAnalyser();
    analyser.fftSize = 1024;
    this.context.createMediaStreamSource(this.stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      this.onLevel(samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0));
    }, 100);
    return "";
  }

  stop() {
    clearInterval(this.timer);
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.context?.close();
    this.context = null;
  }
}
