"""One file per group of checks; each check is one constant."""
