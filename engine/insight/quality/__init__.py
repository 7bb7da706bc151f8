"""How good a finished model is, worked out from the rows that it never saw: numbers and sentences, no figures drawn."""
