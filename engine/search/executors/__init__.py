"""Where trials run: in processes of this computer, or on the workers of a cluster."""
