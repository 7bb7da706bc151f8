"""Smaller versions of a finished model, each with its price in accuracy."""
