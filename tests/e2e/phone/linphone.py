"""A real linphonec that answers by itself, with files for a sound card: an agent's SIP phone."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.e2e.phone.clients import RATE, free_port, need, until
from voicebot.audio import Pcm, write_wav

_RC = """[sip]
use_ipv6=0
bind_address=127.0.0.1
sip_port={sip}
sip_tcp_port=0
sip_tls_port=0
use_rfc2833=1
register_only_when_network_is_up=0
[rtp]
bind_address=127.0.0.1
audio_rtp_port={rtp}-{last}
[sound]
echocancellation=0
[video]
enabled=0
display=0
capture=0
automatically_initiate=0
automatically_accept=0
"""


@dataclass
class Linphone:
    """One linphonec."""

    folder: Path
    sip_port: int
    process: asyncio.subprocess.Process

    @property
    def address(self) -> str:
        """Where it is called."""
        return f"sip:agent@127.0.0.1:{self.sip_port}"

    async def command(self, line: str) -> None:
        """Type one line."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n".encode())
        await self.process.stdin.drain()

    def heard(self) -> Pcm:
        """What it has recorded so far; the file's header is written when the call is over."""
        path = self.folder / "heard.wav"
        raw = path.read_bytes() if path.is_file() else b""
        if len(raw) < 44:
            return Pcm.silence(0, RATE)
        rate = int.from_bytes(raw[24:28], "little") or RATE
        return Pcm(np.frombuffer(raw[44 : 44 + (len(raw) - 44) // 2 * 2], "<i2").astype(np.int16), rate)

    def log(self) -> str:
        """What it printed."""
        return (self.folder / "log").read_text(errors="replace")


@contextlib.asynccontextmanager
async def linphone(folder: Path, sound: Pcm) -> AsyncIterator[Linphone]:
    """A phone that answers and speaks ``sound``, again and again."""
    program = need("linphonec")
    sip, rtp = free_port(2), free_port(12)
    for part in (".local/share/linphone", ".config/linphone"):
        (folder / part).mkdir(parents=True)
    write_wav(folder / "says.wav", sound)
    (folder / "rc").write_text(_RC.format(sip=sip, rtp=rtp, last=rtp + 10))
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            program,
            *("-a", "-c", str(folder / "rc"), "-d", "0"),
            stdin=asyncio.subprocess.PIPE,
            stdout=log,
            stderr=log,
            env={**os.environ, "HOME": str(folder)},
        )
    made = Linphone(folder, sip, process)
    try:
        await until(lambda: "linphonec>" in made.log(), "linphonec's prompt")
        for line in ("soundcard use files", f"play {folder / 'says.wav'}", f"record {folder / 'heard.wav'}"):
            await made.command(line)
        await until(lambda: made.log().count("linphonec>") >= 2, "linphonec's files")
        yield made
    finally:
        with contextlib.suppress(ConnectionError):
            await made.command("quit")
        try:
            await asyncio.wait_for(process.wait(), 5)
        except TimeoutError:
            process.kill()
            await process.wait()
