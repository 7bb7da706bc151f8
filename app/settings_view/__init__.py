"""The parts of the page of the settings: people and projects, and the log."""
