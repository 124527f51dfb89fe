"""How a contact ended: a pure function of what happened."""

from __future__ import annotations

from voicebot.domain import Disposition
from voicebot.flows.content import FlowKind, TenantFlows
from voicebot.flows.state import DialogueState


def in_task(state: DialogueState, content: TenantFlows) -> bool:
    """A task of the customer is open."""
    return any(content.flows[frame.flow].kind is FlowKind.TASK for frame in state.stack if frame.flow in content.flows)


def disposition_of(state: DialogueState, content: TenantFlows) -> Disposition:
    """The disposition if the contact ended now and nothing more serious was said.

    A task left open outweighs one that was done before: the customer still wanted something.
    """
    if state.ended is not None:
        return state.ended
    if state.callback:
        return Disposition.CALLBACK_BOOKED
    if in_task(state, content):
        return Disposition.ABANDONED_IN_FLOW
    if state.tasks_done or state.answers_given:
        return Disposition.RESOLVED_BY_BOT
    if state.out_of_scope:
        return Disposition.OUT_OF_SCOPE
    if state.declined:
        return Disposition.DECLINED_BY_CUSTOMER
    return Disposition.ABANDONED_NO_REQUEST
