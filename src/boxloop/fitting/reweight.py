"""Make training objects count like those that a model is for: weights by the ratio of densities.

A classifier that tells the two samples apart knows the ratio of their densities: p / (1 - p), where
p is its probability of the target sample. Every object's ratio comes from a classifier that was
fitted without it and without its unit.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.modalities.usable import usable_numbers
from boxloop.sampling import deal, unit_hashes, unit_text
from boxloop.store import Table
from boxloop.study.seeds import integer_seed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: Parts of the cross-fitting, and rows of each sample that classifiers learn from at the most.
PARTS, ROWS = 5, 20_000
#: Objects, and units, that each sample needs at the least.
FEWEST_ROWS, FEWEST_UNITS = 10, 2
#: Largest weight in units of the mean.
CLIP = 20.0


@dataclass(frozen=True)
class DomainWeights:
    """Weights with which the training objects look like the target sample.

    Attributes
    ----------
    weights : ndarray, shape (n,)
        In the order of the training rows; their mean is 1.
    effective : float
        Effective sample size (sum w)^2 / sum w^2 as a fraction of n.
    clipped : int
        Objects whose weight was cut at `CLIP` times the mean.
    reason : str
        Why all weights are 1; else empty.
    """

    weights: "Floats"
    effective: float
    clipped: int
    reason: str = ""


@dataclass(frozen=True)
class Apart:
    """How well two samples are told apart, object by object.

    Attributes
    ----------
    part : ndarray of int, shape (n,)
        The part of the cross-fitting; scores are comparable within a part.
    boosted, linear : ndarray, shape (n,)
        Log-odds for the target sample of two classifiers that were fitted to the other parts.
    log_ratio : ndarray, shape (n,)
        Logarithm of the ratio of densities, target over training, from both classifiers together.
    models : list of estimator
        The boosted classifier of each part.
    """

    part: "NDArray[np.int8]"
    boosted: "Floats"
    linear: "Floats"
    log_ratio: "Floats"
    models: list[Any] = field(default_factory=list)


def domain_weights(
    training: Table,
    target: Table,
    *,
    columns: Collection[str] | None = None,
    seed: tuple[int | str, ...],
    groups: str | None = None,
) -> DomainWeights:
    """Weigh training objects so that they look like the target sample.

    Nothing but the rows given is looked at: inside a fold, give that fold's fitting rows.

    Parameters
    ----------
    training, target : Table
        Labels are not looked at.
    columns : collection of str, optional
        What may differ (`boxloop.modalities.usable`); all that models may use by default.
    seed : tuple
        The study's seed and the name of the use.
    groups : str, optional
        Column whose equal values are one independent unit; each object is one by default. A sample
        that lacks the column has objects for units.

    References
    ----------
    Bickel, S., Brueckner, M. & Scheffer, T. (2009), Discriminative learning under covariate shift,
    J. Mach. Learn. Res. 10, 2137. Kish, L. (1965), Survey Sampling, Wiley.
    """
    here, there = usable_numbers(training, columns), usable_numbers(target, columns)
    units = np.concatenate([units_of(training, groups), units_of(target, groups)])
    domain = np.arange(len(units)) >= len(training)
    reason = too_little(domain, units) or ("" if here.names else "no columns to compare")
    if reason:
        return DomainWeights(np.ones(len(training)), 1.0, 0, reason)
    values = np.vstack([here.values, there.named(here.names)])
    names = np.concatenate([identities(training), identities(target)])
    found = tell_apart(values, domain, units, names, seed)
    return weights_from(found.log_ratio[~domain])


def weights_from(log_ratio: "Floats") -> DomainWeights:
    """Return weights of mean 1 from logarithms of the ratio of densities, cut at `CLIP`."""
    weights = np.exp(log_ratio - log_ratio.max())
    limit = CLIP * weights.mean()
    clipped = int((weights > limit).sum())
    weights = np.minimum(weights, limit)
    weights = weights / weights.mean()
    return DomainWeights(weights, effective_size(weights), clipped)


def effective_size(weights: "Floats") -> float:
    """Return Kish's effective sample size as a fraction of the number of objects."""
    return float(weights.sum() ** 2 / (weights**2).sum() / len(weights))


def tell_apart(
    values: "Floats",
    domain: "NDArray[np.bool_]",
    units: "NDArray[Any]",
    names: "NDArray[Any]",
    seed: tuple[int | str, ...],
) -> Apart:
    """Score every object with classifiers that have not seen its unit.

    Parameters
    ----------
    values : ndarray, shape (n, d)
        NaN where missing.
    domain : ndarray of bool, shape (n,)
        Whether an object belongs to the target sample.
    units, names : ndarray, shape (n,)
        The independent unit, and the identity: the order of rows changes nothing.
    seed : tuple
        The study's seed and the name of the use.

    Notes
    -----
    Log-odds are those of samples of equal size. Each classifier learns from at most `ROWS` objects
    of each sample, chosen by a hash of their identity.
    """
    root, use = int(seed[0]), seed[1:]
    lots = unit_hashes(names, root, *use, "rows")
    order = np.lexsort((lots, domain))
    values, domain, units, lots = values[order], domain[order], units[order], lots[order]
    texts = unit_text(units)
    grouped = len(np.unique(texts.astype(str))) < len(texts)
    fewest = min(_n_units(texts[domain == d]) for d in (False, True))
    k = min(PARTS, fewest)
    part = deal(units, k, root, *use, "parts", strata=domain, grouped=grouped)
    learns = np.zeros(len(domain), bool)
    for of in (False, True):
        rows = np.flatnonzero(domain == of)
        learns[rows[np.argsort(lots[rows], kind="stable")[:ROWS]]] = True
    boosted, linear, models = np.zeros(len(domain)), np.zeros(len(domain)), []
    for p in range(k):
        fit, score = learns & (part != p), part == p
        pair = _classifiers(integer_seed(root, *use, "classifier", p))
        models.append(pair[0])
        if not score.any() or len(np.unique(domain[fit])) < 2:
            continue
        # What is missing to the odds of samples of equal size.
        odds = np.log(domain[fit].mean() / (1 - domain[fit].mean()))
        # A column that the others have no value of tells nothing; boosting would refuse it.
        seen = np.where(np.isnan(values[fit]).all(axis=0), 0.0, values)
        with one_thread():
            for model, scores in zip(pair, (boosted, linear), strict=True):
                model.fit(seen[fit], domain[fit])
                scores[score] = model.decision_function(seen[score]) - odds
    ratio = _together(np.column_stack([boosted, linear]), domain)
    back = np.argsort(order, kind="stable")
    return Apart(part[back], boosted[back], linear[back], ratio[back], models)


def too_little(domain: "NDArray[np.bool_]", units: "NDArray[Any]") -> str:
    """Say why two samples cannot be compared; empty where they can."""
    for of, name in ((False, "training"), (True, "target")):
        mine = units[domain == of]
        if len(mine) < FEWEST_ROWS:
            return f"the {name} sample has {len(mine)} objects; {FEWEST_ROWS} are needed"
        if _n_units(unit_text(mine)) < FEWEST_UNITS:
            return f"the {name} sample has one independent unit; {FEWEST_UNITS} are needed"
    return ""


def units_of(table: Table, group: str | None) -> "NDArray[Any]":
    """Return the independent unit of every row: its group where there is one, else itself."""
    if group is None or group not in table.frame:
        return identities(table)
    return unit_text(table.column(group))


def identities(table: Table) -> "NDArray[Any]":
    """Return the identifier of every row as text."""
    return unit_text(table.ids)


def one_thread() -> Any:
    """Return a context with one thread for OpenMP and linear algebra.

    Several would wait for each other on a machine that does something else as well (a fit then
    took twenty times as long), and one always adds in the same order.
    """
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1)


def _n_units(texts: "NDArray[Any]") -> int:
    return len(set(texts.tolist()))


def _balanced(domain: "NDArray[np.bool_]") -> "Floats":
    share = domain.mean()
    return np.where(domain, 0.5 / share, 0.5 / (1 - share))


def _classifiers(seed: int) -> tuple[Any, Any]:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import FunctionTransformer, RobustScaler

    boosted = HistGradientBoostingClassifier(
        max_iter=50,
        max_leaf_nodes=8,
        max_bins=64,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=seed,
    )
    linear = Pipeline(
        [
            (
                "fill",
                SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
            ),
            ("scale", RobustScaler()),
            ("cut", FunctionTransformer(np.clip, kw_args={"a_min": -10.0, "a_max": 10.0})),
            ("logistic", LogisticRegression(max_iter=300)),
        ]
    )
    return boosted, linear


def _together(scores: "Floats", domain: "NDArray[np.bool_]") -> "Floats":
    """Return log-odds that are calibrated for samples of equal weight; flat where nothing tells."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(max_iter=300)
    model.fit(scores, domain, sample_weight=_balanced(domain))
    found: Floats = model.decision_function(scores)
    return found
