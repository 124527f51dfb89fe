"""From the end of a customer's words to their card, and what it costs the sound, with bridged calls on real phones.

    python -m bench.assist.measure --calls 1 --seconds 70 --write bench/assist/results/one_call.json

Every call is a customer's phone that calls us and an agent's phone that we ring (both Debian's baresip), joined by a
bridge; the customer says objections in English and Japanese in turn. Everything from the bridge on is the product's
own: taps, recogniser, understanding, log, assist, and the reader of the log that a console's socket is written from.
The end of the words is that of the last loud packet that left the customer's phone (tcpdump), the card's time that at
which its event is handed to the socket: below zero, it was there before the customer had finished. Restraint is off
(no pause between cards, no cooldown), so that every utterance counts. Packet gaps are of what we send, from the same
capture, with the assist and words ahead switched off and on.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import platform
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import numpy as np

from bench.bridge.measure import Call
from bench.calls.capture import Stream, streams
from bench.calls.load import capturing
from tests.e2e.phone import voices
from tests.e2e.phone.bots import Bot, serving
from tests.e2e.phone.clients import phone
from voicebot.assist import engine
from voicebot.assist.content import load_assist
from voicebot.assist.fitting import file_of
from voicebot.assist.lines import read_lines
from voicebot.assist.live import AssistDesk
from voicebot.assist.live_editions import Editions
from voicebot.assist.live_session import Led
from voicebot.assist.model import CardSet
from voicebot.audio import Pcm, SpeechDetector, concat, write_wav
from voicebot.channels.line import VoiceLine
from voicebot.channels.sip import SipLine
from voicebot.clock import SystemClock
from voicebot.conversation.desk_words import DeskWords
from voicebot.conversation.voice_services import VoiceServices
from voicebot.domain import (
    EN,
    JA,
    AgentId,
    CardShown,
    Channel,
    ConversationId,
    Event,
    Heard,
    Json,
    Language,
    Started,
    TenantId,
)
from voicebot.flows import load_flows
from voicebot.nlu.engine import UnderstandingService
from voicebot.redaction import redact
from voicebot.settings import Settings
from voicebot.speech import SpeechService
from voicebot.store import SqlStore
from voicebot.store.assist import AssistVersions
from voicebot.web.assist import CardHeads, Insights
from voicebot.web.desk.follow import UpToDate, follow
from voicebot.web.parts import speech_settings, today_of, understood_of

TENANT = TenantId("telecom")
AGENT = AgentId("H03")
LINES: dict[Language, tuple[str, ...]] = {
    EN: (
        "I can get a better deal with another company.",
        "To be honest it is too expensive for what I get.",
        "I have been charged twice this month.",
    ),
    JA: ("他社だともっと安いんですよね。", "ちょっと料金が高いと思うんです。", "二重に請求されているみたいなんです。"),
}
PAUSE_MS = 2600
_BETWEEN_S = 1.5


class _Services:
    redact = staticmethod(redact)


@dataclass
class Talk:
    """One conversation's log, and when its cards came to the socket."""

    id: ConversationId
    language: Language
    store: SqlStore
    cards: list[tuple[float, str]] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)

    async def note(self, *events: Event) -> None:
        """Append, as a call does."""
        self.heard += [event.text for event in events if isinstance(event, Heard)]
        await self.store.append(self.id, events, SystemClock().now())

    async def socket(self) -> None:
        """Read the log as a console's socket does."""
        async for one in follow(self.store, self.id, 0, SystemClock()):
            if not isinstance(one, UpToDate) and isinstance(one.event, CardShown):
                self.cards.append((time.time(), one.event.card))


@dataclass
class Parts:
    """The product's parts that are shared by all calls."""

    store: SqlStore
    speech: SpeechService
    assist: AssistDesk
    detector: SpeechDetector


def _unrestrained(cards: CardSet) -> CardSet:
    plain = {name: replace(card, cooldown_s=0.0, expires_s=1.0) for name, card in cards.cards.items()}
    return replace(cards, cards=plain)


def _unread(tenant: TenantId, body: Json) -> CardSet:
    raise ValueError("The bench publishes no version, so there is none to read.")


@contextlib.asynccontextmanager
async def product(folder: Path) -> AsyncIterator[Parts]:
    """Recogniser, understanding, log and assist, warm."""
    engine.GAP_S, engine.PER_WINDOW = 0.0, 1_000_000
    settings, clock = Settings(data=folder), SystemClock()
    root = settings.content
    flows = load_flows(root / "flows", str(TENANT))
    async with contextlib.AsyncExitStack() as stack:
        store = await SqlStore.open(f"sqlite+aiosqlite:///{folder / 'log.db'}", lambda text: redact(text).text)
        stack.push_async_callback(store.close)
        understanding = UnderstandingService(
            models=root / "models" / "nlu",
            companies=[understood_of(flows, root)],
            safety=root / "nlu_data" / "core" / "safety.yml",
            today=lambda tenant: today_of(flows, clock.now()),
        )
        stack.push_async_callback(understanding.close)
        speech = SpeechService(speech_settings(settings))
        stack.push_async_callback(speech.close)
        await asyncio.gather(understanding.start(), speech.start())
        versions = AssistVersions(store, clock)
        cards = _unrestrained(load_assist(root / "flows", TENANT))
        editions = Editions({TENANT: cards}, versions, _unread)
        heads = learnt(root, cards, understanding, folder)
        stack.push_async_callback(heads.close)
        insights = Insights(understanding, heads)
        await insights.ready(await editions.current(TENANT))
        if heads.of(cards) is None:
            raise SystemExit("The learnt cards could not be read; the log says why.")
        yield Parts(store, speech, AssistDesk(store, editions, versions, clock, insights), speech.detector)


def learnt(root: Path, cards: CardSet, understanding: UnderstandingService, folder: Path) -> CardHeads:
    """The heads that ``voicebot train`` wrote: nothing is learnt while we measure."""
    shipped, lines = root / "models" / "assist", read_lines(root / "nlu_data", cards)
    if not file_of(shipped, cards, lines).is_file():
        raise SystemExit(f"The cards of {cards.tenant} are not learnt. Run: voicebot train --only cards")
    return CardHeads(
        understanding,
        lambda _: lines,
        {cards.tenant: cards},
        shipped=shipped,
        own=folder / "heads",
        cache_file=folder / "embeddings.db",
        clock=SystemClock(),
    )


class Assisted:
    """One bridged call whose words go where the product's go."""

    def __init__(self, call: Call, parts: Parts, language: Language, name: str) -> None:
        self.call, self.parts = call, parts
        self.talk = Talk(ConversationId(name), language, parts.store)
        self._words: DeskWords | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """The conversation exists."""
        store, talk, now = self.parts.store, self.talk, SystemClock().now()
        await store.open_conversation(talk.id, TENANT, Channel.VOICE, talk.language, "", now)
        await store.append(talk.id, [Started(tenant=TENANT, channel=Channel.VOICE, language=talk.language)], now)
        self._tasks.append(asyncio.create_task(talk.socket()))

    def listen(self, *, assisted: bool) -> None:
        """Write words down; with the assist also ahead, and cards."""
        parts = VoiceServices(
            cast(Any, _Services()),
            self.parts.speech.transcriber,
            cast(Any, None),
            self.parts.detector,
            announce=self.parts.store.announce if assisted else None,
        )
        words = DeskWords(parts, self.talk, 8000, None, {})
        words.listen_to_customer("customer")
        self.call.bridge.on_sound = words.sound
        self._words = words
        if assisted:
            led = Led(self.talk.id, TENANT, self.talk.language, AGENT, since_s=time.time())
            self._tasks.append(asyncio.create_task(self.parts.assist.accompany(led)))

    async def silent(self) -> None:
        """Nobody listens any more; the last words are written down."""
        self.call.bridge.on_sound = None
        if self._words is not None:
            await self._words.close(10)

    async def close(self) -> None:
        """Hang up."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.call.close()


def sound_of(language: Language, seconds: float) -> Pcm:
    """The lines in turn, with pauses, for so long."""
    say = voices.japanese if language == JA else voices.english
    parts: list[Pcm] = [Pcm.silence(1000, 8000)]
    while sum(part.ms for part in parts) < seconds * 1000:
        for line in LINES[language]:
            parts += [say(line).resample(8000), Pcm.silence(PAUSE_MS, 8000)]
    return concat(parts)


async def main() -> None:
    """Measure and print."""
    given = _arguments()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sounds = {language: folder / f"{language}.wav" for language in LINES}
        for language, sound in sounds.items():
            write_wav(sound, await asyncio.to_thread(sound_of, language, given.seconds))
        async with contextlib.AsyncExitStack() as stack:
            parts = await stack.enter_async_context(product(folder / "data"))
            server = await stack.enter_async_context(serving(Bot()))
            phones = [await stack.enter_async_context(phone(folder / f"p{n}")) for n in range(2 * given.calls)]
            calls = [Call(*phones[2 * n : 2 * n + 2]) for n in range(given.calls)]
            coming = iter(calls)

            async def take(line: VoiceLine) -> None:
                assert isinstance(line, SipLine)
                await line.answer()
                next(coming).lines.append(line)
                await line.over()

            server.on_call = take
            languages = [EN, JA] if given.language is None else [Language(given.language)]
            talks = [Assisted(call, parts, languages[n % len(languages)], f"bench-{n}") for n, call in enumerate(calls)]
            for one in talks:
                await one.call.begin(server, sounds[one.talk.language])
                await one.open()
            stages = {}
            for mode in ("assist_off", "assist_on"):
                for one in talks:
                    one.listen(assisted=mode == "assist_on")
                stages[mode] = await stage(folder / mode, talks, sounds, given.seconds / 2)
                for one in talks:
                    await one.silent()
            for one in talks:
                await one.close()
    figures = json.dumps(
        {
            "at": time.strftime("%Y-%m-%d %H:%M"),
            "machine": f"{os.cpu_count()} cores, {platform.machine()}",
            "load": [round(one, 1) for one in os.getloadavg()],
            "calls": given.calls,
            "languages": [str(one.talk.language) for one in talks],
            **stages,
        },
        indent=1,
        ensure_ascii=False,
    )
    print(figures)
    if given.write is not None:
        await asyncio.to_thread(given.write.parent.mkdir, exist_ok=True)
        await asyncio.to_thread(given.write.write_text, figures + "\n")


async def stage(folder: Path, talks: list[Assisted], sounds: dict[Language, Path], seconds: float) -> dict[str, Any]:
    """Let the calls go on for a while."""
    await asyncio.to_thread(folder.mkdir)
    for one in talks:
        one.talk.cards.clear()
        one.talk.heard.clear()
        await one.call.customer.play(sounds[one.talk.language])
    async with capturing(folder / "calls.pcap", folder / "log") as running:
        if not running:
            raise SystemExit((folder / "log").read_text())
        await asyncio.sleep(seconds)
    found = [stream for stream in streams(folder / "calls.pcap") if len(stream.times) > 100]
    ports = [port for one in talks for who in (one.call.customer, one.call.agent) for port in who.rtp_ports]
    gaps = np.concatenate([stream.gaps_ms for stream in found if stream.target[1] in ports])
    told = [row for one in talks for row in _delays(found, one)]
    after = [ms for ms in told if ms is not None]
    shown: dict[str, Any] = {"utterances": len(told), "with_a_card": len(after)}
    if after:
        shown |= {
            "p50_ms": round(float(np.percentile(after, 50))),
            "p95_ms": round(float(np.percentile(after, 95))),
            "worst_ms": round(max(after)),
            "before_the_end": sum(ms <= 0 for ms in after),
        }
    return {
        "end_of_words_to_card": shown,
        "packets": {
            "sent": len(gaps),
            "gap_p99_ms": round(float(np.percentile(gaps, 99)), 1),
            "gap_max_ms": round(float(gaps.max()), 1),
            "over_60_ms": int((gaps > 60).sum()),
        },
        "heard": [text for one in talks for text in one.talk.heard][:8],
    }


def _delays(found: list[Stream], one: Assisted) -> list[float | None]:
    """For each utterance whose end was seen: milliseconds to the first card that came since it began."""
    spoken = next(s for s in found if s.source[1] in one.call.customer.rtp_ports)
    spans = spoken.loud_spans(_BETWEEN_S)[:-1]
    following = [begin for begin, _ in spans[1:]] + [float("inf")]
    rows: list[float | None] = []
    for (begin, end), until_s in zip(spans, following, strict=True):
        cards = [at for at, _ in one.talk.cards if begin < at < until_s]
        rows.append((cards[0] - end) * 1000 if cards else None)
    return rows


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=80.0, help="half of it without assist")
    parser.add_argument("--language", choices=["en", "ja"])
    parser.add_argument("--write", type=Path, help="a file for the figures")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main())
