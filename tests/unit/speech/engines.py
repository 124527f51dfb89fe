"""Engines for the worker tests; each worker imports this file by its own name from PYTHONPATH."""

from __future__ import annotations

import os
from typing import Any

from voicebot.errors import ModelError
from voicebot.speech import wire


class Echo:
    name = "echo"

    def __init__(self) -> None:
        self.served: list[str] = []

    def __call__(self, header: wire.Header, payload: bytes) -> wire.Message:
        match header.get("do"):
            case "wait":
                with open(header["fifo"], "rb") as gate:
                    gate.read()
            case "fail":
                raise ValueError(f"cannot read {header['secret']}")
            case "print":
                print("a library talks", flush=True)
            case "die":
                os._exit(9)
        self.served.append(str(header.get("tag")))
        return {"served": list(self.served)}, payload


def echo(config: dict[str, Any]) -> Echo:
    return Echo()


def missing(config: dict[str, Any]) -> Echo:
    raise ModelError("the model is not there. Put it there.")


def dying(config: dict[str, Any]) -> Echo:
    os._exit(7)
