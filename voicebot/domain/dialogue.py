"""What goes into a dialogue and what it asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from voicebot.domain.desk import CallbackBooked, DeskNews, DeskReply
from voicebot.domain.meaning import SafetyHit, Understanding
from voicebot.domain.vocabulary import Channel, Disposition, HandoffReason, Json, Language, TenantId


@dataclass(frozen=True, slots=True)
class Contact:
    """Who is on the line and how they came: fixed at the start of a conversation."""

    tenant: TenantId
    channel: Channel
    language: Language
    caller_number: str | None = None
    entry_point: str = ""


class Texts(StrEnum):
    """What becomes of a short message to a number: there is none to send it to, a landline, or it arrives.

    ``off``: messages reach nobody at all, whatever the number.
    """

    NONE = "none"
    LANDLINE = "landline"
    ARRIVE = "arrive"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Begun:
    """The conversation starts. ``customer`` holds what the back end knows of the caller's number, if anything.

    ``texts``: what short messages to the caller's number would do.
    """

    contact: Contact
    customer: Mapping[str, Json] = field(default_factory=dict)
    texts: Texts = Texts.NONE


@dataclass(frozen=True, slots=True)
class Utterance:
    """The customer said or typed something that was understood."""

    understanding: Understanding


@dataclass(frozen=True, slots=True)
class Unintelligible:
    """Sound of speech without usable words (noise, too faint); ``noisy`` when the background is loud."""

    noisy: bool = False


@dataclass(frozen=True, slots=True)
class Keys:
    """The customer pressed keys; complete as judged by the expectation's :class:`KeypadSpec` (terminator removed)."""

    digits: str


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing came for ``Expectation.no_input_ms`` after the prompt had been played."""


@dataclass(frozen=True, slots=True)
class ActionDone:
    """A back-end action answered. ``slots`` are the slot values it set; ``failed`` when it could not be reached.

    ``unanswered``: it failed because no answer came, so it may have been carried out.
    """

    action: str
    slots: Mapping[str, Json] = field(default_factory=dict)
    responses: tuple[str, ...] = ()
    failed: bool = False
    unanswered: bool = False


@dataclass(frozen=True, slots=True)
class HungUp:
    """The customer left."""


Given = (
    Begun
    | Utterance
    | Unintelligible
    | Keys
    | Silence
    | ActionDone
    | HungUp
    | SafetyHit
    | DeskReply
    | DeskNews
    | CallbackBooked
)


@dataclass(frozen=True, slots=True)
class Button:
    """A choice a visitor can click; ``payload`` is what is sent as if typed."""

    title: str
    payload: str


@dataclass(frozen=True, slots=True)
class Say:
    """One prompt. ``text`` is for the screen, ``spoken`` for the voice (read-out rules applied).

    ``fixed``: no slot value inside, so it may be rendered once and cached. ``interruptible``: speech may cut it off.
    """

    text: str
    spoken: str
    response: str
    language: Language
    fixed: bool = False
    interruptible: bool = True
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class CallAction:
    """Ask the action server to run ``action`` with these slots; the answer comes back as :class:`ActionDone`.

    ``changes``: it alters something there, so its outcome matters even when nobody is there to hear it.
    """

    action: str
    slots: Mapping[str, Json]
    changes: bool = False


@dataclass(frozen=True, slots=True)
class HandOff:
    """Give the conversation to a person with these skills (priority 1 is most urgent)."""

    skills: tuple[str, ...]
    min_level: int
    priority: int
    reason: HandoffReason
    intent: str = ""
    bypass_caps: bool = False


@dataclass(frozen=True, slots=True)
class BookCallback:
    """Keep the customer's place and ring ``number``; the answer comes back as :class:`CallbackBooked`."""

    number: str


@dataclass(frozen=True, slots=True)
class LeaveQueue:
    """The customer does not want to wait any more: take the contact out of the queue."""


@dataclass(frozen=True, slots=True)
class OfferChat:
    """Send a link to go on by chat to the customer's phone."""


@dataclass(frozen=True, slots=True)
class PassOn:
    """Once everything is said, have the caller's telephone call ``address`` instead of us: a queue that is not ours."""

    address: str


@dataclass(frozen=True, slots=True)
class SwitchLanguage:
    """From now on recognise, understand and speak this language."""

    language: Language


@dataclass(frozen=True, slots=True)
class SetPace:
    """Speaking rate from now on; 1.0 is normal, 0.8 is slow and louder."""

    rate: float


@dataclass(frozen=True, slots=True)
class SetRecording:
    """Recording and transcription state; ``discard`` deletes what was recorded so far."""

    on: bool
    discard: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class End:
    """Say goodbye is over: close the conversation."""

    disposition: Disposition


Effect = (
    Say
    | CallAction
    | HandOff
    | BookCallback
    | LeaveQueue
    | OfferChat
    | PassOn
    | SwitchLanguage
    | SetPace
    | SetRecording
    | End
)
