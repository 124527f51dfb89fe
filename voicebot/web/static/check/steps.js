/** The steps of the check, in the order sound travels. Each tells what it found; none of them draws anything. */

import { Softphone } from "../phone/softphone.js";
import { EchoTest } from "./echo.js";

/** @typedef {{ok: boolean, detail?: string, advice?: string}} Finding `advice` names a text that says what to do */
/** @typedef {{name: string, run: (bench: Bench) => Promise<Finding>}} Step */

const TRY_MS = 8000;
const LISTEN_MS = 3000;
const TALK_MS = 6000;
const QUIET = 0.005;
const LOSS_PERCENT = 3;
const SLOW_MS = 400;

/** What the steps hand on to each other. */
export class Bench {
  constructor() {
    this.context = new AudioContext();
    /** @type {MediaStream | null} */
    this.microphone = null;
    /** @type {RTCIceServer[]} */
    this.iceServers = [];
    /** @type {Softphone | null} */
    this.phone = null;
    /** @type {EchoTest | null} */
    this.echo = null;
    /** @type {Record<string, any> | null} what the server says of our sound */
    this.server = null;
    /** @type {(level: number) => void} */
    this.onLevel = () => {};
  }

  close() {
    this.echo?.stop();
    this.phone?.hangUp();
    for (const track of this.microphone?.getTracks() ?? []) track.stop();
    this.context.close();
  }
}

/** @type {Step[]} */
export const steps = [
  { name: "secure", run: async () => (window.isSecureContext ? { ok: true, detail: location.protocol } : bad("insecure")) },
  { name: "http", run: http },
  { name: "websocket", run: websocket },
  { name: "microphone", run: microphone },
  { name: "level", run: level },
  { name: "gathering", run: gathering },
  { name: "connection", run: connection },
  { name: "path", run: path },
  { name: "echo", run: echo },
];

/** @param {string} advice @param {string} [detail] @returns {Finding} */
function bad(advice, detail) {
  return { ok: false, advice, detail };
}

/** @param {Bench} bench @returns {Promise<Finding>} */
async function http(bench) {
  const began = performance.now();
  try {
    const answer = await fetch("/api/call/check", { signal: AbortSignal.timeout(TRY_MS) });
    const took = `${Math.round(performance.now() - began)} ms`;
    if (!answer.ok) return bad("no_calls", `HTTP ${answer.status}`);
    const terms = await answer.json();
    bench.iceServers = terms.ice_servers;
    return terms.available ? { ok: true, detail: took } : bad("not_ready", took);
  } catch {
    return bad("server");
  }
}

/** @returns {Promise<Finding>} */
function websocket() {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/ws/check`);
    const began = performance.now();
    const over = (/** @type {Finding} */ finding) => {
      clearTimeout(late);
      socket.close();
      resolve(finding);
    };
    const late = setTimeout(() => over(bad("websocket")), TRY_MS);
    socket.onopen = () => socket.send("check");
    socket.onmessage = () => over({ ok: true, detail: `${Math.round(performance.now() - began)} ms` });
    socket.onerror = () => over(bad("websocket"));
  });
}

/** @param {Bench} bench @returns {Promise<Finding>} */
async function microphone(bench) {
  if (!navigator.mediaDevices) return bad("insecure");
  try {
    bench.microphone = await navigator.mediaDevices.getUserMedia({ audio: true });
    const { microphones } = await Softphone.devices();
    return { ok: true, detail: `${bench.microphone.getAudioTracks()[0].label} (${microphones.length})` };
  } catch (error) {
    const name = error instanceof DOMException ? error.name : "";
    const advice = name === "NotAllowedError" ? "denied" : name === "NotFoundError" ? "no_microphone" : "microphone_busy";
    return bad(advice, name);
  }
}

/** @param {Bench} bench @returns {Promise<Finding>} */
async function level(bench) {
  if (!bench.microphone) return bad("skipped");
  await bench.context.resume();
  const analyser = bench.context.createAnalyser();
  bench.context.createMediaStreamSource(bench.microphone).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let peak = 0;
  const until = performance.now() + LISTEN_MS;
  while (performance.now() < until) {
    await pause(50);
    analyser.getFloatTimeDomainData(samples);
    const now = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    peak = Math.max(peak, now);
    bench.onLevel(now);
  }
  bench.onLevel(0);
  const detail = peak > 0 ? `${Math.round(20 * Math.log10(peak))} dBFS` : "-∞ dBFS";
  return peak > QUIET ? { ok: true, detail } : bad("silent", detail);
}

/** @param {Bench} bench @returns {Promise<Finding>} */
async function gathering(bench) {
  const connection = new RTCPeerConnection({ iceServers: bench.iceServers });
  /** @type {Record<string, number>} */
  const found = {};
  connection.onicecandidate = ({ candidate }) => {
    if (candidate?.candidate) found[`${candidate.type}/${candidate.protocol}`] = (found[`${candidate.type}/${candidate.protocol}`] ?? 0) + 1;
  };
  connection.createDataChannel("check");
  await connection.setLocalDescription(await connection.createOffer());
  const until = performance.now() + TRY_MS;
  while (connection.iceGatheringState !== "complete" && performance.now() < until) await pause(50);
  connection.close();
  const detail = Object.entries(found).map(([kind, count]) => `${kind} ×${count}`).join(", ");
  return detail ? { ok: true, detail } : bad("no_candidates");
}

/** @param {Bench} bench @returns {Promise<Finding>} */
async function connection(bench) {
  await bench.context.resume();
  const echo = new EchoTest(bench.context);
  bench.echo = echo;
  await echo.start();
  const began = performance.now();
  return new Promise((resolve) => {
    let refused = "";
    const phone = new Softphone({
      iceServers: bench.iceServers,
      exchange: async (sdp) => {
        const headers = { "Content-Type": "application/json" };
        const answer = await fetch("/api/call/check", { method: "POST", headers, body: JSON.stringify({ sdp }) });
        const body = await answer.json();
        if (!answer.ok) refused = `HTTP ${answer.status} ${body.code}`;
        return body.sdp;
      },
      onState: (state, { reason }) => {
        if (state === "talking") {
          if (phone.far) echo.listen(phone.far);
          resolve({ ok: true, detail: `${Math.round(performance.now() - began)} ms` });
        } else if (state === "failed") resolve(refused ? bad("server", refused) : bad(reason === "ice" ? "ice" : "lost", reason));
      },
      onMessage: (message) => {
        if (message.type === "check") bench.server = message;
      },
    });
    bench.phone = phone;
    phone.speaker.muted = true;
    phone.start({ stream: echo.stream });
  });
}

/** @param {Bench} bench @returns {Promise<Finding>} */
async function path(bench) {
  if (bench.phone?.state !== "talking") return bad("skipped");
  await pause(TALK_MS);
  const stats = await bench.phone.stats();
  if (!stats) return bad("lost");
  const { server } = bench;
  const lostOut = server ? (100 * server.lost) / Math.max(1, server.received + server.lost) : (stats.lostOutPercent ?? 0);
  const detail = [
    `${stats.local} → ${stats.remote}`,
    `RTT ${stats.rttMs ?? stats.pingMs} ms`,
    `jitter ${stats.jitterMs} ms`,
    `loss ↓${stats.lostInPercent} % ↑${lostOut.toFixed(1)} %`,
    `buffer ${stats.bufferMs} ms / ${server?.delay_ms ?? "?"} ms`,
    stats.codec,
  ].join(", ");
  if (!stats.packetsIn || (server && !server.received)) return bad("one_way", detail);
  return Math.max(stats.lostInPercent, lostOut) > LOSS_PERCENT ? bad("loss", detail) : { ok: true, detail };
}

/** @param {Bench} bench @returns {Promise<Finding>} */
async function echo(bench) {
  if (bench.phone?.state !== "talking" || !bench.echo) return bad("skipped");
  const { delays } = bench.echo;
  if (!delays.length) return bad("one_way");
  const middle = delays[Math.floor(delays.length / 2)];
  const detail = `${middle} ms (${delays[0]}-${delays[delays.length - 1]}, ${delays.length}/${bench.echo.sent.length})`;
  return middle > SLOW_MS ? bad("slow", detail) : { ok: true, detail };
}

/** @param {number} ms */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
