"""What the columns of a table of texts are, and why."""
