"""Card capture: the number comes in by keypad only, and only a token stays."""

from __future__ import annotations

import secrets

from voicebot.demo.call import Action, ActionCall, Result, outcome

_DECLINED = "4000000000000002"
"""The customary test number of a card that is refused."""


def capture_token(call: ActionCall) -> Result:
    """Check a keyed card number and keep a token: ``ok``, ``invalid`` (mistyped), ``declined``."""
    digits = "".join(character for character in call.get("card_number") if character.isdigit())
    if not 13 <= len(digits) <= 19 or not luhn(digits):
        return outcome("invalid", card_number=None)
    if digits == _DECLINED:
        return outcome("declined", card_number=None)
    token = f"tok_{secrets.token_hex(8)}"
    call.rows("payments").append({"token": token, "last4": digits[-4:], "status": "authorised", "amount": None})
    return outcome("ok", card_number=None, card_token=token)


def send_payment_link(call: ActionCall) -> Result:
    """A fresh address of the hosted payment page, for chat."""
    return outcome("ok", payment_link=f"https://{call.tenant}.example/pay/{secrets.token_urlsafe(9)}")


def luhn(digits: str) -> bool:
    """The check digit of ISO/IEC 7812-1: doubled from the right, every second digit, sums to a multiple of ten."""
    total = 0
    for place, character in enumerate(reversed(digits)):
        value = int(character) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


ACTIONS: dict[str, Action] = {
    "action_capture_token": capture_token,
    "action_send_payment_link": send_payment_link,
}
