"""What a client's cycle says: one summary of figures, people, history and patterns, nothing of how it looks."""
