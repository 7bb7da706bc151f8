"""What the report is made of: its sections in words, its pictures, its looks, and the same as plain data."""
