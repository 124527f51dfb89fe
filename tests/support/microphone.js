/** Puts the microphone of a page into the hands of a test, and keeps how loud the other side was. */
(() => {
  const context = new AudioContext({ sampleRate: 48000 });
  const microphone = context.createMediaStreamDestination();
  const hum = context.createConstantSource();
  hum.offset.value = 0;
  hum.connect(microphone);
  hum.start();
  navigator.mediaDevices.getUserMedia = async () => {
    await context.resume();
    return microphone.stream.clone();
  };
  window.levels = [];
  window.loud = () => window.levels.filter(([, peak]) => peak > 0.02).length;
  window.quietFor = () => {
    const last = window.levels.findLast(([, peak]) => peak > 0.02);
    return last ? performance.now() - last[0] : -1;
  };
  window.speak = async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
    const source = context.createBufferSource();
    source.buffer = await context.decodeAudioData(bytes.buffer);
    source.connect(microphone);
    source.start();
    return new Promise((resolve) => (source.onended = () => resolve(true)));
  };
  const Connection = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Connection {
    constructor(...settings) {
      super(...settings);
      this.addEventListener("track", (event) => {
        const meter = context.createScriptProcessor(1024, 1, 1);
        meter.onaudioprocess = ({ inputBuffer }) => {
          const peak = inputBuffer.getChannelData(0).reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
          window.levels.push([performance.now(), peak]);
        };
        context.createMediaStreamSource(event.streams[0]).connect(meter).connect(context.destination);
      });
    }
  };
})();
