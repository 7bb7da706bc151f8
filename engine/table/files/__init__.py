"""Files of every sort become tables of texts; nothing is judged here."""
