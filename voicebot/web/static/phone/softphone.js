/**
 * A telephone in the page: microphone, speaker and one peer connection whose description is exchanged by whoever
 * uses it. Knows no server and draws nothing.
 *
 *     const phone = new Softphone({
 *       exchange: async (sdp) => answerSdp,          // throw an Error, with .reason if the user is to be told more
 *       onState: (state, detail) => {},              // detail.reason says why, see Reason
 *       onCaption: (caption) => {},                  // {from, text, final, seq}
 *     });
 *     await phone.start({ deviceId });               // from a click, so that sound may play
 *     phone.mute(true); phone.press("5"); phone.hangUp();
 */

import { readStats } from "./stats.js";

/** @typedef {"idle" | "asking" | "connecting" | "talking" | "reconnecting" | "ended" | "failed"} PhoneState */
/**
 * Why a call did not come about or ended: insecure (page without https), no_microphone, denied, microphone_busy, server
 * (the exchange failed), ice (no way through the network), lost (the way broke), far_end (the other side hung up),
 * us (we hung up), or the `reason` of an error that `exchange` threw.
 * @typedef {string} Reason
 */
/** @typedef {{from: string, text: string, final: boolean, seq: number}} Caption */
/** @typedef {import("./stats.js").PhoneStats} PhoneStats */
/**
 * @typedef {object} PhoneOptions
 * @property {(sdp: string) => Promise<string>} exchange
 * @property {(state: PhoneState, detail: {reason?: Reason, error?: unknown}) => void} [onState]
 * @property {(caption: Caption) => void} [onCaption]
 * @property {(stats: PhoneStats) => void} [onStats] once a second while connected
 * @property {(level: {mic: number, far: number}) => void} [onLevel] ten times a second, 0 silence to 1 full scale
 * @property {(message: Record<string, any>) => void} [onMessage] every other message of the data channel
 * @property {RTCIceServer[] | (() => Promise<RTCIceServer[]>)} [iceServers]
 */

/** A connection with its offer made, not exchanged yet. @typedef {{stream: MediaStream, connection: RTCPeerConnection, channel: RTCDataChannel}} Line */

const GATHER_AT_MOST_MS = 2000;
const CONNECT_WITHIN_MS = 15_000;
const PING_EVERY_MS = 1000;
const LEVEL_EVERY_MS = 100;
/** What the microphone is asked for: the browser's own echo canceller, or the bot hears itself. */
const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };

export class Softphone {
  /** @param {PhoneOptions} options */
  constructor(options) {
    this.options = options;
    /** @type {PhoneState} */
    this.state = "idle";
    this.muted = false;
    /** @type {RTCPeerConnection | null} */
    this.connection = null;
    /** @type {RTCDataChannel | null} */
    this.channel = null;
    /** @type {AudioContext | null} */
    this.context = null;
    /** @type {MediaStream | null} what the microphone hears */
    this.microphone = null;
    /** @type {MediaStream | null} what the other side sends */
    this.far = null;
    /** @type {number | null} round trip of the data channel, ms */
    this.pingMs = null;
    this.speaker = new Audio();
    this.speaker.autoplay = true;
    this.timers = /** @type {ReturnType<typeof setInterval>[]} */ ([]);
  }

  /** Microphones and speakers; names are there once the microphone was allowed. */
  static async devices() {
    const all = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
    return {
      microphones: all.filter((device) => device.kind === "audioinput"),
      speakers: all.filter((device) => device.kind === "audiooutput"),
    };
  }

  /**
   * Ask for the microphone and call. Resolves when the exchange is done or the call has failed; never rejects, what
   * happens is told by `onState`. One call at a time; after "ended" or "failed" it may be started again.
   * @param {{deviceId?: string, speakerId?: string, stream?: MediaStream, line?: Promise<Line | null>}} [wanted]
   */
  async start(wanted = {}) {
    if (!["idle", "ended", "failed"].includes(this.state)) return;
    this.#enter("asking");
    const line = alive((await wanted.line) ?? null);
    const stream = line?.stream ?? wanted.stream ?? (await this.#listen(wanted.deviceId));
    if (!stream) return;
    if (this.state !== "asking") return line ? release(line) : stop(stream);
    this.microphone = stream;
    this.mute(this.muted);
    this.#enter("connecting");
    try {
      if (wanted.speakerId) await this.useSpeaker(wanted.speakerId);
      await this.#connect(line ?? (await lineOf(stream, this.options.iceServers)));
    } catch (error) {
      this.#over("failed", { reason: reasonOf(error), error });
    }
  }

  /** Send silence instead of the microphone. @param {boolean} on */
  mute(on) {
    this.muted = on;
    for (const track of this.microphone?.getAudioTracks() ?? []) track.enabled = !on;
  }

  /** Press keys: 0-9, A-D, * and #. @param {string} digits */
  press(digits) {
    for (const digit of digits) this.send({ type: "dtmf", digit });
  }

  /** Send a message; false when there is no channel to send it on. @param {Record<string, any>} message */
  send(message) {
    if (this.channel?.readyState !== "open") return false;
    this.channel.send(JSON.stringify(message));
    return true;
  }

  /** Speak into another microphone from now on. @param {string} deviceId */
  async useMicrophone(deviceId) {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: { ...SOUND, deviceId: { exact: deviceId } } });
    const sender = this.connection?.getSenders().find((one) => one.track?.kind === "audio");
    await sender?.replaceTrack(stream.getAudioTracks()[0]);
    stop(this.microphone);
    this.microphone = stream;
    this.mute(this.muted);
    this.#meter();
  }

  /** Hear the other side from another speaker; browsers that cannot choose keep their own. @param {string} deviceId */
  async useSpeaker(deviceId) {
    if ("setSinkId" in this.speaker) await this.speaker.setSinkId(deviceId);
  }

  /** End the call. */
  hangUp() {
    this.send({ type: "bye" });
    this.#over("ended", { reason: "us" });
  }

  /** What is known of the connection now; null when there is none. @returns {Promise<PhoneStats | null>} */
  async stats() {
    return this.connection ? readStats(this.connection, this.pingMs) : null;
  }

  /** @param {string | undefined} deviceId @returns {Promise<MediaStream | null>} */
  async #listen(deviceId) {
    if (!window.isSecureContext || !navigator.mediaDevices) {
      this.#over("failed", { reason: "insecure" });
      return null;
    }
    try {
      return await navigator.mediaDevices.getUserMedia({
        audio: deviceId ? { ...SOUND, deviceId: { exact: deviceId } } : SOUND,
      });
    } catch (error) {
      this.#over("failed", { reason: microphoneReason(error), error });
      return null;
    }
  }

  /** @param {Line} line */
  async #connect(line) {
    if (this.state !== "connecting") return release(line);
    const { connection } = line;
    this.connection = connection;
    this.#open(line.channel);
    connection.ontrack = (event) => this.#hear(event.streams[0] ?? new MediaStream([event.track]));
    connection.onconnectionstatechange = () => this.#changed(connection);
    await gathered(connection);
    const answer = await this.options.exchange(connection.localDescription?.sdp ?? "");
    if (this.connection !== connection) return;
    this.late = setTimeout(() => this.#over("failed", { reason: "ice" }), CONNECT_WITHIN_MS);
    await connection.setRemoteDescription({ type: "answer", sdp: answer });
  }

  /** @param {RTCDataChannel} channel */
  #open(channel) {
    this.channel = channel;
    channel.onclose = () => channel === this.channel && this.#over("ended", { reason: "far_end" });
    channel.onmessage = (event) => {
      const message = JSON.parse(event.data);
      if (message.type === "caption") this.options.onCaption?.(message);
      else if (message.type === "pong") this.pingMs = performance.now() - message.t;
      else if (message.type === "ended") this.#over("ended", { reason: "far_end" });
      else this.options.onMessage?.(message);
    };
  }

  /** @param {MediaStream} stream */
  #hear(stream) {
    this.far = stream;
    this.speaker.srcObject = stream;
    this.speaker.play().catch(() => this.options.onMessage?.({ type: "sound_blocked" }));
    this.#meter();
  }

  /** @param {RTCPeerConnection} connection */
  #changed(connection) {
    if (connection !== this.connection) return;
    switch (connection.connectionState) {
      case "connected":
        clearTimeout(this.late);
        this.#enter("talking");
        this.#tick();
        break;
      case "disconnected":
        if (this.state === "talking") this.#enter("reconnecting");
        break;
      case "failed":
        this.#over("failed", { reason: this.state === "connecting" ? "ice" : "lost" });
        break;
      case "closed":
        this.#over("ended", { reason: "far_end" });
    }
  }

  #tick() {
    if (this.timers.length) return;
    const ping = () => this.send({ type: "ping", t: performance.now() });
    const tell = async () => {
      const stats = await this.stats();
      if (stats && this.connection) this.options.onStats?.(stats);
    };
    ping();
    this.timers.push(setInterval(ping, PING_EVERY_MS), setInterval(tell, PING_EVERY_MS));
    this.leave ??= () => this.hangUp();
    window.addEventListener("pagehide", this.leave);
  }

  /** Show how loud both sides are, when somebody wants to know. */
  #meter() {
    const { onLevel } = this.options;
    if (!onLevel || !this.far || !this.microphone) return;
    clearInterval(this.metering);
    this.context ??= new AudioContext();
    const mic = meter(this.context, this.microphone);
    const far = meter(this.context, this.far);
    this.metering = setInterval(() => onLevel({ mic: mic(), far: far() }), LEVEL_EVERY_MS);
  }

  /** @param {PhoneState} state @param {{reason?: Reason, error?: unknown}} [detail] */
  #enter(state, detail = {}) {
    if (state === this.state) return;
    this.state = state;
    this.options.onState?.(state, detail);
  }

  /** @param {"ended" | "failed"} state @param {{reason?: Reason, error?: unknown}} detail */
  #over(state, detail) {
    if (["idle", "ended", "failed"].includes(this.state)) return;
    clearTimeout(this.late);
    clearInterval(this.metering);
    for (const timer of this.timers.splice(0)) clearInterval(timer);
    if (this.leave) window.removeEventListener("pagehide", this.leave);
    const { connection, context } = this;
    this.connection = this.channel = this.context = null;
    connection?.close();
    context?.close();
    stop(this.microphone);
    this.microphone = this.far = null;
    this.speaker.srcObject = null;
    this.pingMs = null;
    this.#enter(state, detail);
  }
}

/**
 * Microphone, connection and addresses ahead of a call, so that start() has only to exchange. Nothing is sent. Asks for
 * the microphone where the browser has not been told yet; rejects where there is none.
 * @param {string} [deviceId] @param {PhoneOptions["iceServers"]} [iceServers] @returns {Promise<Line>}
 */
export async function prepare(deviceId, iceServers) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: deviceId ? { ...SOUND, deviceId: { exact: deviceId } } : SOUND });
  try {
    return await lineOf(stream, iceServers);
  } catch (error) {
    stop(stream);
    throw error;
  }
}

/** What was prepared and is not needed. @param {Line | null} line */
export function release(line) {
  line?.connection.close();
  stop(line?.stream ?? null);
}

/** @param {MediaStream} stream @param {PhoneOptions["iceServers"]} iceServers @returns {Promise<Line>} */
async function lineOf(stream, iceServers) {
  const servers = typeof iceServers === "function" ? await iceServers() : (iceServers ?? []);
  const connection = new RTCPeerConnection({ iceServers: servers, bundlePolicy: "max-bundle" });
  for (const track of stream.getAudioTracks()) connection.addTrack(track, stream);
  const channel = connection.createDataChannel("captions");
  await connection.setLocalDescription(await connection.createOffer());
  return { stream, connection, channel };
}

/** A line that was prepared, if its microphone is still there. @param {Line | null} line */
function alive(line) {
  if (!line || line.stream.getAudioTracks().some((track) => track.readyState === "live")) return line;
  release(line);
  return null;
}

/** @param {MediaStream | null} stream */
function stop(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** Resolves when every address is known, or enough of them. @param {RTCPeerConnection} connection @returns {Promise<void>} */
function gathered(connection) {
  return new Promise((resolve) => {
    if (connection.iceGatheringState === "complete") return resolve();
    const late = setTimeout(resolve, GATHER_AT_MOST_MS);
    connection.addEventListener("icegatheringstatechange", () => {
      if (connection.iceGatheringState !== "complete") return;
      clearTimeout(late);
      resolve();
    });
  });
}

/** How loud a stream is: peak of the last moments. @param {AudioContext} context @param {MediaStream} stream */
function meter(context, stream) {
  const analyser = context.createAnalyser();
  analyser.fftSize = 2048;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  return () => {
    analyser.getFloatTimeDomainData(samples);
    return samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
  };
}

/** @param {unknown} error @returns {Reason} */
function reasonOf(error) {
  const reason = /** @type {{reason?: unknown}} */ (error ?? {}).reason;
  return typeof reason === "string" ? reason : "server";
}

/** @param {unknown} error @returns {Reason} */
function microphoneReason(error) {
  switch (error instanceof DOMException ? error.name : "") {
    case "NotAllowedError":
    case "SecurityError":
      return "denied";
    case "NotFoundError":
    case "OverconstrainedError":
      return "no_microphone";
    default:
      return "microphone_busy";
  }
}
