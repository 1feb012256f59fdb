"""What is special about light curves."""
