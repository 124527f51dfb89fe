/** The few figures of a peer connection that tell how a call sounds. */

/**
 * @typedef {object} PhoneStats
 * @property {string} state of the connection
 * @property {number | null} rttMs round trip of the chosen path
 * @property {number | null} pingMs round trip through the server's program
 * @property {number} packetsIn
 * @property {number} packetsOut
 * @property {number} lostInPercent of what the other side sent
 * @property {number | null} lostOutPercent of what we sent, as the other side reports
 * @property {number | null} jitterMs
 * @property {number | null} bufferMs sound waiting in the browser on average
 * @property {number} concealedPercent of the sound that had to be made up
 * @property {string} codec
 * @property {string} local kind and protocol of our address, such as "host/udp"
 * @property {string} remote
 */

/**
 * @param {RTCPeerConnection} connection
 * @param {number | null} pingMs
 * @returns {Promise<PhoneStats>}
 */
export async function readStats(connection, pingMs = null) {
  const report = await connection.getStats();
  /** @type {Record<string, any>} */
  const by = {};
  report.forEach((one) => {
    if (one.type === "candidate-pair" && one.nominated && one.state === "succeeded") by.pair = one;
    else if (one.kind === "audio" && ["inbound-rtp", "outbound-rtp", "remote-inbound-rtp"].includes(one.type)) by[one.type] = one;
  });
  const incoming = by["inbound-rtp"] ?? {};
  const reported = by["remote-inbound-rtp"];
  const came = incoming.packetsReceived ?? 0;
  const lost = Math.max(0, incoming.packetsLost ?? 0);
  return {
    state: connection.connectionState,
    rttMs: milliseconds(by.pair?.currentRoundTripTime),
    pingMs,
    packetsIn: came,
    packetsOut: by["outbound-rtp"]?.packetsSent ?? 0,
    lostInPercent: percent(lost, came + lost),
    lostOutPercent: reported ? percent(Math.max(0, reported.packetsLost ?? 0), by["outbound-rtp"]?.packetsSent ?? 0) : null,
    jitterMs: milliseconds(incoming.jitter),
    bufferMs: incoming.jitterBufferEmittedCount
      ? milliseconds(incoming.jitterBufferDelay / incoming.jitterBufferEmittedCount)
      : null,
    concealedPercent: percent((incoming.concealedSamples ?? 0) - (incoming.silentConcealedSamples ?? 0), incoming.totalSamplesReceived ?? 0),
    codec: report.get(incoming.codecId)?.mimeType ?? "",
    local: address(report.get(by.pair?.localCandidateId)),
    remote: address(report.get(by.pair?.remoteCandidateId)),
  };
}

/** @param {number | undefined} seconds */
function milliseconds(seconds) {
  return seconds === undefined ? null : Math.round(seconds * 10_000) / 10;
}

/** @param {number} part @param {number} whole */
function percent(part, whole) {
  return whole > 0 ? Math.round((1000 * part) / whole) / 10 : 0;
}

/** @param {any} candidate */
function address(candidate) {
  return candidate ? `${candidate.candidateType}/${candidate.protocol}` : "";
}
