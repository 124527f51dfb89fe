"""The desk: agents, skills, the queue, and who leads a conversation now."""

from voicebot.desk.agent_port import DeskChange, QueueNow, Task
from voicebot.desk.callbacks import Promise, PromiseState
from voicebot.desk.company import DeskContent
from voicebot.desk.content import check_desk, load_desk
from voicebot.desk.dialling import Dialler, DialOutcome
from voicebot.desk.embedded import EmbeddedDesk
from voicebot.desk.model import Agent, Contact, Medium, QueueSpec
from voicebot.desk.port import HandoffDesk

__all__ = [
    "Agent",
    "Contact",
    "DeskChange",
    "DeskContent",
    "DialOutcome",
    "Dialler",
    "EmbeddedDesk",
    "HandoffDesk",
    "Medium",
    "Promise",
    "PromiseState",
    "QueueNow",
    "QueueSpec",
    "Task",
    "check_desk",
    "load_desk",
]
