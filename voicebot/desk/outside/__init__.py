"""Other people's desks behind our port: an ACD by signed webhook, a PBX queue by SIP transfer, an inbox for chats.

A contact of an outside desk has no row of ours: how it stands is read from the conversation's log, so that every
process and every restart sees the same. Ownership goes bot, queue, agent by compare-and-set as with the embedded desk.
"""

from voicebot.desk.outside.acd import AcdRemote
from voicebot.desk.outside.desk import Moved, OutsideDesk, Remote
from voicebot.desk.outside.handed import as_contact
from voicebot.desk.outside.inbox import InboxRemote, inbox_news
from voicebot.desk.outside.pbx import PbxQueueRemote

__all__ = ["AcdRemote", "InboxRemote", "Moved", "OutsideDesk", "PbxQueueRemote", "Remote", "as_contact", "inbox_news"]
