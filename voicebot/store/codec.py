"""Events to JSON and back, driven by the dataclasses themselves.

An event is an object with ``type`` (the class name) and its fields. Unknown fields are ignored and missing ones take
their defaults, so that an older program reads a newer log.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from typing import Any, Literal, Union, cast

from voicebot import domain
from voicebot.domain import Event, Json
from voicebot.errors import StoreError

EVENT_TYPES: dict[str, type[Any]] = {cls.__name__: cls for cls in typing.get_args(domain.Event)}

IDENTIFIERS = frozenset(
    (
        "type utterance flow slot intent model action response versions tenant channel handoff change queue agent name "
        "role enqueued_at code reference outcome kind card version script step entry source place how by"
    ).split()
)
"""Fields that hold our own names, never words of a customer; they are not redacted."""


def event_to_json(event: Event) -> dict[str, Json]:
    """Turn an event into a JSON object."""
    return {"type": type(event).__name__, **_plain_fields(event)}


def event_from_json(data: Mapping[str, Json]) -> Event:
    """Turn a JSON object back into its event.

    Raises:
        StoreError: the type is unknown or a field does not fit.
    """
    cls = EVENT_TYPES.get(str(data.get("type")))
    if cls is None:
        raise StoreError(
            f"The log holds an event of unknown type {data.get('type')!r}; was it written by a newer version?"
        )
    return cast(Event, _build(cls, data))


def redacted(data: Mapping[str, Json], redact: Callable[[str], str]) -> dict[str, Json]:
    """A copy of an event's JSON in which every text that may hold customer words went through ``redact``."""
    return {key: value if key in IDENTIFIERS else _walk(value, redact) for key, value in data.items()}


def _walk(value: Json, redact: Callable[[str], str]) -> Json:
    match value:
        case str():
            return redact(value)
        case list():
            return [_walk(item, redact) for item in value]
        case dict():
            return {key: item if key in IDENTIFIERS else _walk(item, redact) for key, item in value.items()}
        case _:
            return value


def _plain_fields(value: Any) -> dict[str, Json]:
    return {item.name: _plain(getattr(value, item.name)) for item in dataclasses.fields(value)}


def _plain(value: Any) -> Json:
    if isinstance(value, Enum):
        return cast(Json, value.value)
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if dataclasses.is_dataclass(value):
        return _plain_fields(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    raise StoreError(f"A {type(value).__name__} cannot be written to the log")


@cache
def _hints(cls: type[Any]) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def _build(cls: type[Any], data: Mapping[str, Json]) -> Any:
    hints = _hints(cls)  # type: ignore[arg-type]  # mypy takes type[Any] for unhashable
    known = {
        item.name: _value(hints[item.name], data[item.name]) for item in dataclasses.fields(cls) if item.name in data
    }
    try:
        return cls(**known)
    except TypeError as error:
        raise StoreError(f"The log holds an incomplete {cls.__name__}: {error}") from None


def _value(hint: Any, value: Json) -> Any:
    origin = typing.get_origin(hint)
    if origin in (Union, types.UnionType):
        return _union(typing.get_args(hint), value)
    if origin is tuple and isinstance(value, list):
        return tuple(_value(typing.get_args(hint)[0], item) for item in value)
    if origin is Literal:
        return value
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    if dataclasses.is_dataclass(hint) and isinstance(value, dict):
        return _build(cast(type[Any], hint), value)
    return value


def _union(options: tuple[Any, ...], value: Json) -> Any:
    if value is None or set(options) >= {str, int, float, bool}:
        return value
    real = [option for option in options if option is not type(None)]
    return _value(real[0], value) if len(real) == 1 else value
