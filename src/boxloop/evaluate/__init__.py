"""Stage *evaluate*: how good, for whom, compared with what, where does it break?"""

from boxloop.evaluate.details import make_details
from boxloop.evaluate.ledger import Opening, opening_key, openings_of, read_ledger
from boxloop.evaluate.nested import procedure
from boxloop.evaluate.predict import predict_sets
from boxloop.evaluate.scores import Evaluation, Truth, choice, evaluate, group_columns, known_truth

__all__ = [
    "Evaluation",
    "Opening",
    "Truth",
    "choice",
    "evaluate",
    "group_columns",
    "known_truth",
    "make_details",
    "opening_key",
    "openings_of",
    "predict_sets",
    "procedure",
    "read_ledger",
]
