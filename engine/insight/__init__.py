"""How good a model is and why it predicts what it predicts, as plain arrays."""
