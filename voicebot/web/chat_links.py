"""Links into the chat, by short message: made, worded in the caller's language, and put out for delivery."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from voicebot.clock import Clock
from voicebot.domain import ConversationId, Language, LinkSent, TenantId, Texts
from voicebot.errors import BackendError, SettingsError
from voicebot.flows import DialogueState, TenantFlows
from voicebot.flows.responses import render
from voicebot.messages import (
    FileGateway,
    Gateway,
    HttpSmsGateway,
    Links,
    MessageOutbox,
    WebhookGateway,
    dialled,
    texts_to,
)
from voicebot.settings import Settings
from voicebot.store import SqlStore

KIND = "resume"
MOST = 3
"""Links that are sent for one conversation, whoever asks."""
_WORDS = "utter_message_chat_link"
_LEAST_SECRET = 16
_SPOOL = "spool"


class ChatLinkSender:
    """Sends callers a link to go on by chat, to the number they call from. ``base``: our address for customers."""

    def __init__(
        self,
        store: SqlStore,
        clock: Clock,
        links: Links,
        outbox: MessageOutbox,
        content: Mapping[TenantId, TenantFlows],
        base: str,
    ) -> None:
        self._store, self._clock, self._links, self._outbox = store, clock, links, outbox
        self._content, self._base = content, base.rstrip("/")

    def texts(self, tenant: TenantId, number: str | None) -> Texts:
        """See :meth:`voicebot.conversation.desk_port.ChatLinks.texts`."""
        if not self._outbox.delivers:
            return Texts.OFF
        return texts_to(number, self._content[tenant].tenant.country)

    async def send(self, conversation: ConversationId, number: str, language: Language) -> None:
        """Make a link, put the message out and log it.

        Raises:
            BackendError: the number takes no messages, or this conversation has had its links.
            StoreError: nothing was sent.
        """
        row = await self._store.conversation(conversation)
        content = self._content[row.tenant]
        to = dialled(number, content.tenant.country)
        if to is None:
            raise BackendError("The caller's number takes no messages.")
        if await self._sent(conversation) >= MOST:
            raise BackendError(f"This conversation has had {MOST} links already.")
        secret = await self._links.issue(row.tenant, conversation, KIND)
        address = f"{self._base}/c/{secret}"
        state = DialogueState(row.tenant, language)
        text = render(content, _plain, state, _WORDS, {"link": (address, address)}).text
        await self._outbox.put(row.tenant, conversation, KIND, to, text)
        await self._store.append(conversation, [LinkSent(kind=KIND, channel="sms")], self._clock.now())

    async def _sent(self, conversation: ConversationId) -> int:
        count = seen = 0
        while page := await self._store.events(conversation, after_seq=seen):
            seen = page[-1].seq
            count += sum(isinstance(item.event, LinkSent) and item.event.kind == KIND for item in page)
        return count


def _plain(name: str, value: object, language: Language) -> tuple[str, str]:
    return str(value), str(value)


def public_address(settings: Settings) -> str:
    """Our address in links: the setting, or the address we listen at."""
    return (settings.public_url or f"http://{settings.http}").rstrip("/")


def gateway_of(settings: Settings, clock: Clock) -> Gateway:
    """Where short messages leave the house, by ``VOICEBOT_MESSAGES``.

    Raises:
        SettingsError: an address without what it needs.
    """
    where, secret = settings.messages, settings.messages_secret.get_secret_value()
    scheme = urlsplit(where).scheme
    if scheme in ("http", "https"):
        if len(secret) < _LEAST_SECRET:
            raise SettingsError(
                f"VOICEBOT_MESSAGES_SECRET signs what is posted to VOICEBOT_MESSAGES; give at least {_LEAST_SECRET} "
                "characters."
            )
        return WebhookGateway(where, secret, clock)
    if scheme in ("sms+http", "sms+https"):
        if not (secret and settings.messages_account and settings.messages_sender):
            raise SettingsError(
                "An SMS gateway needs VOICEBOT_MESSAGES_ACCOUNT, VOICEBOT_MESSAGES_SECRET (its token) and "
                "VOICEBOT_MESSAGES_SENDER."
            )
        return HttpSmsGateway(where.removeprefix("sms+"), settings.messages_account, secret, settings.messages_sender)
    if scheme and "://" in where:
        raise SettingsError(
            "VOICEBOT_MESSAGES is a file, spool: and a file, an http(s) address, or sms+https:// and an SMS gateway."
        )
    return FileGateway(outbox_file(settings), emptied=scheme == _SPOOL)


def outbox_file(settings: Settings) -> Path:
    """The file that messages are written to when they are written to one."""
    where = settings.messages.removeprefix(f"{_SPOOL}:")
    return Path(where) if where else settings.data / "messages.jsonl"


def unheard(settings: Settings, clock: Clock) -> str:
    """What an operator has to know when short messages reach nobody; empty when they do.

    Raises:
        SettingsError: as :func:`gateway_of` does.
    """
    if gateway_of(settings, clock).delivers:
        return ""
    return (
        f"No message gateway is set: short messages are only written to {outbox_file(settings)}, which reaches no "
        "customer. Callers are offered no links into the chat. Set VOICEBOT_MESSAGES to an https address, to "
        "sms+https:// and an SMS gateway, or to spool: and a file that a program of yours empties."
    )
