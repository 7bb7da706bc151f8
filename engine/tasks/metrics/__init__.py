"""One file per group of metrics; each metric is one constant."""
