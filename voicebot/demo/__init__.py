"""The demo back end: two invented companies' order desk, network desk and identity check as a real HTTP service.

It speaks the action-server webhook protocol of rasa-sdk, so it can be replaced by any action server, and plain REST
for looking at what an action did.
"""

from voicebot.demo.server import create_app

__all__ = ["create_app"]
