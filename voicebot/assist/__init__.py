"""Agent assist: the right words on screen within a second, and what they achieved."""
