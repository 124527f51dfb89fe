"""``voicebot chat`` and ``voicebot call``: the product in this terminal."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from voicebot.audio import read_audio, write_wav
from voicebot.channels.wav_line import CallerPart, WavLine, split_at_silences
from voicebot.cli.serving import ensure_trained
from voicebot.conversation.call import Call
from voicebot.domain import (
    Channel,
    ConversationId,
    Ended,
    Heard,
    Language,
    Played,
    Recorded,
    Said,
    TenantId,
    Understood,
)
from voicebot.errors import SettingsError
from voicebot.settings import Settings
from voicebot.telemetry import Waterfall
from voicebot.web.app import build
from voicebot.web.parts import dids_of
from voicebot.web.product import Product

_console = Console(highlight=False)


async def chat(settings: Settings, tenant: str | None, lang: str | None) -> None:
    """A chat on standard input and output; lines of a pipe work as well."""
    await ensure_trained(settings)
    async with build(settings) as product:
        name = _company(product, tenant)
        language = _language(product, name, lang)
        await product.warm_text()
        room = await product.rooms.begin(name, language, Channel.TERMINAL)
        seen = await _print_said(product, room.conversation.id, 0)
        while not room.conversation.ended:
            line = await asyncio.to_thread(_ask)
            if not line.strip():
                break
            await room.take(line.strip(), key=f"t-{seen}")
            await room.drained()
            seen = await _print_said(product, room.conversation.id, seen)
        await product.rooms.close(room)


def _ask() -> str:
    if sys.stdin.isatty():
        print("> ", end="", flush=True)
    return sys.stdin.readline()


async def _print_said(product: Product, conversation: ConversationId, seen: int) -> int:
    for item in await product.store.events(conversation, after_seq=seen):
        seen = item.seq
        if isinstance(item.event, Said):
            _console.print(item.event.text, style="bold")
    return seen


async def call(settings: Settings, wavs: list[Path], did: str | None, out: Path) -> None:
    """A recorded caller, in real time."""
    await ensure_trained(settings)
    async with build(settings) as product:
        dids = dids_of(list(product.content.values()))
        number = did or next(iter(dids))
        if number not in dids:
            raise SettingsError(f"Nobody has the number {number}. There are: {', '.join(dids)}.")
        await asyncio.gather(product.warm_text(), product.warm_voice())
        waterfalls: list[Waterfall] = []
        parts = product.voice_services(lambda _id, waterfall: waterfalls.append(waterfall))
        line = WavLine(_parts(wavs), clock=product.services.clock, called=number)
        held = Call(parts, line, dids[number].tenant, dids[number].language)
        await held.hold()
        write_wav(out, line.heard)
        _transcript(await product.store.events(held.conversation, limit=10_000))
        _latencies(waterfalls)
        _console.print(f"What the caller heard: {out}")


def _parts(wavs: list[Path]) -> list[CallerPart]:
    """One part a file; a single file is cut where the caller waited, because that is where the bot spoke."""
    sounds = [read_audio(file) for file in wavs]
    return list(split_at_silences(sounds[0])) if len(sounds) == 1 else list(sounds)


def _transcript(log: Sequence[Recorded]) -> None:
    said: dict[str, str] = {}
    for item in log:
        match item.event:
            case Heard(text=text, started_ms=started):
                _console.print(f"{started / 1000:7.1f} s  caller  {text}")
            case Understood(intent=intent, confidence=confidence):
                _console.print(f"           [dim]{intent} {confidence:.2f}[/dim]")
            case Said(utterance=name, text=text):
                said[name] = text
            case Played(utterance=name, text=text, complete=complete, first_audio_ms=first):
                at = f"{(first or 0) / 1000:7.1f} s"
                cut = "" if complete else f"  [dim](cut off; was: {said.get(name, '')})[/dim]"
                _console.print(f"{at}  bot     {text}{cut}")
            case Ended(disposition=disposition, by=by):
                _console.print(f"           ended by {by}: {disposition.value}")
            case _:
                pass


def _latencies(waterfalls: list[Waterfall]) -> None:
    table = Table(title="milliseconds after the caller's last sound", title_justify="left")
    for column in ("turn", "turn over", "transcribed", "replied", "first audio"):
        table.add_column(column, justify="right")
    for number, waterfall in enumerate(waterfalls, 1):
        marks = waterfall.marks
        table.add_row(
            str(number),
            *(str(marks.get(stage, "")) for stage in ("turn_over", "transcribed", "replied", "first_audio")),
        )
    _console.print(table)


def _company(product: Product, wanted: str | None) -> TenantId:
    name = TenantId(wanted) if wanted else next(iter(product.content))
    if name not in product.content:
        raise SettingsError(f"There is no company {name}. There are: {', '.join(product.content)}.")
    return name


def _language(product: Product, tenant: TenantId, wanted: str | None) -> Language:
    known = product.services.languages[tenant]
    language = Language(wanted) if wanted else known[0]
    if language not in known:
        raise SettingsError(f"{tenant} does not speak {language}. It speaks: {', '.join(known)}.")
    return language
