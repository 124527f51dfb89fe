"""Amounts of money, such as ``19800 JPY`` or ``42.50 GBP``."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from voicebot.domain import JA, Language

_UNITS_EN = {
    "JPY": ("yen", "yen", ""),
    "GBP": ("pound", "pounds", "p"),
    "USD": ("dollar", "dollars", "cents"),
    "EUR": ("euro", "euros", "cents"),
}
_UNITS_JA = {"JPY": ("円", ""), "GBP": ("ポンド", "ペンス"), "USD": ("ドル", "セント"), "EUR": ("ユーロ", "セント")}
_SIGNS = {"GBP": "£", "USD": "$", "EUR": "€"}


def parsed(value: str) -> tuple[Decimal, str] | None:
    """Number and currency of a canonical amount; None when it is not one."""
    number, _, currency = value.partition(" ")
    try:
        return Decimal(number), currency
    except InvalidOperation:
        return None


def shown_amount(number: Decimal, currency: str, language: Language) -> str:
    """For the screen: ¥ amounts by word, others by sign in English."""
    written = f"{number:,.0f}" if number == number.to_integral_value() else f"{number:,.2f}"
    if language == JA:
        return f"{written}{_UNITS_JA.get(currency, (currency, ''))[0]}"
    if currency in _SIGNS:
        return f"{_SIGNS[currency]}{written}"
    return f"{written} {_UNITS_EN.get(currency, (currency,) * 3)[1]}"


def spoken_amount(number: Decimal, currency: str, language: Language) -> str:
    """For the voice: whole units, then the rest."""
    whole = int(number)
    rest = int((abs(number) - abs(whole)) * 100)
    if language == JA:
        unit, small = _UNITS_JA.get(currency, (currency, ""))
        return f"{whole}{unit}" + (f"{rest}{small}" if rest else "")
    one, many, small = _UNITS_EN.get(currency, (currency, currency, ""))
    said = f"{whole} {one if whole == 1 else many}"
    if not rest:
        return said
    return f"{said} {rest}" if currency == "GBP" else f"{said} and {rest} {small}"
