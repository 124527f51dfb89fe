"""Many callers at once: sipp scenarios that dial, stream recorded speech and hang up."""

from __future__ import annotations

import asyncio
import csv
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.phone.clients import free_port, need
from voicebot.audio import Pcm, ulaw_encode

_SDP = """v=0
o=sipp 53655765 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [rtpstream_audio_port] RTP/AVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=ptime:20
a=sendrecv
"""
_HEAD = """Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: "sipp" <sip:sipp[call_number]@[local_ip]:[local_port]>;tag=[pid]SIPpTag00[call_number]
Call-ID: [call_id]
Contact: <sip:sipp[call_number]@[local_ip]:[local_port];transport=[transport]>
Max-Forwards: 70
"""
_SCENARIO = """<?xml version="1.0" encoding="ISO-8859-1" ?>
<!DOCTYPE scenario SYSTEM "sipp.dtd">
<scenario name="caller who speaks">
  <send retrans="500" start_rtd="invite"><![CDATA[
INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
{head}To: <sip:[service]@[remote_ip]:[remote_port]>
CSeq: 1 INVITE
Content-Type: application/sdp
Content-Length: [len]

{sdp}]]></send>
  <recv response="100" optional="true"/>
  <recv response="180" optional="true"/>
  <recv response="200" rrs="true" rtd="invite"/>
  <send><![CDATA[
ACK [next_url] SIP/2.0
{head}[last_To:]
[routes]
CSeq: 1 ACK
Content-Length: 0

]]></send>
  <nop><action><exec rtp_stream="{file},-1,0"/></action></nop>
  <pause/>
  <send retrans="500"><![CDATA[
BYE [next_url] SIP/2.0
{head}[last_To:]
[routes]
CSeq: 2 BYE
Content-Length: 0

]]></send>
  <recv response="200"/>
</scenario>
"""


@dataclass(frozen=True)
class Outcome:
    """What sipp counted."""

    exit_code: int
    made: int
    succeeded: int
    failed: int
    retransmissions: int
    errors: str


async def callers(folder: Path, target: str, did: str, sound: Pcm, *, calls: int, rate: int, hold_ms: int) -> Outcome:
    """``calls`` callers, ``rate`` new ones a second, each of whom speaks ``sound`` over and over for ``hold_ms``."""
    program = need("sipp")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "speech.ul").write_bytes(bytes(ulaw_encode(sound.samples)))
    scenario = folder / "caller.xml"
    scenario.write_text(_SCENARIO.format(head=_HEAD, sdp=_SDP, file=folder / "speech.ul"))
    stats, media = folder / "stats.csv", free_port(8)
    process = await asyncio.create_subprocess_exec(
        program,
        *(target, "-i", "127.0.0.1", "-p", str(free_port(1)), "-mi", "127.0.0.1", "-mp", str(media)),
        *("-sf", str(scenario), "-s", did, "-m", str(calls), "-l", str(calls), "-r", str(rate), "-d", str(hold_ms)),
        *("-nostdin", "-trace_err", "-error_file", str(folder / "errors.log")),
        *("-trace_stat", "-stf", str(stats), "-fd", "1"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        code = await asyncio.wait_for(process.wait(), hold_ms / 1000 + calls / rate + 40)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    rows = list(csv.DictReader(stats.read_text().splitlines(), delimiter=";"))
    last = rows[-1]
    errors = folder / "errors.log"
    return Outcome(
        code,
        int(last["TotalCallCreated"]),
        int(last["SuccessfulCall(C)"]),
        int(last["FailedCall(C)"]),
        int(last["Retransmissions(C)"]),
        errors.read_text(errors="replace")[-2000:] if errors.is_file() else "",
    )
