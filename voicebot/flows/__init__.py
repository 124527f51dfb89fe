"""Flows: what a conversation does, as data, and the pure engine that runs it.

``load_flows`` reads and checks an author's files, ``Dialogue`` turns one thing that happened into what is to be said
and done. Nothing here knows of time, channels, models or storage.
"""

from voicebot.flows.content import Flow, FlowKind, MenuItem, Policy, Response, Tenant, TenantFlows
from voicebot.flows.dialogue import Dialogue
from voicebot.flows.loader import load_flows, tenants
from voicebot.flows.reopening import reopened
from voicebot.flows.responses import Readout, fixed_prompts
from voicebot.flows.run import Step
from voicebot.flows.source import ContentErrors
from voicebot.flows.standing import InLine, LinePhase
from voicebot.flows.state import DialogueState, Frame, SlotValue, Waiting
from voicebot.flows.validate import validate

__all__ = [
    "ContentErrors",
    "Dialogue",
    "DialogueState",
    "Flow",
    "FlowKind",
    "Frame",
    "InLine",
    "LinePhase",
    "MenuItem",
    "Policy",
    "Readout",
    "Response",
    "SlotValue",
    "Step",
    "Tenant",
    "TenantFlows",
    "Waiting",
    "fixed_prompts",
    "load_flows",
    "reopened",
    "tenants",
    "validate",
]
