"""What it costs to join people: delay, packet gaps, processor time."""
