"""Accounts, roles, sessions, and who did what."""
