"""What is special about images."""
