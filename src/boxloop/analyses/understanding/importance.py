"""Permutation importance: what a score loses when objects exchange a block of their features.

References
----------
Breiman, L. (2001), Random forests, Machine Learning 45, 5.
Fisher, A., Rudin, C. & Dominici, F. (2019), All models are wrong, but many are useful, J. Mach.
Learn. Res. 20, 177.
"""

from collections.abc import Mapping
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from boxloop.analyses.scores.compute import Truth
from boxloop.analyses.understanding.blocks import (
    CORRELATED,
    Block,
    Mixer,
    feature_blocks,
    sees,
    usual_order,
)
from boxloop.analyses.understanding.held_out import HeldOut
from boxloop.metrics import REGISTRY, Judged, Resamples, statistic
from boxloop.metrics.interval import COVERAGE, FEWEST
from boxloop.study.seeds import generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.fitting import Fitted
    from boxloop.results.understanding import Importance, Loss, Permuted
    from boxloop.store import Table

    Floats = NDArray[np.float64]

#: Permutations of each block.
REPEATS = 5
#: Most objects; fewer where a score sorts them, or where there are many blocks.
OBJECTS = 5000
OBJECTS_RANKED = 2000
_RANKED = ("roc_auc", "average_precision")
_PERMUTED_ROWS = 250_000
#: Resamples: enough for a standard error.
_RESAMPLES = 200


def most_objects(metric: str, blocks: int) -> int:
    """Return how many objects are permuted, so that the time stays bounded."""
    most = OBJECTS_RANKED if metric in _RANKED else OBJECTS
    return max(min(most, _PERMUTED_ROWS // max(blocks, 1)), 200)


def permutation_importance(
    models: "Mapping[str, Fitted]",
    held_out: HeldOut,
    blocks: list[Block],
    *,
    metric: str,
    derived: Mapping[str, Mapping[str, Any]],
    seed: int,
    user_code: "tuple[str, ...] | list[str]" = (),
) -> "Permuted":
    """Return what the score of each model loses when a block is permuted.

    Parameters
    ----------
    models : mapping of str to Fitted
    held_out : HeldOut
    blocks : list of Block
        Blocks of derived columns that rest on no feature are added.
    metric : str
        The study's; a loss is positive where the score gets worse.
    derived : mapping
        The study's section ``columns.derived``.

    Returns
    -------
    dict
        ``groups`` {name, kind, columns, derived (columns that follow)}, by the importance for the
        first model, and ``models.<name>`` {score, reason, groups [{value, low, high, seen, repeats,
        reason}]} in their order.
    """
    mixer = Mixer(held_out.table, derived, user_code)
    orders = [
        usual_order(held_out.ids, held_out.units, generator(seed, "importance", repeat))
        for repeat in range(REPEATS)
    ]
    losses = {name: _Losses(model, held_out, metric, seed) for name, model in models.items()}
    follow = [_permute(block, mixer, orders, losses) for block in blocks]
    further = mixer.rest({c for of in follow for c in of})
    follow += [_permute(block, mixer, orders, losses) for block in further]
    every = [*blocks, *further]
    first = next(iter(losses.values())).found if losses else []
    ranked = sorted(range(len(every)), key=lambda i: -(first[i]["value"] or 0.0))
    return {
        "groups": [
            {
                "name": every[i].name,
                "kind": every[i].kind,
                "columns": list(every[i].columns),
                "derived": follow[i],
            }
            for i in ranked
        ],
        "models": {
            name: {
                "score": of.score,
                "reason": of.reason,
                "groups": [of.found[i] for i in ranked],
            }
            for name, of in losses.items()
        },
    }


def _permute(
    block: Block,
    mixer: Mixer,
    orders: "list[NDArray[np.intp]]",
    losses: "dict[str, _Losses]",
) -> list[str]:
    """Permute one block for all models; return the derived columns that followed."""
    touched: list[str] = []
    for repeat, order in enumerate(orders):
        moved = mixer.permuted(block, order)
        if repeat == 0:
            touched = [] if block.kind == "derived" else mixer.touched(moved)
            changed = {*block.moves, *touched, *(f"{c}__state" for c in touched)}
        for of in losses.values():
            of.add(moved, order, seen=sees(of.model, changed, block))
    for of in losses.values():
        of.close()
    return touched


class _Losses:
    """The losses of one model, block by block, on the same resamples of units."""

    def __init__(self, model: "Fitted", held_out: HeldOut, metric: str, seed: int) -> None:
        self.model, self._objects, self._metric = model, held_out, REGISTRY[metric]
        self._sign = 1.0 if self._metric.larger_is_better else -1.0
        resamples = Resamples(held_out.units, seed, "importance")
        self._units = resamples.n_units
        ones = np.ones((1, len(held_out.truth)))
        few = self._units < FEWEST
        drawn = ones[:0] if few else next(resamples.bootstrap())[:_RESAMPLES]
        self._weights = np.concatenate([ones, drawn])
        pair = held_out.judged(model.predict(held_out.table))
        self._reason = pair.lacks(self._metric)
        self._before = self._scores(pair, self._weights)
        self.score = None if self._before is None else _finite(self._before[0])
        undefined = "not defined for these objects" if self.score is None else ""
        self.reason = self._reason or undefined
        self.found: list[Loss] = []
        self._each: list[Floats] = []
        self._seen = False

    def _scores(self, pair: Judged, weights: "Floats") -> "Floats | None":
        """Score all objects, then each resample."""
        function = statistic(self._metric, pair)
        if function is None:
            return None
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(function(weights), float)

    def add(self, moved: "Table", order: "NDArray[np.intp]", *, seen: bool) -> None:
        """Score the table with a block permuted once.

        A permuted score rests on pairs: an object, and the one whose values it got. A resample
        draws both, else its spread would be up to half of what it is (a U-statistic).
        """
        self._seen = seen
        if not seen or self._before is None:
            return
        pairs = self._weights * self._weights[:, order]
        after = self._scores(self._objects.judged(self.model.predict(moved)), pairs)
        if after is not None:
            self._each.append(self._sign * (self._before - after))

    def close(self) -> None:
        """Sum up the permutations of a block."""
        each, self._each = self._each, []
        if self._seen and each:
            self.found.append(self._summed(np.array(each)))
            return
        self.found.append(
            {
                "value": None if self._seen else 0.0,
                "low": None,
                "high": None,
                "seen": self._seen,
                "repeats": [],
                "reason": self._reason if self._seen else "the model is not shown it",
            }
        )

    def _summed(self, each: "Floats") -> "Loss":
        loss = each.mean(axis=0)
        value, resampled = _finite(loss[0]), loss[1:][np.isfinite(loss[1:])]
        found: Loss = {
            "low": None,
            "high": None,
            "seen": True,
            "repeats": [_finite(number) for number in each[:, 0]],
            "value": value,
            "reason": "",
        }
        if value is None:
            found["reason"] = "not defined for these objects"
        elif self._units < FEWEST:
            found["reason"] = f"no interval below {FEWEST} units"
        elif len(resampled) < 0.9 * _RESAMPLES:
            found["reason"] = "too few resamples are finite"
        else:
            half = NormalDist().inv_cdf((1 + COVERAGE) / 2) * float(resampled.std(ddof=1))
            found["low"], found["high"] = value - half, value + half
        return found


def _finite(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None


def importances(
    models: "Mapping[str, Fitted]",
    table: "Table",
    sets: "NDArray[Any]",
    truth: Truth,
    *,
    final: bool,
    metric: str,
    derived: Mapping[str, Mapping[str, Any]],
    seed: int,
    user_code: "tuple[str, ...] | list[str]" = (),
) -> "Importance":
    """Return the section ``importance`` of ``evaluate/understanding.json``.

    Parameters
    ----------
    models : mapping of str to Fitted
        The selected model first.
    table : Table
        All labelled objects.
    sets : ndarray of str, shape (rows,)
        The set of each row.
    final : bool
        Whether test objects may be used; they decide nothing.
    """
    blocks = feature_blocks(table, sets == "train")
    which: Literal["test", "calibration"]
    which = "test" if final and (sets == "test").any() else "calibration"
    most = most_objects(metric, len(blocks))
    held_out = HeldOut.of(table, sets == which, truth, seed, most)
    about: Importance = {
        "set": which,
        "metric": metric,
        "objects": len(held_out.truth),
        "units": len(np.unique(held_out.units.astype(str))),
        "repeats": REPEATS,
        "correlated": CORRELATED,
        "reason": "",
        "groups": [],
        "models": {},
    }
    if len(held_out.truth) < 2:
        reason = (
            "the final models were fitted to all objects that may be looked at: there is no "
            "calibration set, and no test set that is opened"
        )
        return {**about, "set": None, "reason": reason}
    options: dict[str, Any] = {"derived": derived, "seed": seed, "user_code": user_code}
    found = permutation_importance(models, held_out, blocks, metric=metric, **options)
    return {**about, **found}
