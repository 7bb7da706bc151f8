"""Models that were trained again: beside the one before, and beside themselves with other seeds."""
