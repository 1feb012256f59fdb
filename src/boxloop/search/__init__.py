"""Stage *search*: which model and hyperparameters, by k-fold cross-validation?"""

from boxloop.search.cross_validate import cross_validate
from boxloop.search.nested import nested_fold
from boxloop.search.plan import SearchTask
from boxloop.search.probes import MOST, run_probe
from boxloop.search.progress import Progress, content_key
from boxloop.search.rounds import plan_round
from boxloop.search.select import best_predictions, select_models

__all__ = [
    "MOST",
    "Progress",
    "SearchTask",
    "best_predictions",
    "content_key",
    "cross_validate",
    "nested_fold",
    "plan_round",
    "run_probe",
    "select_models",
]
