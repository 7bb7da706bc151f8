"""Numbered changes to the schema of the workspace's database. Alembic is loaded only when one must run."""
