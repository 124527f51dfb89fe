"""Load on the telephone: many real callers, and what a capture says of it."""
