"""What lies beside a skops file: copied, and loaded under its own name, never imported from here."""
