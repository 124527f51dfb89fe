"""Where conversations are kept: the event log, who owns a conversation, tokens, recordings."""

from voicebot.store.codec import event_from_json, event_to_json
from voicebot.store.port import ConversationRow, Store, TokenRow
from voicebot.store.recordings import Recordings, RecordingWriter
from voicebot.store.sql import SqlStore
from voicebot.store.whole_log import EventLog, whole_log

__all__ = [
    "ConversationRow",
    "EventLog",
    "RecordingWriter",
    "Recordings",
    "SqlStore",
    "Store",
    "TokenRow",
    "event_from_json",
    "event_to_json",
    "whole_log",
]
