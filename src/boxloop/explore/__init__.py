"""Look at the data: all of them without the target, then the training objects alone with it."""

from boxloop.explore.overview import explore_all, explore_training

__all__ = ["explore_all", "explore_training"]
