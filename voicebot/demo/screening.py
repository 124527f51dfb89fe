"""Facts a request carries in its own words, so that the customer need not be asked for them."""

from __future__ import annotations

import re
import unicodedata

from voicebot.demo.call import Action, ActionCall, Result, outcome

_BEREAVED = ("亡くな", "他界", "逝去", "死去", "passed away", "died", "death", "deceased", "bereave", "funeral")
_ADDRESS = (
    "住所", "届け先", "お届け先", "会社に", "職場に", "実家に", "address", "office", "flat number", "to my work",
    "somewhere else", "different place",
)  # fmt: skip
_LOCKER = ("宅配ボックス", "置き配", "locker", "doorstep", "with a neighbour", "neighbor")
_FAULT = (
    "壊れ", "故障", "不良", "動かな", "つかな", "電源が入らな", "割れ", "傷", "漏れ", "変な音",
    "broken", "fault", "defect", "doesn't work", "does not work", "not working", "won't turn on", "cracked", "leak",
    "damaged", "stopped working",
)  # fmt: skip
_NO_FAULT = re.compile(
    r"(?:not|isn't|wasn't|nothing|no|never|without)(?: \w+){0,2} (?:broken|fault\w*|defect\w*|cracked|damaged?|wrong)"
    r"|(?:壊れて|割れて|故障し?て|漏れて|故障|不良品?|傷)(?:では|じゃ|は|が|も)?(?:い?ない|い?ません|あり?ません|な[いく])"
)


def mentions(text: str, words: tuple[str, ...]) -> bool:
    """Whether one of the words occurs, widths and capitals apart."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return any(word in plain for word in words)


def faulty(text: str) -> bool:
    """Whether a reason for a return speaks of a fault; "it isn't broken" does not."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return mentions(_NO_FAULT.sub("", plain), _FAULT)


def identify_bereavement(call: ActionCall) -> Result:
    """A death in the family changes how a cancellation is handled."""
    return outcome("bereaved" if mentions(call.text, _BEREAVED) else "none")


def identify_delivery_change(call: ActionCall) -> Result:
    """Whether the date, the address or the place to leave the parcel is to change."""
    name = "locker" if mentions(call.text, _LOCKER) else "address" if mentions(call.text, _ADDRESS) else "date"
    return outcome(name, delivery_change=name)


ACTIONS: dict[str, Action] = {
    "action_identify_bereavement": identify_bereavement,
    "action_identify_delivery_change": identify_delivery_change,
}
