"""Programs that call a model from other languages and from Python; they go into the bundle as they are."""
