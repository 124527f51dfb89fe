"""Customers and past contacts: the port to a CRM, with an embedded default."""

from voicebot.crm.embedded import EmbeddedCrm
from voicebot.crm.http import HttpCrm
from voicebot.crm.numbers import canonical
from voicebot.crm.port import Crm, CustomerRecord, Interaction

__all__ = ["Crm", "CustomerRecord", "EmbeddedCrm", "HttpCrm", "Interaction", "canonical"]
