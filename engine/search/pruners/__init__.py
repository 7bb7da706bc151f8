"""Rules by which a candidate gives up before its last fold: one file each, found by the registry."""
