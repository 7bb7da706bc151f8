"""The page that says how good a model is: its sections and charts, and the same as text for the terminal."""
