"""Real telephones for tests: Debian's baresip driven over its control socket, on loopback.

Every process is started on free ports and ended by its own id. A missing client fails the test and names the command
that installs it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import socket
import struct
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from voicebot.audio import Pcm, concat, level_dbfs, write_wav

INSTALL = "apt-get install --no-install-recommends baresip-core sip-tester flite sox tcpdump"
RATE = 8000
LOUD_DBFS = -45.0
_TAKEN: set[int] = set()


def need(program: str) -> str:
    """Path of a program; fails the test when it is missing."""
    path = shutil.which(program)
    if path is None:
        pytest.fail(f"{program} is needed for this test. Install it: {INSTALL}")
    return path


def free_port(width: int = 2) -> int:
    """The first of ``width`` neighbouring ports that are free for UDP and TCP on loopback, not handed out before."""
    for start in range(15060, 19900, 2):
        ports = range(start, start + width)
        if _TAKEN.intersection(ports):
            continue
        with contextlib.ExitStack() as stack:
            try:
                for port in ports:
                    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                        probe = stack.enter_context(socket.socket(socket.AF_INET, kind))
                        probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _TAKEN.update(ports)
        return start
    pytest.fail("no free ports on loopback")


async def until(true: Callable[[], object], what: str, timeout_s: float = 20.0) -> None:
    """Wait until something is so; fails with ``what`` when it does not become so.

    Looking takes a third of the time at most: whole logs and recordings are read, and the product runs beside.
    """
    now = asyncio.get_running_loop().time
    end = now() + timeout_s
    while (began := now()) < end:
        if true():
            return
        await asyncio.sleep(max(0.02, 2 * (now() - began)))
    if true():
        return
    pytest.fail(f"not within {timeout_s:g} s: {what}")


@dataclass
class Phone:
    """One baresip. ``events`` holds what its control socket has reported, oldest first."""

    folder: Path
    sip_port: int
    rtp_ports: range
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    process: asyncio.subprocess.Process
    events: list[dict[str, Any]] = field(default_factory=list)
    _seen: int = 0
    _spoken: int = 0
    _pump: asyncio.Task[None] | None = None

    async def command(self, name: str, params: str = "") -> None:
        """Send one command of baresip's menu."""
        message = {"command": name} | ({"params": params} if params else {})
        raw = json.dumps(message).encode()
        self.writer.write(b"%d:%b," % (len(raw), raw))
        await self.writer.drain()

    async def event(self, kind: str, timeout_s: float = 20.0) -> dict[str, Any]:
        """The next event of this kind that was not asked for before."""
        found: list[dict[str, Any]] = []

        def look() -> bool:
            while self._seen < len(self.events):
                event = self.events[self._seen]
                self._seen += 1
                if event.get("type") == kind:
                    found.append(event)
                    return True
            return False

        await until(look, f"{kind} at the phone (saw {[e.get('type') for e in self.events]})", timeout_s)
        return found[0]

    async def dial(self, address: str, *, answered: bool = True) -> None:
        """Call; returns when answered."""
        await self.command("dial", address)
        if answered:
            await self.event("CALL_ESTABLISHED")

    async def say(self, sound: Pcm) -> None:
        """Speak into the call now. Silence follows, since a file's end would end the call."""
        self._spoken += 1
        path = self.folder / f"line{self._spoken}.wav"
        write_wav(path, with_silence(sound))
        await self.play(path)

    async def play(self, path: Path) -> None:
        """Switch the microphone to a file made by :func:`with_silence`."""
        await self.command("ausrc", f"aufile,{path}")

    async def keys(self, digits: str) -> None:
        """Press keys, one after the other."""
        for digit in digits:
            await self.command("sndcode", digit)
            await asyncio.sleep(0.1)
            await self.command("sndcode", "\x04")
            await asyncio.sleep(0.1)

    async def hang_up(self) -> None:
        """End the call."""
        await self.command("hangup")

    def heard(self) -> Pcm:
        """What the phone has heard in the latest call so far."""
        return self._recorded("dec")

    def spoken(self) -> Pcm:
        """What the phone has sent in the latest call so far."""
        return self._recorded("enc")

    async def prompt(self, after_ms: float, quiet_ms: float = 1200, timeout_s: float = 40.0) -> Pcm:
        """Wait for a prompt that begins after ``after_ms`` of the call and has been over for ``quiet_ms``."""

        def over() -> bool:
            sound = self.heard().cut(after_ms)
            spans = loud_spans(sound)
            return bool(spans) and sound.ms - spans[-1][1] >= quiet_ms

        await until(over, f"a prompt after {after_ms:.0f} ms (heard {self.heard().ms:.0f} ms)", timeout_s)
        return self.heard().cut(after_ms)

    async def close(self) -> None:
        """End the phone."""
        with contextlib.suppress(ConnectionError):
            await self.command("quit")
        try:
            await asyncio.wait_for(self.process.wait(), 3)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)
        self.writer.close()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()

    async def die(self) -> None:
        """The phone is gone without a word, as in a tunnel: no goodbye, no more sound."""
        self.process.kill()
        await self.process.wait()

    def log(self) -> str:
        """What baresip printed."""
        return (self.folder / "log").read_text(errors="replace")

    def _recorded(self, way: str) -> Pcm:
        files = sorted((self.folder / "rec").glob(f"*-{way}.wav"), key=lambda file: file.stat().st_mtime_ns)
        if not files:
            return Pcm.silence(0, RATE)
        raw = files[-1].read_bytes()
        at = raw.find(b"data")
        return Pcm.from_bytes(raw[at + 8 :][: (len(raw) - at - 8) // 2 * 2], RATE)

    async def _listen(self) -> None:
        buffer = b""
        while data := await self.reader.read(65536):
            buffer += data
            while b":" in buffer:
                length, _, rest = buffer.partition(b":")
                size = int(length)
                if len(rest) < size + 1:
                    break
                self.events.append(json.loads(rest[:size]))
                buffer = rest[size + 1 :]


def _modules() -> Path:
    listing = subprocess.run(["dpkg", "-L", "baresip-core"], capture_output=True, text=True, check=False).stdout
    for line in listing.splitlines():
        if line.endswith("/account.so"):
            return Path(line).parent
    return Path("/usr/lib/baresip/modules")


@contextlib.asynccontextmanager
async def phone(
    folder: Path, *parameters: str, transport: str = "udp", codecs: str = "PCMU,PCMA", user: str = "caller", at: int = 0
) -> AsyncIterator[Phone]:
    """A baresip with its own folder. ``parameters`` go to its account, such as ``mediaenc=srtp-mand``."""
    program = need("baresip")
    sip_port, control, rtp = at or free_port(2), free_port(1), free_port(12)
    (folder / "rec").mkdir(parents=True)
    (folder / "contacts").touch()
    silence = folder / "silence.wav"
    write_wav(silence, Pcm.silence(600_000, RATE))
    names = ("g711", "aufile", "aubridge", "sndfile", "srtp")
    (folder / "config").write_text(
        f"sip_listen 127.0.0.1:{sip_port}\nnet_interface 127.0.0.1\ncall_max_calls 4\ncall_local_timeout 60\n"
        f"audio_source aufile,{silence}\naudio_player aubridge,p{sip_port}\naudio_alert aubridge,a{sip_port}\n"
        "ausrc_srate 8000\nauplay_srate 8000\nausrc_channels 1\nauplay_channels 1\n"
        f"rtp_ports {rtp}-{rtp + 10}\njitter_buffer_delay 1-5\nmodule_path {_modules()}\n"
        + "".join(f"module {name}.so\n" for name in names)
        + "module_tmp uuid.so\nmodule_tmp account.so\nmodule_app contact.so\nmodule_app menu.so\n"
        f"module_app ctrl_tcp.so\nctrl_tcp_listen 127.0.0.1:{control}\nsnd_path {folder / 'rec'}\n"
    )
    extra = ";".join(("regint=0", "answermode=manual", f"audio_codecs={codecs}", "dtmfmode=rtpevent", *parameters))
    (folder / "accounts").write_text(f"<sip:{user}@127.0.0.1:{sip_port};transport={transport}>;{extra}\n")
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            program, "-f", str(folder), "-4", stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log
        )
    made: Phone | None = None
    try:
        for _ in range(200):
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", control)
                break
            except OSError:
                assert process.returncode is None, (folder / "log").read_text(errors="replace")
                await asyncio.sleep(0.05)
        else:
            pytest.fail("baresip did not open its control socket")
        made = Phone(folder, sip_port, range(rtp, rtp + 11), reader, writer, process)
        made._pump = asyncio.create_task(made._listen())
        yield made
    finally:
        if made is not None:
            await made.close()
        elif process.returncode is None:
            process.kill()
            await process.wait()


def with_silence(sound: Pcm, seconds: float = 180.0) -> Pcm:
    """A line as the phone's microphone hears it: the words, then silence for longer than a turn lasts."""
    return concat([sound, Pcm.silence(seconds * 1000, RATE)], RATE)


def loud_spans(sound: Pcm, bridge_ms: float = 60.0) -> list[tuple[float, float]]:
    """From-to in ms of what is louder than ``LOUD_DBFS``; holes up to ``bridge_ms`` are bridged."""
    step = sound.rate // 100
    spans: list[tuple[float, float]] = []
    for at in range(0, len(sound) - step + 1, step):
        if level_dbfs(sound.samples[at : at + step]) > LOUD_DBFS:
            begin, end = at * 1000 / sound.rate, (at + step) * 1000 / sound.rate
            if spans and begin - spans[-1][1] <= bridge_ms:
                spans[-1] = (spans[-1][0], end)
            else:
                spans.append((begin, end))
    return spans


def loud_ms(sound: Pcm) -> float:
    """How much of a sound is loud."""
    return sum(end - begin for begin, end in loud_spans(sound))


async def finished(work: Awaitable[Any], timeout_s: float = 30.0) -> Any:
    """Wait for work with a limit."""
    return await asyncio.wait_for(work, timeout_s)


def rtp_packet(kind: int, seq: int, stamp: int, payload: bytes, *, marker: bool = False, ssrc: int = 0x5EED) -> bytes:
    """One RTP packet without extensions."""
    head = struct.pack("!BBHII", 0x80, kind | (0x80 if marker else 0), seq & 0xFFFF, stamp & 0xFFFFFFFF, ssrc)
    return head + payload


def share_found(said: Pcm, heard: Pcm) -> float:
    """Share of the loud 100 ms pieces of a sound that occur in another, sample for sample but for the codec.

    A piece counts as found where its normalised cross-correlation reaches 0.8; other speech stays below 0.6. Pieces
    are looked for one by one, so that a stall of the machine costs the pieces it hits and no more.
    """
    size = said.rate // 10
    other = heard.samples.astype(np.float64)
    if other.size < size:
        return 0.0
    energy = np.sqrt(np.maximum(np.convolve(other**2, np.ones(size), "valid"), 1.0))
    found = [
        float(np.max(np.correlate(other, piece, "valid") / energy) / np.linalg.norm(piece)) > 0.8
        for at in range(0, len(said) - size, size)
        if level_dbfs(said.samples[at : at + size]) > LOUD_DBFS
        for piece in [said.samples[at : at + size].astype(np.float64)]
    ]
    return sum(found) / len(found) if found else 0.0
