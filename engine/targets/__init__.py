"""Ways of turning a numeric target before models are fitted on it, and back again, in training and in the file."""
