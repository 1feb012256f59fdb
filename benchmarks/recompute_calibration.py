"""Calibration, conformal sets, shift, worst objects and rules, computed anew for recompute.py."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize, stats
from scipy.special import expit, softmax
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

import recompute_statistics as own
from recompute_read import DRAWS, LEVELS, RELATIVE, Objects, Results
from recompute_scores import codes_of
from recompute_statistics import ALLOWED, FEWEST, bca, by_unit, wilson


def calibration(r: Results) -> None:
    """Reliability curves, slopes and scores of probabilities; coverage of distributions."""
    of, file = r.splits[r.shown], "calibration"
    for model, content in r.at(file, "models").items():
        if content["reason"]:
            continue
        if r.classes:
            of_probabilities(r, model, (file, "models", model, "methods", "none"))
            continue
        pit = of.mixture[model].below(of.truth)
        counts = np.histogram(pit, r.at(file, "models", model, "pit", "edges"))[0]
        r.check("histograms", file, "models", model, "pit", "counts", mine=counts)
        for name, events in (
            ("coverage", [np.abs(pit - 0.5) <= level / 2 for level in LEVELS]),
            ("quantiles", [pit < level / 10 for level in range(1, 10)]),
        ):
            for i, event in enumerate(events):
                r.share("calibration", file, "models", model, name, i, mine=by_unit(event, of.unit))


def of_probabilities(r: Results, model: str, at: Any) -> None:
    of, drawn = r.splits[r.shown], r.samples[r.shown]
    p, truth = of.probability[model], of.truth
    top, hit = p.max(1), p.argmax(1) == truth
    bins = max(1, min(12, len(truth) // 30))
    for score in ("log_loss", "brier"):
        r.check("calibration", *at, score, "value", mine=drawn[model, score].value)
        r.limits("intervals", *at, score, mine=bca(drawn[model, score]))
    r.check("calibration", *at, "ece", mine=own.calibration_error(top, hit))
    curve(r, (*at, "top_label"), top, hit, bins)
    parts = np.zeros(6)
    for c, label in enumerate(r.classes):
        member, given, key = (truth == c).astype(float), p[:, c], (*at, "classes", label)
        r.check("calibration", *key, "mean", mine=given.mean())
        r.check("calibration", *key, "error", mine=own.calibration_error(given, member))
        # Its interval is that of the alarm, one in a thousand over all looks, and not one of 95 %.
        looks = r.at(*at, "looks")
        r.share("calibration", *key, "frequency", mine=by_unit(member, of.unit, looks=looks))
        curve(r, (*key, "curve"), given, member, bins)
        parts += brier_parts(given, member)
        lines(r, (*at, "slopes", label), given, member)
    names = ("brier", "reliability", "resolution", "uncertainty")
    for name, value in zip((*names, "within_variance", "within_covariance"), parts, strict=True):
        r.check("calibration", *at, "brier_parts", name, mine=value)


def curve(r: Results, key: Any, given: Any, event: Any, bins: int) -> None:
    place, unit = own.bins_of(given, bins), r.splits[r.shown].unit
    r.check("calibration", *key, mine=r.at(*key) if len(r.at(*key)) == place.max() + 1 else [])
    for i in range(min(place.max() + 1, len(r.at(*key)))):
        r.check("calibration", *key, i, "mean", mine=given[place == i].mean())
        r.share("calibration", *key, i, mine=by_unit(event[place == i], unit[place == i]))


def brier_parts(given: Any, member: Any) -> Any:
    """Return Brier's score of a class and its parts (Murphy 1973; Stephenson et al. 2008)."""
    of = pd.DataFrame({"p": given, "o": member}).groupby(own.bins_of(given, 15))
    p, o = (of[column].transform("mean").to_numpy() for column in "po")
    whole = member.mean()
    binned = [np.mean((p - o) ** 2), np.mean((o - whole) ** 2), whole * (1 - whole)]
    within = [np.mean((given - p) ** 2), 2 * np.mean((given - p) * (member - o))]
    return np.array([np.mean((given - member) ** 2), *binned, *within])


def lines(r: Results, key: Any, given: Any, member: Any) -> None:
    """Compare the logistic regression of membership on logits; a resample is one Newton step."""
    if r.at(*key)["reason"]:
        return
    p = np.clip(given, 1e-4, 1 - 1e-4)
    x = np.stack([np.ones(len(p)), np.log(p / (1 - p))], axis=1)

    def step(line: Any, rows: Any) -> Any:
        mean = expit(x[rows] @ line)
        curved = (x[rows].T * (mean * (1 - mean))) @ x[rows]
        return np.linalg.lstsq(curved, x[rows].T @ (member[rows] - mean), rcond=None)[0]

    every = np.arange(len(p))
    start = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(x[:, 1:], member)
    line = np.array([start.intercept_[0], start.coef_[0, 0]])
    for _ in range(5):  # what the minimiser of scikit-learn leaves
        line = line + step(line, every)
    names = ("intercept", "slope")

    def moved(rows: Any) -> dict[str, float]:
        return dict(zip(names, line + step(line, rows), strict=True))

    drawn = own.resample(r.splits[r.shown].unit, {"": moved})
    for name in names:
        r.check("calibration", *key, name, "value", mine=drawn["", name].value)
        r.limits("intervals", *key, name, mine=bca(drawn["", name]))


def recalibrated(r: Results) -> None:
    """Scores after temperature scaling and isotonic regression."""
    of, learnt = r.splits[r.shown], r.at("calibration", "learnt", "shown")
    if learnt is None or not r.classes:
        return
    teachers, rng = r.splits[learnt["source"]], np.random.default_rng(own.SEED)
    for model, content in r.at("calibration", "models").items():
        if content["reason"] or content["balanced"]:
            continue
        before = r.samples[r.shown][model, "log_loss"].value
        for method in ("temperature", "isotonic"):
            found = []
            for _ in range(DRAWS if drawn(r, learnt) else 1):
                p = np.array(of.probability[model])
                for rows, use in taught(r, teachers, learnt, rng):
                    p[rows] = mended(method, teachers, model, use, p[rows])
                loss = -np.log(p[np.arange(len(p)), of.truth]).mean()
                distance = ((p - np.eye(len(r.classes))[of.truth]) ** 2).sum(1).mean()
                error = own.calibration_error(p.max(1), p.argmax(1) == of.truth)
                found.append((loss, distance, error, loss - before))
            key = ("calibration", "models", model, "methods", method)
            places = (("log_loss", "value"), ("brier", "value"), ("ece",))
            places = (*places, ("change", "log_loss", "value"))
            for place, values in zip(places, np.transpose(found), strict=True):
                band = range_of(values)
                if place[0] == "change" and band is None:  # as exact as what it is a difference of
                    band = values[0] - RELATIVE * before, values[0] + RELATIVE * before
                r.check("recalibrated", *key, *place, mine=values.mean(), band=band)


def mended(method: str, teachers: Objects, model: str, use: Any, given: Any) -> Any:
    """Return probabilities mended by what others teach."""
    p, truth = teachers.probability[model][use], teachers.truth[use]
    if method == "temperature":
        tiny = np.finfo(float).eps
        known, asked = (np.log(np.clip(x, tiny, None)) for x in (p, given))

        def slope(inverse: float) -> float:  # of the log loss
            share = softmax(inverse * known, axis=1)
            return float(((share * known).sum(1) - known[np.arange(len(known)), truth]).mean())

        inside = slope(1 / 50) < 0 < slope(50)
        found = optimize.toms748(slope, 1 / 50, 50, xtol=1e-14) if inside else 1 / 50
        return softmax((found if inside or slope(50) > 0 else 50) * asked, axis=1)
    floor, columns = 1 / (len(truth) + 2), []
    for c in range(p.shape[1]):
        how = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip")
        columns.append(how.fit(p[:, c], truth == c).predict(given[:, c]))
    found = np.clip(np.stack(columns, axis=1), floor, 1 - floor)
    return found / found.sum(axis=1, keepdims=True)


def drawn(r: Results, learnt: Any) -> bool:
    """Whether chance says which objects teach: halves, or parts that teach each other."""
    return not learnt["cross_fitted"] or r.shown == learnt["source"]


def taught(r: Results, teachers: Objects, learnt: Any, rng: Any) -> Iterator[tuple[Any, Any]]:
    """Yield objects, and the teachers that they have, as masks: own draws of halves and parts."""
    every = np.ones(len(r.splits[r.shown].truth), bool)
    if not drawn(r, learnt):
        yield every, np.ones(len(teachers.truth), bool)
        return
    parts = 5 if learnt["cross_fitted"] else 2
    _, unit = np.unique(teachers.unit, return_inverse=True)
    part = (rng.permutation(unit.max() + 1) % parts)[unit]
    if parts == 2:
        yield every, part == 0
        return
    for k in range(parts):
        yield part == k, part != k


def range_of(values: Any) -> Any:
    """Return the range in which one more draw may lie; None where nothing was drawn."""
    if len(values) == 1:
        return None
    wide = ALLOWED * values.std(ddof=1) * np.sqrt(1 + 1 / len(values))
    # Of values that hardly vary, such as those of steps, a spread of few draws says little.
    wide += 0.01 * abs(values.mean())
    return values.mean() - wide, values.mean() + wide


def conformal(r: Results) -> None:
    """Coverage and size of conformal intervals and sets."""
    of, learnt = r.splits[r.shown], r.at("calibration", "learnt", "shown")
    if learnt is None:
        return
    teachers, level = r.splits[learnt["source"]], r.at("calibration", "level")
    rng = np.random.default_rng(own.SEED)
    for model, methods in r.at("calibration", "conformal").items():
        for method, theirs in methods.items():
            if theirs["reason"]:
                continue
            key, found = ("calibration", "conformal", model, method), []
            for _ in range(DRAWS if drawn(r, learnt) or method == "aps" else 1):
                held, size = one_draw(r, model, method, teachers, learnt, level, rng)
                share = by_unit(held, of.unit)
                ends = [share[k] for k in ("value", "low", "high")]
                found.append((*ends, size.mean(), np.median(size), (size == 1).mean()))
            places = [("coverage", k) for k in ("value", "low", "high")]
            places += [("size", "mean"), ("size", "median"), ("single",)]
            for place, values in zip(places, np.transpose(found), strict=True):
                r.check("conformal", *key, *place, mine=values.mean(), band=range_of(values))
            if method == "absolute" and not learnt["cross_fitted"]:
                at_their_width(r, key, np.abs(of.said[model] - of.truth), theirs["size"]["mean"])


def at_their_width(r: Results, key: Any, residual: Any, width: float) -> None:
    """Compare the coverage of intervals of one width, taking this width as it is."""
    unit, family = r.splits[r.shown].unit, "conformal, at their width"
    held = residual <= width / 2 * (1 + 1e-12)
    r.share(family, *key, "coverage", mine=by_unit(held, unit))
    mean = pd.Series(held.astype(float)).groupby(unit).mean().to_numpy()
    r.share(family, *key, "of_units", mine=by_unit(mean, np.arange(len(mean))))
    for grouping in r.at("groups", "groupings"):
        codes, m = codes_of(r, r.splits[r.shown], grouping), len(grouping["groups"])
        place = (*key, "groups", grouping["name"])
        if codes is None or grouping["name"] not in r.at(*key, "groups"):
            continue
        for j in range(m):
            r.share(family, *place, j, mine=by_unit(held[codes == j], unit[codes == j], looks=m))


def one_draw(r: Results, model: str, method: str, teachers: Objects, learnt: Any, *how: Any) -> Any:
    """Return whether each truth is held (n,), and the sizes (n,), with quantiles from own draws."""
    level, rng = how
    of = r.splits[r.shown]
    learn = scores_of(teachers, model, method, level, rng)
    judge = learn if of is teachers else scores_of(of, model, method, level, rng)
    held, size = np.zeros(len(of.truth)), np.zeros(len(of.truth))
    for rows, use in taught(r, teachers, learnt, rng):
        q = level_of(learn[0][use], teachers.unit[use], level)
        if method in ("lac", "aps"):
            kept = judge[1][rows] <= q
            kept[np.arange(len(kept)), of.probability[model][rows].argmax(1)] = True
            held[rows], size[rows] = kept[np.arange(len(kept)), of.truth[rows]], kept.sum(1)
        else:
            held[rows] = judge[0][rows] <= q
            size[rows] = np.maximum(judge[1][rows] + 2 * q * judge[2][rows], 0)
    return held, size


def scores_of(of: Objects, model: str, method: str, level: float, rng: Any) -> Any:
    """Return the score of each truth, and those of all classes, or widths and their units."""
    if method in ("lac", "aps"):
        p = of.probability[model]
        scores = 1 - p
        if method == "aps":
            order = np.argsort(-p, axis=1, kind="stable")
            upto = np.take_along_axis(p, order, 1).cumsum(1)
            np.put_along_axis(scores, order, upto, 1)
            scores -= rng.random(len(p))[:, None] * p
        return scores[np.arange(len(p)), of.truth], scores
    low = high = of.said[model]
    if method == "cqr":
        low, high = (of.mixture[model].quantile((1 + s * level) / 2) for s in (-1, 1))
    unit = high - low if method == "cqr" else np.ones(len(low))
    return np.maximum(low - of.truth, of.truth - high) / unit, high - low, unit


def level_of(scores: Any, units: Any, level: float) -> float:
    """Return the score below which a new unit's lies: each unit, and one infinite, counts 1."""
    size = pd.Series(units).groupby(units).transform("size").to_numpy()
    order = np.argsort(scores)
    upto = np.cumsum(1 / size[order]) / (len(np.unique(units)) + 1)
    return float(scores[order][np.searchsorted(upto, level - 1e-9)])


def shift(r: Results) -> None:
    """Purity at stated frequencies."""
    of, prevalence = r.splits[r.shown], r.at("shift", "prevalence")
    truth, said, single = of.truth, of.said[r.selected], of.single
    for c, row in enumerate(prevalence.get("purity", [])):
        member, named, pi = truth == c, said == c, row["prevalence"]

        def found(rows: Any, member: Any = member, named: Any = named, pi: float = pi) -> Any:
            m, n = member[rows], named[rows]
            true, false = n[m].mean(), n[~m].mean()
            return {"purity": pi * true / (pi * true + (1 - pi) * false), "completeness": true}

        drawn, key = own.resample(of.unit, {"": found}), ("shift", "prevalence", "purity", c)
        known = [s for s in ("cv", "calibration") if s in r.splits]
        share = np.mean(np.concatenate([r.splits[s].truth == c for s in known]))
        r.check("purity", "shift", "prevalence", "classes", c, "training", mine=share)
        counts = {"n_false": named & ~member, "n_negatives": ~member, "n_members": member}
        for name, mask in counts.items():
            r.check("purity", *key, name, mine=int(mask.sum()))
        few = min((named & ~member).sum(), (named & member).sum(), (member & ~named).sum())
        for name in ("purity", "completeness"):
            r.check("purity", *key, name, "value", mine=drawn["", name].value)
            if not (single and few < FEWEST):
                r.limits("intervals", *key, name, mine=bca(drawn["", name]))


def two_samples(r: Results) -> None:
    """Distances, histograms and medians of training and target objects."""
    samples, target = r.at("shift", "two_sample"), r.folder / "data/target"
    if not samples or samples["reason"]:
        return
    table = pd.read_parquet(r.folder / "data/table.parquet").set_index("id")
    ours = table.loc[r.splits["cv"].frame.index]
    theirs = pd.concat([pd.read_parquet(p) for p in sorted(target.glob("*.parquet"))])
    if (len(ours), len(theirs)) != tuple(samples["rows"].values()):
        return  # of more than 20,000 some were drawn
    for i, driver in enumerate(samples["drivers"]):
        for j, column in enumerate(driver["columns"]):
            if column in ours and column in theirs and ours[column].dtype.kind in "fi":
                pair = (f[column].to_numpy(float) for f in (ours, theirs))
                d = stats.ks_2samp(*(np.nan_to_num(x, nan=-np.inf, posinf=np.inf) for x in pair))
                key = ("shift", "two_sample", "drivers", i, "distance", j)
                r.check("two samples", *key, mine=d.statistic)
    for i, row in enumerate(samples["compared"]):
        for name, frame in (("training", ours), ("target", theirs)):
            x, key = (
                frame[row["name"]].to_numpy(float),
                ("shift", "two_sample", "compared", i, name),
            )
            counts = np.histogram(x[np.isfinite(x)], row["edges"])[0]
            r.check("two samples", *key, "counts", mine=counts)
            r.check("two samples", *key, "missing", mine=int(np.isnan(x).sum()))
            r.check("two samples", *key, "median", mine=np.nanmedian(x))


def understanding(r: Results) -> None:
    """The worst objects, with their neighbours."""
    of, worst = r.splits[r.shown], r.at("understanding", "worst")
    said, truth = of.said[r.selected], of.truth
    if r.classes and worst["ranked_by"] == "confidence":
        size = np.where(said != truth, of.probability[r.selected][np.arange(len(said)), said], -1)
    else:
        size = np.abs(said - truth) if not r.classes else np.full(len(said), -1.0)
        if worst["ranked_by"] == "residual_in_errors":
            side = np.where(said < truth, *of.errors.T)
            size = np.where((of.errors > 0).all(axis=1), size / side, -1)
    order = pd.Series(size, of.frame.index)[size >= 0].sort_values(ascending=False, kind="stable")
    first = order[~of.frame["unit"].loc[order.index].duplicated()].index
    for i, row in enumerate(worst["objects"] if size.max() >= 0 else []):
        j, key = of.frame.index.get_loc(first[i]), ("understanding", "worst", "objects", i)
        r.check("worst objects", *key, "id", mine=first[i])
        r.check("worst objects", *key, "size", mine=size[j])
        for name, value in (("truth", truth[j]), ("prediction", said[j])):
            r.check("worst objects", *key, name, mine=r.classes[value] if r.classes else value)
        far = [n["distance"] for n in row["neighbours"]]
        if far and worst["usual_distance"]:
            r.check("worst objects", *key, "distance", mine=np.mean(far))
            times = np.mean(far) / worst["usual_distance"]
            r.check("worst objects", *key, "times_usual", mine=times)
        for n, near in enumerate(row["neighbours"]):
            mine = r.splits["cv"].frame["target"].get(near["id"])
            r.check("worst objects", *key, "neighbours", n, "target", mine=mine)


def plausible(r: Results) -> None:
    """Predictions that break rules; not those of a function."""
    of = r.splits[r.shown]
    for i, rule in enumerate(r.at("understanding", "plausible", "rules")):
        if rule["function"]:
            continue
        holds = within(r, rule["where"])
        for model in rule["models"]:
            if model not in r.models:
                continue
            x, key = of.said[model], ("understanding", "plausible", "rules", i, "models", model)
            broken = np.zeros(len(x), bool)
            if rule["classes"] is not None:
                broken |= ~np.isin(np.array(r.classes)[x], rule["classes"])
            if rule["low"] is not None:
                broken |= x < rule["low"]
            if rule["high"] is not None:
                broken |= x > rule["high"]
            broken &= holds
            n = int(holds.sum())
            r.check("plausible", *key, "objects", mine=n)
            r.check("plausible", *key, "violations", mine=int(broken.sum()))
            r.check("plausible", *key, "share", mine=broken.sum() / n if n else None)
            if of.single and n >= FEWEST:
                r.limits("limits in closed form", *key, mine=wilson(broken.sum() / n, n))


def within(r: Results, where: Any) -> Any:
    """Return for which objects (n,) a rule holds."""
    ids = r.splits[r.shown].frame.index
    holds = np.ones(len(ids), bool)
    if where:
        table = pd.read_parquet(r.folder / "data/table.parquet").set_index("id").loc[ids]
    for column, cut in where.items():
        x = table[column].to_numpy(float)
        holds &= np.isfinite(x)
        if cut.get("low") is not None:
            holds &= x >= cut["low"]
        if cut.get("below") is not None:
            holds &= x < cut["below"]
    return holds
