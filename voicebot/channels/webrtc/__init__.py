"""Browsers as voice lines: WebRTC with Opus, captions and keys over a data channel."""

from voicebot.channels.webrtc.line import WebRtcLine
from voicebot.channels.webrtc.server import LinesTaken, WebRtcServer
from voicebot.channels.webrtc.settings import IceServer, WebRtcSettings, parse_ice

__all__ = ["IceServer", "LinesTaken", "WebRtcLine", "WebRtcServer", "WebRtcSettings", "parse_ice"]
