"""Rows that come after a training: how far they fit the model, and how they join the table it learnt from."""
