"""One file per step of the fixed-shape pipeline; each step is one constant with its graph twin."""
