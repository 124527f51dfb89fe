"""The vocabulary: ids, languages, channels, and the words for how things stand."""

from __future__ import annotations

from enum import StrEnum
from typing import NewType

ConversationId = NewType("ConversationId", str)
UtteranceId = NewType("UtteranceId", str)
TenantId = NewType("TenantId", str)
Language = NewType("Language", str)
"""BCP 47 primary tag such as ``ja`` or ``en``. A new language is data, so this is not an enumeration."""

JA = Language("ja")
EN = Language("en")

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


class Channel(StrEnum):
    """How the customer reaches us; ``voice`` and ``web_chat`` are the names of the handoff schema."""

    VOICE = "voice"
    WEB_CHAT = "web_chat"
    REST = "rest"
    TERMINAL = "terminal"


class Party(StrEnum):
    """Who produced words."""

    CUSTOMER = "customer"
    BOT = "bot"
    AGENT = "agent"


class Owner(StrEnum):
    """Who leads the conversation now; exactly one at any instant."""

    BOT = "bot"
    QUEUE = "queue"
    AGENT = "agent"


class Source(StrEnum):
    """How words of the customer came in."""

    SPEECH = "speech"
    TEXT = "text"
    KEYPAD = "keypad"


class Verification(StrEnum):
    """How sure we are of who is speaking. Ordered: none < light < strong; ``failed`` counts as none."""

    NONE = "none"
    LIGHT = "light"
    STRONG = "strong"
    FAILED = "failed"


class SlotStatus(StrEnum):
    """What a slot value is worth: heard once, agreed to, or replaced later."""

    HEARD = "heard"
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    REFUSED = "refused"


class Answer(StrEnum):
    """A reply to a yes/no question. ``ambiguous`` is 「いいです」 or "I'm good": it never authorises anything."""

    YES = "yes"
    NO = "no"
    AMBIGUOUS = "ambiguous"


class Hazard(StrEnum):
    """Kinds of danger the safety screen tells apart; each has a script of its own."""

    FIRE_ELECTRIC = "fire_electric"
    INJURY = "injury"
    INGESTION = "ingestion"
    GAS_CO = "gas_co"
    SELF_HARM = "self_harm"
    CRIME = "crime"


class Disposition(StrEnum):
    """How a contact ended; every contact ends with exactly one."""

    RESOLVED_BY_BOT = "resolved_by_bot"
    HANDED_OFF = "handed_off"
    EMERGENCY = "emergency"
    CALLBACK_BOOKED = "callback_booked"
    HANDLED_BY_AGENT = "handled_by_agent"
    ABANDONED_IN_QUEUE = "abandoned_in_queue"
    OUT_OF_SCOPE = "out_of_scope"
    NO_INPUT = "no_input"
    ABANDONED_IN_FLOW = "abandoned_in_flow"
    ABANDONED_NO_REQUEST = "abandoned_no_request"
    DECLINED_BY_CUSTOMER = "declined_by_customer"
    FAILED = "failed"


class HandoffReason(StrEnum):
    """Why a person takes over; the enumeration of the handoff schema."""

    CUSTOMER_ASKED = "customer_asked"
    NO_MATCH = "no_match"
    NO_INPUT = "no_input"
    LOW_CONFIDENCE = "low_confidence"
    FLOW_REQUIRES_HUMAN = "flow_requires_human"
    BACKEND_ERROR = "backend_error"
    AUTH_FAILED = "auth_failed"
    EMERGENCY = "emergency"
    FRUSTRATION = "frustration"
    COMPLIANCE = "compliance"
    CALLBACK_DUE = "callback_due"
    SUPERVISOR_TAKEOVER = "supervisor_takeover"
    BOT_FAILURE = "bot_failure"
