"""The search under a budget: folds, proposals, racing, supervised trials."""
