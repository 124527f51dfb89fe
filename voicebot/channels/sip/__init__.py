"""SIP calls as voice lines."""

from voicebot.channels.sip.certificate import write_self_signed
from voicebot.channels.sip.line import SipLine
from voicebot.channels.sip.reaching import NotReached, Outcome
from voicebot.channels.sip.server import OnCall, SipHealth, SipServer
from voicebot.channels.sip.settings import SipAccount, SipSettings

__all__ = [
    "NotReached",
    "OnCall",
    "Outcome",
    "SipAccount",
    "SipHealth",
    "SipLine",
    "SipServer",
    "SipSettings",
    "write_self_signed",
]
