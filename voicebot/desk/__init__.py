"""The desk: agents, skills, the queue, and who leads a conversation now."""
