"""Where things are kept: workspace, runs and events, artifacts, the MLflow mirror."""
