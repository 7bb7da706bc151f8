"""What training scripts are made of: copied function by function, never imported from here."""
