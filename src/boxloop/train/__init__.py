"""Stage *train*: the final models, with checkpoints and history."""

from boxloop.train.final import fit_final

__all__ = ["fit_final"]
