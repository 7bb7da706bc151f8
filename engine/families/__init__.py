"""One file per model family; each family is one constant with its graph twin."""

BASELINE = "baseline"
"""The key of the family that says the same for every row: what models are measured by, and never one of those tried."""
