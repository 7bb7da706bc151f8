"""What is to be predicted and how success is measured."""
