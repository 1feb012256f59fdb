"""Train many networks of one architecture as one: folds, and trials that differ in rates or seeds.

Python, graph building and kernel launches are paid once for all members instead of once for each.
"""

from boxloop.fitting.stacked.fit import fit_stacked, trains_network
from boxloop.fitting.stacked.fits import Outcome, Part, Setting
from boxloop.fitting.stacked.halving import Halving
from boxloop.fitting.stacked.members import Data, Member, StackedResult
from boxloop.fitting.stacked.train import train_stacked

__all__ = [
    "Data",
    "Halving",
    "Member",
    "Outcome",
    "Part",
    "Setting",
    "StackedResult",
    "fit_stacked",
    "train_stacked",
    "trains_network",
]
