"""boxloop: from raw survey data to a machine-learning result that others can check."""

__version__ = "0.1.0"
