"""One run: its stages between the question and the certified file, and what they share."""
