"""What the page of a table is made of."""
