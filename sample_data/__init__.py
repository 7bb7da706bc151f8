"""Sample tables."""
