"""The composition root: builds every part from the settings and hands each what it needs."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

from voicebot.actions import ActionClient
from voicebot.channels.resume import ResumeTokens
from voicebot.channels.webrtc import WebRtcServer
from voicebot.clock import Clock, SystemClock
from voicebot.conversation.chat import TextDesk
from voicebot.conversation.continuing import Continuing
from voicebot.conversation.live import LiveCalls
from voicebot.conversation.rooms import Rooms
from voicebot.conversation.services import Services
from voicebot.desk import EmbeddedDesk
from voicebot.desk.outside import as_contact
from voicebot.desk.packet import PacketContent, PacketSource
from voicebot.domain import (
    ConversationId,
    HandoffRequest,
    TenantId,
)
from voicebot.flows import load_flows
from voicebot.messages import Links, MessageOutbox
from voicebot.nlu.engine import UnderstandingService
from voicebot.nlu.safety import SafetyScreen
from voicebot.people import People, SessionRules
from voicebot.redaction import redact
from voicebot.settings import Settings
from voicebot.speech import SpeechService
from voicebot.store import SqlStore
from voicebot.telemetry import Telemetry
from voicebot.web.assist.analysis_parts import analysis_routers
from voicebot.web.assist.authoring_parts import authoring_routers
from voicebot.web.assist_parts import assist_of
from voicebot.web.browser_calls import BrowserCalls, webrtc_settings
from voicebot.web.chat_links import ChatLinkSender, gateway_of, public_address
from voicebot.web.continuing import ContinueDoor
from voicebot.web.desk_parts import DeskBase, customer_left, desk_contents, desk_parts, node_of, routing, with_desks
from voicebot.web.dialling import Telephones
from voicebot.web.guidance_parts import guidance_of
from voicebot.web.outside_parts import (
    RouterBase,
    first_language,
    outside_desk_of,
    outside_of,
    outside_routers,
    running,
)
from voicebot.web.parts import dialogue_of, hints_of, languages_of, speech_settings, today_of, understood_of
from voicebot.web.product import Product
from voicebot.web.tokens import ApiTokens


@asynccontextmanager
async def build(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Product]:
    """Build the product; models are loaded by :meth:`Product.warm_text` and :meth:`Product.warm_voice`.

    Raises:
        ContentError: a flow file is wrong.
        StoreError: the store cannot be opened.
    """
    clock = clock or SystemClock()
    root = settings.content
    content = {TenantId(name): load_flows(root / "flows", name) for name in settings.tenants}
    telemetry = Telemetry()
    safety = root / "nlu_data" / "core" / "safety.yml"
    companies = {tenant: understood_of(flows, root) for tenant, flows in content.items()}
    hints = {tenant: hints_of(flows, companies[tenant]) for tenant, flows in content.items()}
    understanding = UnderstandingService(
        models=root / "models" / "nlu",
        companies=list(companies.values()),
        safety=safety,
        today=lambda tenant: today_of(content[tenant], clock.now()),
    )
    speech = SpeechService(speech_settings(settings))
    async with AsyncExitStack() as stack:
        store = await SqlStore.open(settings.store_url, lambda text: redact(text).text)
        stack.push_async_callback(store.close)
        actions = ActionClient(settings.actions, settings.actions_timeout_s)
        stack.push_async_callback(actions.close)
        live, contents = LiveCalls(), desk_contents(root / "flows", content)
        content = with_desks(content, contents)
        telephones = Telephones(
            lambda: product.sip,
            lambda: product.voice_services(),
            live,
            settings.dial,
            lambda contact: customer_left(agents, contact),
        )
        stack.push_async_callback(telephones.close)
        agents = EmbeddedDesk(store, clock, contents, node=node_of(settings), dialler=telephones)
        dialogues = {tenant: dialogue_of(flows, companies[tenant], clock) for tenant, flows in content.items()}
        packets = {tenant: PacketContent(content[tenant], one.readout) for tenant, one in dialogues.items()}
        outside = outside_of(settings, store, clock, content, packets, stack)
        source = PacketSource(store, packets, clock, outside.records)

        async def packet(wish: HandoffRequest) -> Mapping[str, Any]:
            return (await source.packet(as_contact(wish, clock.now()), wish.language)).body

        elsewhere = outside_desk_of(settings, store, clock, packet)
        if elsewhere is not None:
            stack.push_async_callback(elsewhere.close)
        links, outbox = Links(store, clock), MessageOutbox(store, gateway_of(settings, clock), clock)
        services = Services(
            store=store,
            understander=understanding,
            dialogues=dialogues,
            languages={tenant: languages_of(flows) for tenant, flows in content.items()},
            actions=actions,
            screen=SafetyScreen.load(safety),
            redact=redact,
            clock=clock,
            telemetry=telemetry,
            desk=elsewhere or (agents if contents else None),
            node=node_of(settings),
            links=ChatLinkSender(store, clock, links, outbox, content, public_address(settings)),
        )
        rooms, tokens = Rooms(services), _Tokens(ResumeTokens(_secret(settings)), clock)
        desk = TextDesk(services, rooms, tokens)
        stack.push_async_callback(understanding.close)
        stack.push_async_callback(speech.close)
        await stack.enter_async_context(rooms.open())
        product = Product(
            settings,
            content,
            store,
            understanding,
            speech,
            services,
            rooms,
            desk,
            telemetry,
            ApiTokens(store, clock),
            hints,
            People.on(store, clock, rules=session_rules(settings)),
            live,
        )
        browsers = WebRtcServer(webrtc_settings(settings), clock)
        product.browser = BrowserCalls(browsers, clock, product.voice_services, product.missing_for_calls)
        stack.push_async_callback(product.browser.close)
        guidance = guidance_of(root / "flows", content, contents, store, clock, understanding, settings, stack)
        assist = assist_of(
            root, contents, store, clock, understanding, settings.data, stack, guidance, lambda: telemetry.late_s
        )
        product.warm_assist, product.notes = assist.warm, assist.notes
        product.console = desk_parts(
            DeskBase(
                settings, _secret(settings), store, clock, agents, product.people, content, contents, packets,
                outside.records, live, browsers, telephones, telemetry.registry,
                assist.companion,
            )
        )  # fmt: skip
        stack.push_async_callback(product.console.close)
        base = RouterBase(settings, clock, first_language(content), agents.contact)
        product.more = (
            *outside_routers(outside, elsewhere, source, product.tokens, base),
            *assist.routers(product.console, guidance),
            *analysis_routers(settings, content, contents, store, product.people.audit, clock),
        )
        product.more += stack.enter_context(authoring_routers(root, tuple(content), store, product.people, clock))
        await stack.enter_async_context(routing(agents))
        product.links = ContinueDoor(store, links, Continuing(services), tokens)
        await stack.enter_async_context(running((*outside.runners, outbox.run, *assist.runners)))
        yield product


def session_rules(settings: Settings) -> SessionRules:
    """How long sessions last by these settings."""
    return SessionRules(
        idle=timedelta(hours=settings.session_idle_h), longest=timedelta(hours=settings.session_longest_h)
    )


class _Tokens:
    """Resume tokens at the present time."""

    def __init__(self, tokens: ResumeTokens, clock: Clock) -> None:
        self._tokens, self._clock = tokens, clock

    def issue(self, conversation: ConversationId, tenant: TenantId) -> str:
        return self._tokens.issue(conversation, tenant, self._clock.now())

    def read(self, token: str, tenant: TenantId) -> ConversationId:
        return self._tokens.read(token, tenant, self._clock.now())


def _secret(settings: Settings) -> bytes:
    given = settings.secret.get_secret_value()
    if given:
        return given.encode()
    file = settings.data / "secret"
    if not file.is_file():
        settings.data.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            handle.write(secrets.token_urlsafe(32))
    return file.read_text().encode()
