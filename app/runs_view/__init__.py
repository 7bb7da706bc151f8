"""The parts of the page of all runs: the list, what is written beside a run, and runs side by side."""
