"""The parts of the page In use, and the same as text for the terminal."""
