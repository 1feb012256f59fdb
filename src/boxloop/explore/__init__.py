"""Look at the data: all of them without the target, then the training objects alone with it."""

from boxloop.explore.admit import admit
from boxloop.explore.duplicates import positions
from boxloop.explore.embedding import embed
from boxloop.explore.overview import explore_all, explore_training

__all__ = ["admit", "embed", "explore_all", "explore_training", "positions"]
