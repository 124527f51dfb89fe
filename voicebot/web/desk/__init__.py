"""The agent's console, server side: the socket ``/ws/desk`` and the addresses under ``/api/desk``."""
