"""After deployment: has the world changed, is the model still right, what to label next, what it bears."""
