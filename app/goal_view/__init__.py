"""The parts of the goal page that experts may open."""
