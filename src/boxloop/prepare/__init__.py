"""Stage *prepare*: which objects train, calibrate, test; which folds; which recipe per model?"""

from boxloop.prepare.outer import outer_plan
from boxloop.prepare.recipes import make_recipes
from boxloop.prepare.split import assign_folds, assign_split

__all__ = ["assign_folds", "assign_split", "make_recipes", "outer_plan"]
