"""Canned answers with what the conversation has confirmed filled in; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from voicebot.domain import Language
from voicebot.web.desk.ports import Reply
from voicebot.web.desk.showing import title_of
from voicebot.web.desk.views import ReplyView

_PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def values_of(packet: Mapping[str, Any]) -> dict[str, str]:
    """What may be said back to the customer: confirmed slots that are not sensitive, and their name."""
    values = {
        slot["name"]: str(slot.get("display") or slot.get("value"))
        for slot in packet.get("slots", [])
        if slot["status"] in ("confirmed", "corrected") and not slot.get("sensitive") and slot.get("value") is not None
    }
    name = packet.get("customer", {}).get("display_name")
    return {**values, "customer_name": name} if name else values


def filled(reply: Reply, language: Language, values: Mapping[str, str]) -> ReplyView | None:
    """The answer in this language; None when it is not written in it. Unknown places stay as they are and are named."""
    text = reply.text.get(language)
    if text is None:
        return None
    missing = sorted({name for name in _PLACE.findall(text) if name not in values})
    return ReplyView(
        id=reply.id,
        title=title_of(text),
        text=_PLACE.sub(lambda place: values.get(place[1], place[0]), text),
        language=language,
        missing=missing,
    )
