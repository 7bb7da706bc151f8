"""The parts of the pages that say why a model predicts what it predicts."""
