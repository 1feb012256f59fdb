"""Analyses of what a test has in memory."""

from collections.abc import Callable
from typing import Any

import pandas as pd
from records import checked

from boxloop.analyses.evaluated import Evaluated
from boxloop.analyses.scores.compute import Truth

#: What `Evaluated` is made of; all else goes to the function of the analysis.
PARTS = (
    "selection", "cross_validated", "folds", "labelled", "metrics", "models", "openings",
    "predictions", "probes", "split", "table", "target", "truth", "user_code",
)  # fmt: skip


def computed(compute: Callable[..., dict[str, Any]], **about: Any) -> dict[str, Any]:
    """Return the content of an analysis's file; a frame of truths may stand for `Truth`.

    It is what the record of the file says, or the test fails.
    """
    parts = {name: about.pop(name) for name in PARTS if name in about}
    if isinstance(parts.get("truth"), pd.DataFrame):
        parts["truth"] = Truth(parts["truth"], tuple(parts["metrics"]["classes"]))
    analysis = compute.__module__.split(".")[2]
    return checked(compute(Evaluated(**parts), **about), f"evaluate/{analysis}.json")
