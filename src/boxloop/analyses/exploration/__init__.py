"""What the data look like: all objects (`overview`), training objects, and a map of neighbours."""
