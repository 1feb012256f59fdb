"""Objects far from all others, and columns with heavy tails."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

from boxloop.findings import Finding

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.results.explore import DescribedColumn

    Floats = NDArray[np.float64]

#: Extreme values are remarked on from so many interquartile ranges outside the quartiles.
TAIL = 20.0
#: Scaled values are cut there before their covariance is taken, so that outliers do not set it.
CUT = 3.0
#: Squared distance, in units of the largest that normal data of this size show.
FAR = 3.0
#: Objects that are named.
NAMED = 10
ROWS = 5_000


def about_outliers(values: Mapping[str, "Floats"], ids: Sequence[Any]) -> list[Finding]:
    """Remark on objects far from all others in several columns together.

    The distance is Mahalanobis's, of values scaled by median and quartiles, with a covariance of
    values cut at `CUT`; missing values count as medians.

    Parameters
    ----------
    values : mapping of str to ndarray, shape (rows,)
        Features of the rows drawn.
    ids : sequence, shape (rows,)
    """
    scaled = {n: s for n, v in values.items() if (s := robustly_scaled(v)) is not None}
    if len(scaled) < 2 or len(ids) < 100:
        return []
    z = np.nan_to_num(np.column_stack(list(scaled.values())))
    cut = np.clip(z, -CUT, CUT)
    covariance = np.cov(cut, rowvar=False) + 1e-2 * np.eye(z.shape[1])
    distance = np.einsum("ij,jk,ik->i", z, np.linalg.inv(covariance), z)
    # Real columns have wider wings than normal ones: their own spread of distances counts too.
    usual = float(np.quantile(distance, 0.99))
    limit = FAR * max(float(stats.chi2.ppf(1 - 0.1 / len(z), z.shape[1])), 3 * usual)
    far = np.flatnonzero(distance > limit)
    several = (np.abs(z[far]) > 5).sum(axis=1) > 1
    far = far[several]
    if not len(far):
        return []
    order = far[np.argsort(-distance[far])][:NAMED]
    named = [str(ids[i]) for i in order]
    message = (
        f"{len(far)} of {len(z)} objects looked at lie far from all others in several columns; the "
        f"farthest: {', '.join(named[:3])}"
    )
    evidence = {"rows": len(far), "looked_at": len(z), "ids": named}
    return [Finding("low", "outliers", None, message, evidence)]


def about_tails(name: str, about: "DescribedColumn", values: "Floats") -> list[Finding]:
    """Remark on a column with values very far out, and say which transform makes it normal.

    Parameters
    ----------
    name : str
    about : mapping
        Entry of `boxloop.analyses.exploration.describe.describe`.
    values : ndarray, shape (rows,)
    """
    low, q25, q75, high = about["min"], about["q25"], about["q75"], about["max"]
    if low is None or q25 is None or q75 is None or high is None:
        return []
    if about["n_finite"] < 20 or q75 <= q25:
        return []
    reach = max(high - q75, q25 - low) / (q75 - q25)
    if reach < TAIL:
        return []
    transform = proposed_transform(values)
    advice = {
        "log": "; its logarithm is nearer to normal",
        "asinh": "; asinh of its scaled values is nearer to normal",
        "none": "",
    }
    message = (
        f"{name} has values {reach:.0f} interquartile ranges outside its quartiles"
        f"{advice[transform]}"
    )
    evidence = {
        "ranges": reach,
        "min": low,
        "max": high,
        "transform": transform,
    }
    return [Finding("low", "heavy_tail", name, message, evidence)]


def proposed_transform(values: "Floats") -> str:
    """Return log, asinh or none: what brings the values nearest to a normal distribution.

    Nearness is the correlation of sorted values with normal quantiles; a transform has to beat
    none by a clear margin.
    """
    finite = np.sort(values[np.isfinite(values)])
    finite = finite[:: max(1, len(finite) // ROWS)]
    scaled = robustly_scaled(finite)
    if scaled is None or len(finite) < 20:
        return "none"
    expected = stats.norm.ppf((np.arange(len(finite)) + 0.5) / len(finite))
    near = {"none": _correlation(scaled, expected) + 0.02}
    near["asinh"] = _correlation(np.arcsinh(scaled), expected)
    if finite[0] > 0:
        near["log"] = _correlation(np.log10(finite), expected) + 0.005
    return max(near, key=lambda k: near[k])


def robustly_scaled(values: "Floats") -> "Floats | None":
    """Return values less their median, by the spread of their quartiles; None where that is 0."""
    finite = values[np.isfinite(values)]
    if len(finite) < 2:
        return None
    low, middle, high = np.quantile(finite, [0.25, 0.5, 0.75])
    if not high > low:
        return None
    scaled: Floats = (values - middle) / ((high - low) / 1.349)
    return scaled


def _correlation(values: "Floats", expected: "Floats") -> float:
    return float(np.corrcoef(values, expected)[0, 1]) if values.std() > 0 else 0.0
