"""A customer's own actions, written against rasa-sdk as its documentation shows."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher


class GetOrder(Action):
    """Reads slots and the latest message, sets slots, says something."""

    def name(self) -> str:
        return "action_get_order"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        number = tracker.get_slot("order_number")
        dispatcher.utter_message(text=f"{tracker.sender_id} {tracker.latest_message['text']}")
        dispatcher.utter_message(response="utter_order_shipped")
        return [
            SlotSet("outcome", "ok" if number == "A20481137" else "not_found"),
            SlotSet("order_status", "shipped"),
            SlotSet("seen", {"tenant": tracker.get_slot("tenant"), "language": tracker.get_slot("language")}),
        ]


class SayNothing(Action):
    """Sets nothing at all."""

    def name(self) -> str:
        return "action_say_nothing"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        return []


class Break(Action):
    """Fails."""

    def name(self) -> str:
        return "action_break"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        raise RuntimeError("the order system is down")
