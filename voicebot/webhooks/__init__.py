"""Signed notices to other systems, tried again until taken or given up."""
