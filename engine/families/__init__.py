"""One file per model family; each family is one constant with its graph twin."""
