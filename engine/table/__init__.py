"""A file becomes a typed table: reading, kinds, schema, reading rules, dataset."""
