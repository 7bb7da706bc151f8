"""The scoring service of a bundle; the files go into it as they are, beside predict.py."""
