"""A small neural network in plain NumPy: its layers, its training, its graph and its SHAP values."""
