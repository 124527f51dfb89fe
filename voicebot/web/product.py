"""Everything that serves, as one value: what is still loading, and how each part is opened."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from fastapi import APIRouter, FastAPI

from voicebot.channels.sip import SipAccount, SipServer, SipSettings
from voicebot.conversation.call import VoiceServices
from voicebot.conversation.chat import TextDesk
from voicebot.conversation.live import LiveCalls
from voicebot.conversation.reception import Reception
from voicebot.conversation.rooms import Rooms
from voicebot.conversation.services import Services
from voicebot.domain import (
    Begun,
    Channel,
    Contact,
    Expectation,
    Language,
    Say,
    TenantId,
    Understanding,
)
from voicebot.flows import TenantFlows, fixed_prompts
from voicebot.media import hold_sound
from voicebot.nlu.engine import UnderstandingService
from voicebot.people import People
from voicebot.readout import normalise_for_voice
from voicebot.settings import Settings, split_address
from voicebot.speech import SpeechService
from voicebot.store import Recordings, SqlStore, event_to_json
from voicebot.telemetry import Telemetry, Waterfall
from voicebot.web.api import create_app
from voicebot.web.browser_calls import BrowserCalls
from voicebot.web.continuing import ContinueDoor
from voicebot.web.desk import DeskParts
from voicebot.web.oidc import provider_of
from voicebot.web.parts import company_of, dids_of
from voicebot.web.ports import Ports, WebSettings
from voicebot.web.tokens import ApiTokens

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Product:
    """Everything, built but not necessarily warm. ``warm`` holds what is still loading, in an operator's words."""

    settings: Settings
    content: dict[TenantId, TenantFlows]
    store: SqlStore
    understanding: UnderstandingService
    speech: SpeechService
    services: Services
    rooms: Rooms
    desk: TextDesk
    telemetry: Telemetry
    tokens: ApiTokens
    hints: dict[TenantId, dict[Language, str]]
    people: People
    live: LiveCalls = field(default_factory=LiveCalls)
    loading: set[str] = field(default_factory=set)
    sip: SipServer | None = None
    browser: BrowserCalls | None = None
    console: DeskParts | None = None
    warm_assist: Callable[[], Awaitable[None]] | None = None
    """Makes ready what assists agents; after callers and visitors are served."""
    notes: Callable[[], Sequence[str]] = tuple
    """What does not work as it should while callers and visitors are served."""
    links: ContinueDoor | None = None
    more: tuple[APIRouter, ...] = ()

    async def reasons(self) -> Sequence[str]:
        """Why callers and visitors cannot be served now; empty when they can."""
        reasons = [f"{part} is still loading" for part in sorted(self.loading)]
        if not self.loading:
            if not self.understanding.ready:
                reasons.append("understanding is not running")
            if self.sip is not None and not self.sip.health.alive:
                reasons.append("the telephone engine has stopped; restart the process")
            if self.sip is not None and self.sip.health.draining:
                reasons.append("shutting down: calls may finish, no new ones are taken")
        try:
            await self.store.ping()
        except Exception as error:  # any failure of the database is a reason, whatever its kind
            reasons.append(f"the store does not answer ({type(error).__name__})")
        return reasons

    async def warm_text(self) -> None:
        """Load what chats need. Raises ModelError."""
        await self.understanding.start()
        self.telemetry.restarts.labels("understanding").set_function(lambda: self.understanding.restarts)
        self.loading.discard("understanding")

    async def warm_voice(self) -> None:
        """Load what calls need. Raises ModelError, SpeechError, and SettingsError for hold music that is none."""
        await asyncio.to_thread(hold_sound, self.settings.hold_music)
        await self.speech.start()
        for pool in self.speech.health.pools:
            self.telemetry.restarts.labels(pool.name).set_function(partial(self._restarts, pool.name))
        self.loading.discard("speech")

    def missing_for_calls(self) -> str:
        """What calls wait for, in an operator's words; empty when they can be taken."""
        return ", ".join(sorted(self.loading & {"understanding", "speech"}))

    def _restarts(self, worker: str) -> float:
        return float(sum(pool.restarts for pool in self.speech.health.pools if pool.name == worker))

    def voice_services(self, on_turn: Callable[[str, Waterfall], None] | None = None) -> VoiceServices:
        """What calls run on; after :meth:`warm_voice`."""
        folder = self.settings.data / "recordings"
        return VoiceServices(
            services=self.services,
            transcriber=self.speech.transcriber,
            voice=self.speech.voice,
            detector=self.speech.detector,
            recordings=Recordings(folder) if self.settings.recordings else None,
            on_turn=on_turn,
            hints=self.hints,
            live=self.live,
            hold_music=self.settings.hold_music,
            announce=self.store.announce,
        )

    async def open_telephone(self) -> None:
        """Answer calls; after everything is warm."""
        host, port = split_address(self.settings.sip)
        low, high = (int(part) for part in self.settings.rtp_ports.split("-"))
        dids = dids_of(self.content.values())
        password = self.settings.sip_trunk_password.get_secret_value()
        self.sip = SipServer(
            SipSettings(
                host=host,
                port=port,
                transports=("udp", "tcp", "tls") if self.settings.sip_tls else ("udp", "tcp"),
                dids=tuple(dids),
                accounts=tuple(SipAccount.parse(text, password) for text in self.settings.sip_trunk.split()),
                certificate=self.settings.sip_tls_certificate,
                rtp_ports=(low, high),
                max_calls=self.settings.max_calls,
            ),
            Reception(self.voice_services(), dids).take,
        )
        await self.sip.start()
        self.loading.discard("the telephone")

    async def prerender(self) -> None:
        """Render the fixed Japanese prompts with the better voice while nothing else is to do."""
        prompts = [
            (normalise_for_voice(prompt.spoken, language), language)
            for tenant, flows in self.content.items()
            for language in flows.tenant.languages
            for prompt in self._fixed_prompts(tenant, language)
        ]
        done = await self.speech.voice.prerender(dict.fromkeys(prompts), idle=self._no_calls)
        _log.info("fixed prompts: %d rendered, %d on disk, %d failed", done.made, done.already, done.failed)

    async def _no_calls(self) -> None:
        while self.sip is not None and self.sip.health.calls:
            await self.services.clock.sleep(2)

    def _fixed_prompts(self, tenant: TenantId, language: Language) -> tuple[Say, ...]:
        dialogue = self.services.dialogues[tenant]
        state = dialogue.opening_state(Begun(Contact(tenant, Channel.VOICE, language)))
        return fixed_prompts(dialogue.content, dialogue.readout, state)

    async def parse(self, tenant: TenantId, text: str, language: Language | None) -> Understanding:
        """Understand one text outside of any conversation."""
        known = self.services.languages[tenant]
        spoken = language or await self.understanding.detect_language(text, known) or known[0]
        return await self.understanding.understand(text, tenant=tenant, language=spoken, expects=Expectation())

    def model(self, tenant: TenantId) -> str | None:
        """Id of the model that answers for a company now."""
        return self.understanding.live(tenant) if self.understanding.ready else None

    def app(self) -> FastAPI:
        """The web application on this product."""
        return create_app(
            Ports(
                companies=tuple(company_of(flows, self.settings) for flows in self.content.values()),
                chat=self.desk,
                messages=self.desk,
                parser=self,
                events=self.store,
                tokens=self.tokens,
                readiness=self,
                notes=self.notes,
                encode_event=event_to_json,
                registry=self.telemetry.registry,
                calls=self.browser,
                desk=self.console,
                links=self.links,
                more=self.more,
                settings=WebSettings(
                    origins=self.settings.origins,
                    cookie_cross_site=self.settings.cookie_cross_site,
                    desk_origins=self.settings.desk_origins,
                ),
                people=self.people,
                oidc=provider_of(self.settings),
            )
        )
