"""Virtual time and simulated customers; shipped, so that an operator can try a change before callers meet it."""
