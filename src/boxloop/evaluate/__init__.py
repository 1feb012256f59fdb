"""Stage *evaluate*: how good, for whom, compared with what, where does it break?"""

from boxloop.analyses.scores.compute import (
    Evaluation,
    Truth,
    choice,
    evaluate,
    group_columns,
    known_truth,
)
from boxloop.analyses.scores.details import make_details
from boxloop.analyses.scores.nested import procedure
from boxloop.evaluate.ledger import Opening, opening_key, openings_of, read_ledger
from boxloop.evaluate.predict import predict_sets

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
