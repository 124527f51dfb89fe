"""The conversational front door of a contact centre."""

__version__ = "0.1.0"
