"""What goes into an MLflow model beside the file: copied, never imported from here."""
