"""What leaves: one exporter, one file."""
