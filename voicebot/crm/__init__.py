"""Customers and past contacts: the port to a CRM, with an embedded default."""
