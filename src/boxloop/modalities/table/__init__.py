"""What is special about measured columns."""
