"""Scores, comparisons, classes and groups, computed anew for recompute.py."""

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

import recompute_statistics as own
from recompute_read import FRACTIONS, LEVELS, SIZES, SMALLER, Objects, Results
from recompute_statistics import ALLOWED, FEWEST, THEIRS, Mixture, bca, wilson


def scores(r: Results) -> None:
    """All metrics of all models and splits, with their intervals."""
    for split, of in r.splits.items():
        functions = {m: r.metrics_of(split, m) for m in r.models}
        every, n = np.arange(len(of.truth)), len(np.unique(of.unit))
        r.samples[split] = {} if split == "train" else own.resample(of.unit, functions)
        for model in r.models:
            p = of.probability[model]
            points = functions[model](every)
            library = own.by_library(r.task, of.truth, of.said[model], p, len(r.classes))
            if p is not None:
                points["ece"] = own.calibration_error(p.max(1), p.argmax(1) == of.truth)
            for name in r.at("metrics", "models", model, split):
                key = ("metrics", "models", model, split, name)
                value = points.get(name)
                r.check("scores", *key, "value", mine=library.get(name, value))
                if name in library and abs(library[name] - value) > 1e-9 * max(1, abs(value)):
                    r.check("scores", *key, "value", mine=value)
                used = n
                if name == "chi2" and "chi2" in points:
                    used = len(np.unique(of.unit[(of.errors > 0).all(axis=1)]))
                r.check("units", *key, "n_units", mine=used)
                if split == "train" or value is None:
                    r.limits("scores", *key, mine=None)
                elif name == "ece":
                    r.limits("intervals", *key, mine=ece_limits(p, of) if of.single else None)
                else:
                    mine = ends(name, r.samples[split][model, name], n, of)
                    r.limits("intervals", *key, mine=mine)


def ends(name: str, sample: Any, n: int, of: Objects) -> Any:
    """Return Wilson's limits of a proportion with few events, else those of the bootstrap."""
    events = sample.value * n
    few = of.single and min(events, n - events) < FEWEST
    if name in ("accuracy", "outlier_fraction", "coverage") and few:
        return wilson(sample.value, n)
    return bca(sample)


def ece_limits(p: Any, of: Objects) -> Any:
    """Return limits from an estimate that is not too high, and from the plain one; ± 1.96 s."""
    top, hit = p.max(1), p.argmax(1) == of.truth

    def statistic(rows: Any) -> dict[str, float]:
        return {"": own.calibration_error(top[rows], hit[rows])}

    drawn = own.resample(of.unit, {"": statistic})["", ""]
    error, noise = drawn.resampled.std(ddof=1), spread_noise(drawn.resampled)
    share, gap, s = own.gaps_of(top, hit)
    density = np.exp(-0.5 * (gap / np.where(s > 0, s, np.inf)) ** 2) / np.sqrt(2 * np.pi)
    low = share @ (own.folded(gap, s) - 4 * s * density)
    high = share @ np.abs(gap)
    wide = [1.96 * error * (1 + sign * noise) for sign in (-1, 1)]
    both = [max(0.0, low - w) for w in wide[::-1]], [high + w for w in wide]
    return [(float(np.mean(b)), b) for b in both]


def comparisons(r: Results) -> None:
    """Differences of all pairs with their tests; rankings, published numbers, folds."""
    sign = -1.0 if r.metric in SMALLER else 1.0
    drawn = {m: r.samples[r.shown].get((m, r.metric)) for m in r.models}
    pairs = r.at("metrics", "pairs")
    for place, name in (("comparisons", "against"), ("pairs", "pairs")):
        for i, row in enumerate(r.at("metrics", place)):
            one, two = (drawn.get(row[k]) for k in ("model", "other"))
            if one is None or two is None:
                continue
            difference = one.less(two, sign)
            r.check("differences", "metrics", place, i, "difference", mine=difference.value)
            r.limits("intervals of differences", "metrics", place, i, mine=bca(difference))
            r.check("verdicts", "metrics", place, i, "verdict", mine=verdict(row))
            if name == "pairs":
                tests(r, i, row, difference, sign)
    for test in ("bootstrap", "mcnemar", "folds"):
        corrected = own.holm([row[test]["p"] for row in pairs])
        for i, p in enumerate(corrected):
            r.check("Holm's correction", "metrics", "pairs", i, test, "p_holm", mine=p)
    for name, listed in r.at("metrics", "rankings").items():
        value = {m: r.at("metrics", "models", m, r.shown, name, "value") for m in listed}
        ideal = {"bias": 0.0, "coverage": 0.6827}.get(name)
        by = [abs(v - ideal) if ideal is not None else v for v in value.values()]
        by = by if name in SMALLER or ideal is not None else [-v for v in by]
        r.check("rankings", "metrics", "rankings", name, mine=listed if by == sorted(by) else by)
    for i, row in enumerate(r.at("metrics", "published")):
        ours = r.samples[r.shown][r.selected, row["metric"]].value
        r.check("published", "metrics", "published", i, "ours", mine=ours)
    for model, gap in r.at("details", "generalisation_gap").items():
        functions = {s: r.metrics_of(s, model) for s in ("train", "cv")}
        train, cv = (f(np.arange(len(r.splits[s].truth)))[r.metric] for s, f in functions.items())
        mine = train - cv if gap is not None else None
        r.check("gaps", "details", "generalisation_gap", model, mine=mine)


def tests(r: Results, i: int, row: Any, difference: Any, sign: float) -> None:
    """Compare the three p values of a pair."""
    of, chosen = r.splits[r.shown], r.at("selected", "models")
    first, second = row["model"], row["other"]
    p, *band = own.p_range(difference)
    r.check("p of the bootstrap", "metrics", "pairs", i, "bootstrap", "p", mine=p, band=band)
    if r.classes:
        right = [of.said[m] == of.truth for m in (first, second)]
        only = [int((right[a] & ~right[1 - a]).sum()) for a in (0, 1)]
        key = ("metrics", "pairs", i, "mcnemar")
        r.check("McNemar", *key, "only_first", mine=only[0])
        r.check("McNemar", *key, "only_second", mine=only[1])
        exact = 2 * stats.binom.cdf(min(only), sum(only), 0.5) if sum(only) else 1.0
        r.check("McNemar", *key, "p", mine=min(exact, 1.0) if of.single else None)
    apart = sign * np.subtract(*(chosen[m]["scores"] for m in (first, second)))
    k, key = len(apart), ("metrics", "pairs", i, "folds")
    error = np.sqrt((1 / k + 1 / (k / r.at("selected").get("repeats", 1) - 1)) * apart.var(ddof=1))
    mine = {"difference": apart.mean(), "standard_error": error, "t": None, "p": None}
    if error > 0:
        mine |= {"t": apart.mean() / error}
        mine["p"] = 2 * stats.t.sf(abs(mine["t"]), k - 1)
    elif not apart.any():
        mine |= {"t": 0.0, "p": 1.0}
    for name, value in mine.items():
        r.check("t test of folds", *key, name, mine=value)


def verdict(row: Any) -> str:
    """Say which model is better, as docs/evaluate.md defines it."""
    low, high, margin = row["low"], row["high"], row["margin"]
    if low is None or high is None:
        return "undecided"
    if -margin <= low and high <= margin and (margin or low == high == 0):
        return "equivalent"
    sides = {"better": low > 0 and row["difference"] > margin, "worse": high < 0}
    sides["worse"] &= -row["difference"] > margin
    return next((name for name, holds in sides.items() if holds), "undecided")


def search(r: Results) -> None:
    """Scores of the folds, their mean and spread; the corrected standard error of the best."""
    folds = pd.read_parquet(r.folder / "search/predictions.parquet")
    fold = folds[folds["model"] == r.models[0]].set_index("id")["fold"]
    fold = fold.loc[r.splits["cv"].frame.index].to_numpy()
    for model in r.at("selected", "models"):
        if model not in r.models:
            continue
        function = r.metrics_of("cv", model)
        found = [function(np.flatnonzero(fold == k))[r.metric] for k in np.unique(fold)]
        for k, score in enumerate(found):
            r.check("folds", "selected", "models", model, "scores", k, mine=score)
        r.check("folds", "selected", "models", model, "mean", mine=np.mean(found))
        r.check("folds", "selected", "models", model, "std", mine=np.std(found, ddof=1))
        if model == (r.at("selected", "one_standard_error") or {}).get("best"):
            n = len(found)
            mine = np.sqrt((1 / n + 1 / (n - 1)) * np.var(found, ddof=1))
            for file in ("selected", "metrics"):
                r.check("folds", file, "one_standard_error", "standard_error", mine=mine)
    r.check("audit", "audit", "chance", "score", mine=r.samples["cv"][r.selected, r.metric].value)
    seeds = r.at("audit", "seeds")
    if seeds:
        r.check("audit", "audit", "seeds", "std", mine=np.std(seeds["scores"], ddof=1))
        r.check("audit", "audit", "seeds", "n", mine=len(seeds["scores"]))
    r.check("audit", "audit", "openings", mine=len(r.at("details", "openings")))


def details(r: Results) -> None:
    """Confusion matrix and scores of each class, or histograms of a number; distributions."""
    of, family = r.splits[r.shown], "details"
    truth, said = of.truth, of.said[r.selected]
    if r.classes:
        k = len(r.classes)
        matrix = np.bincount(truth * k + said, minlength=k * k).reshape(k, k)
        r.check("confusion", family, "confusion", "matrix", mine=matrix)
        drawn = own.resample(of.unit, {c: class_scores(truth == c, said == c) for c in range(k)})
        for c, label in enumerate(r.classes):
            members, named, hit = matrix[c].sum(), matrix[:, c].sum(), matrix[c, c]
            wholes = {"precision": (hit, named), "recall": (hit, members)}
            wholes |= {"f1": (2 * hit, members + named)}
            wholes["specificity"] = (len(truth) - members - named + hit, len(truth) - members)
            for score, (part, whole) in wholes.items():
                key = (family, "per_class", label, score)
                r.check("per class", *key, "value", mine=part / whole if whole else None)
                few = of.single and score != "f1" and min(part, whole - part) < FEWEST
                found = wilson(part / whole, whole) if few and whole else bca(drawn[c, score])
                r.limits("limits in closed form" if few else "intervals", *key, mine=found)
        return
    residual, scatter = said - truth, r.at(family, "scatter")
    limits = np.quantile(np.concatenate([truth, said]), [0.001, 0.999])
    edges, bins = np.linspace(*limits, 61), np.linspace(-1, 1, 61)
    bins *= np.quantile(np.abs(residual), 0.99) or 1.0
    counts = np.histogram2d(truth, said, [scatter["edges_x"], scatter["edges_y"]])[0].astype(int)
    r.check("histograms", family, "scatter", "counts", mine=counts)
    for i, (edge, width) in enumerate(zip(edges, bins, strict=True)):
        r.check("histograms", family, "scatter", "edges_x", i, mine=edge)
        r.check("histograms", family, "residuals", "edges", i, mine=width)
    counts = np.histogram(residual, r.at(family, "residuals", "edges"))[0]
    r.check("histograms", family, "residuals", "counts", mine=counts)
    if "distribution" not in r.at(family):
        return
    mixture = of.mixture[r.at(family, "distribution")]
    pit = mixture.below(truth)
    counts = np.histogram(pit, r.at(family, "pit", "edges"))[0]
    r.check("histograms", family, "pit", "counts", mine=counts)
    inside = {i: np.abs(pit - 0.5) <= level / 2 for i, level in enumerate(LEVELS)}
    drawn = own.resample(of.unit, {"": lambda rows: {i: x[rows].mean() for i, x in inside.items()}})
    for i in inside:
        r.check("distributions", family, "coverage", i, "found", mine=drawn["", i].value)
        r.limits("intervals", family, "coverage", i, mine=bca(drawn["", i]))
    for i, row in enumerate(r.at(family, "examples")):
        j = of.frame.index.get_loc(row["id"])
        parts = (p[[j] * len(row["at"])] for p in (mixture.weight, mixture.mean, mixture.sigma))
        for n, value in enumerate(Mixture(*parts).density(np.array(row["at"]))):
            r.check("distributions", family, "examples", i, "density", n, mine=value)


def class_scores(member: Any, named: Any) -> Any:
    """Return precision, recall, F1 and specificity of a class as a function of rows."""

    def found(rows: Any) -> dict[str, float]:
        m, n = member[rows], named[rows]
        hit = (m & n).sum()
        return {
            "precision": hit / n.sum(),
            "recall": hit / m.sum(),
            "f1": 2 * hit / (m.sum() + n.sum()),
            "specificity": (~m & ~n).sum() / (~m).sum(),
        }

    return found


def codes_of(r: Results, of: Objects, grouping: Any) -> Any:
    """Return the group (n,) of each object: bins of equally many, or values; None if crossed."""
    column = f"group:{grouping['name']}"
    if column not in of.frame or len(grouping["columns"]) > 1:
        return None
    values, labels = of.frame[column], [g["label"] for g in grouping["groups"]]
    if grouping["kind"] != "bins":
        codes = pd.Index(labels).get_indexer(values.astype(str))
        return codes if (codes >= 0).all() else None
    values = values.to_numpy(float)
    finite = np.isfinite(values)
    edges = np.unique(np.quantile(values[finite], np.linspace(0, 1, 5)))
    place = np.searchsorted(edges[1:-1], values, side="right")
    return np.where(finite, place, len(edges) - 1)


def groups(r: Results) -> None:
    """Score of each group and of the other objects, their differences, and kinds of error."""
    of, every = r.splits[r.shown], []
    for i, grouping in enumerate(r.at("groups", "groupings")):
        every += [(i, j) for j in range(len(grouping["groups"]))]
        codes = codes_of(r, of, grouping)
        if codes is None:
            continue
        parts = {}
        for j in range(len(grouping["groups"])):
            parts |= {(j, "group"): codes == j, (j, "rest"): codes != j}
        one_grouping(r, ("groups", "groupings", i), grouping, parts)
    for name, value in (("n", len(of.truth)), ("n_units", len(np.unique(of.unit)))):
        r.check("groups", "groups", name, mine=value)
    rows = [r.at("groups", "groupings", i, "groups", j, "difference") for i, j in every]
    for (i, j), p in zip(every, own.holm([row["p"] for row in rows]), strict=True):
        key = ("groups", "groupings", i, "groups", j, "difference", "p_holm")
        r.check("Holm's correction", *key, mine=p)


def one_grouping(r: Results, at: Any, grouping: Any, parts: Any) -> None:
    of, metric = r.splits[r.shown], grouping["metric"]
    residual = of.said[r.selected] - of.truth if not r.classes else None
    function = r.metrics_of(r.shown, r.selected)

    def statistics(rows: Any) -> dict[Any, float]:
        found = {}
        for key, mask in parts.items():
            some = rows[mask[rows]]
            found[key] = function(some).get(metric, np.nan) if len(some) else np.nan
            if residual is not None:
                found[(*key, "bias")] = residual[some].mean() if len(some) else np.nan
        return found

    drawn = {key: s for (_, key), s in own.resample(of.unit, {"": statistics}).items()}
    changed: dict[int, Any] = {}
    r.check("groups", *at, "overall", mine=function(np.arange(len(of.truth)))[metric])
    for j, group in enumerate(grouping["groups"]):
        mask, key, mine = parts[j, "group"], (*at, "groups", j), drawn[j, "group"].value
        for name, value in (("n", mask.sum()), ("n_units", len(np.unique(of.unit[mask])))):
            r.check("groups", *key, name, mine=value)
        edges_of_group(r, key, grouping, mask)
        for model, value in group["models"].items():
            if value is not None and model in r.models:
                other = r.metrics_of(r.shown, model)(np.flatnonzero(mask))[metric]
                r.check("groups", *key, "models", model, mine=other)
        if group["score"]["value"] is not None:
            r.check("groups", *key, "score", "value", mine=mine)
        if group["difference"]["value"] is not None:
            difference = drawn[j, "group"].less(drawn[j, "rest"])
            r.check("groups", *key, "difference", "value", mine=difference.value)
            changed[j] = difference
        r.check("groups", *key, "difference", "rest", mine=drawn[j, "rest"].value)
        r.check("groups", *key, "score", "n_units", mine=len(np.unique(of.unit[mask])))
        errors_of_group(r, key, mask)
    if metric in ("accuracy", "outlier_fraction"):  # few events: Wilson's and Newcombe's
        return
    scored = [j for j, g in enumerate(grouping["groups"]) if g["score"]["low"] is not None]
    form = np.log if metric in SIZES else None
    joint(r, at, "score", {j: drawn[j, "group"] for j in scored}, form, parts, metric)
    joint(r, at, "difference", changed, None, parts, metric)
    if residual is not None:
        biases = {j: drawn[j, "group", "bias"] for j in range(len(grouping["groups"]))}
        joint(r, at, "errors", biases, None, parts, metric)


def spread_noise(resampled: Any) -> float:
    """Return how far two bootstraps' standard deviations may be apart, as a part of them."""
    of_one = (stats.kurtosis(resampled, fisher=False) - 1) / 4
    return float(ALLOWED * np.sqrt(of_one * (1 / own.OURS + 1 / THEIRS)))


def edges_of_group(r: Results, key: Any, grouping: Any, mask: Any) -> None:
    """Check that the objects of a bin lie between its limits."""
    low, high = (r.at(*key, end) for end in ("low", "high"))
    if low is not None:
        values = r.splits[r.shown].frame[f"group:{grouping['name']}"].to_numpy(float)[mask]
        r.check("groups", *key, "low", mine=min(low, float(values.min())))
        r.check("groups", *key, "high", mine=max(high, float(values.max())))


def joint(r: Results, at: Any, part: str, drawn: Any, form: Any, parts: Any, metric: str) -> None:
    """Compare limits that hold together: the largest deviation among the resamples sets them."""
    unit, found, far = r.splits[r.shown].unit, {}, []
    for j, sample in drawn.items():
        units = [len(np.unique(unit[parts[j, side]])) for side in ("group", "rest")]
        n = min(units) if part == "difference" else units[0]
        value, resampled = sample.value, sample.resampled
        value, resampled = (form(value), form(resampled)) if form else (value, resampled)
        finite = resampled[np.isfinite(resampled)]
        if n < FEWEST or len(finite) < 0.9 * own.OURS or not finite.std():
            continue
        error = finite.std(ddof=1)
        found[j] = (value, error, n, spread_noise(finite))
        far.append(np.abs(np.nan_to_num(resampled - value)) / error)
    if not found:
        return
    largest = np.max(far, axis=0)
    step = ALLOWED * np.sqrt(0.05 * 0.95 * (1 / own.OURS + 1 / THEIRS))
    critical = np.quantile(largest, [0.95, 0.95 - step, min(0.95 + step, 1)])
    critical = np.maximum(critical, own.Z)
    for j, (value, error, n, noise) in found.items():
        key = (*at, "groups", j, part, *(["bias"] if part == "errors" else []))
        error *= np.sqrt(n / (n - 1))
        wide = error * stats.t.isf(stats.norm.sf(critical), n - 1) * [1, 1 - noise, 1 + noise]
        wide[2] *= 1.02  # the largest of the resamples is not yet the largest that may be
        mine = []
        for sign in (-1, 1):
            low = value + sign * wide
            if form:
                low = np.exp(low)
            elif part == "score" and metric in FRACTIONS:
                logit = np.log(value / (1 - value)) + sign * wide / (value * (1 - value))
                low = 1 / (1 + np.exp(-logit))
            mine.append((low[0], sorted(low[1:])))
        r.limits("joint intervals", *key, mine=mine)
        if part == "difference":
            z = abs(value) / error * np.array([1, 1 + noise, 1 - noise])
            p = 2 * stats.t.sf(z, n - 1)
            r.check("p of groups", *key, "p", mine=p[0], band=p[1:])


def errors_of_group(r: Results, key: Any, mask: Any) -> None:
    """Compare rates of each class, or bias and spread of a number."""
    of = r.splits[r.shown]
    truth, said = of.truth[mask], of.said[r.selected][mask]
    if not r.classes:
        r.check("groups", *key, "errors", "bias", "value", mine=(said - truth).mean())
        r.check("groups", *key, "errors", "spread", mine=(said - truth).std())
        return
    for c, label in enumerate(r.classes):
        member, named = truth == c, said == c
        rates = {"members": int(member.sum()), "share": member.mean()}
        rates |= {"selection_rate": named.mean()}
        rates["recall"] = named[member].mean() if member.any() else None
        rates["false_positive_rate"] = named[~member].mean() if (~member).any() else None
        for name, value in rates.items():
            r.check("groups", *key, "errors", label, name, mine=value)
