"""The doors: Streamlit screens, command line, worker process. Thin; no machine-learning imports."""
