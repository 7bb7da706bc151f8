"""The commands of the terminal: one command, one file."""
