"""What the terminal says about a run: a document for programs, lines and tables for people."""
