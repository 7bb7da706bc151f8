"""Tables larger than memory: they stay on disk, are looked at in blocks, and a sample of their rows is worked with."""
