"""Ways of drawing points from a space: one file each, found by the registry."""
