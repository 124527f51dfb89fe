"""The command line: ``voicebot serve | demo | chat | call | train | lint | test | check | models | token``."""

from voicebot.cli.main import main

__all__ = ["main"]
