"""All actions of the demo by name, per company."""

from __future__ import annotations

from collections.abc import Mapping

from voicebot.demo import (
    callbacks,
    identity,
    messages,
    payments,
    screening,
    shop_catalogue,
    shop_documents,
    shop_orders,
    shop_repairs,
    shop_returns,
    shop_subscriptions,
    telecom_billing,
    telecom_contracts,
    telecom_mobile,
    telecom_network,
    telecom_visits,
    tickets,
    troubleshooting,
)
from voicebot.demo.call import Action

_SHARED = (identity, screening, callbacks, messages, payments, tickets, troubleshooting)
_OWN = {
    "shop": (shop_orders, shop_returns, shop_repairs, shop_catalogue, shop_subscriptions, shop_documents),
    "telecom": (telecom_network, telecom_billing, telecom_contracts, telecom_mobile, telecom_visits),
}


def actions_of(tenant: str) -> Mapping[str, Action]:
    """Every action a company's flows may call; empty for an unknown company."""
    if tenant not in _OWN:
        return {}
    found = dict(identity.OWN_ACTIONS[tenant])
    for module in (*_SHARED, *_OWN[tenant]):
        found |= module.ACTIONS
    return found
