"""Short messages to customers, and the one-use links in them."""
