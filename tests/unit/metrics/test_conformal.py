"""Conformal sets and intervals: mapie, formulas by hand, coverage by simulation."""

import numpy as np
import pytest
from calibration_fixture import draw_classes, one_normal, sharpened

from boxloop.metrics.clustered import proportions
from boxloop.metrics.conformal import (
    aps_scores,
    central,
    conformal_quantile,
    fewest_units,
    lac_scores,
    outside,
    sets_of,
)
from boxloop.metrics.interval import wilson


class _Given:
    """A classifier whose probabilities are its input, for mapie."""

    def __init__(self, k: int) -> None:
        from sklearn.base import BaseEstimator, ClassifierMixin

        class Model(ClassifierMixin, BaseEstimator):
            def __init__(self) -> None:
                self.classes_ = np.arange(k)
                self.n_features_in_ = k

            def fit(self, x, y):  # type: ignore[no-untyped-def]
                return self

            def predict_proba(self, x):  # type: ignore[no-untyped-def]
                return np.asarray(x)

            def predict(self, x):  # type: ignore[no-untyped-def]
                return np.asarray(x).argmax(axis=1)

        self.model = Model()


@pytest.mark.parametrize("n", [57, 99, 200])
@pytest.mark.parametrize("method", ["lac", "aps"])
def test_sets_are_those_of_mapie(method: str, n: int) -> None:
    from mapie.classification import SplitConformalClassifier

    p, truth = draw_classes(np.random.default_rng(n), n + 100, k=4)
    p = sharpened(p, 1.7)
    theirs = SplitConformalClassifier(
        _Given(4).model, 0.9, conformity_score=method, prefit=True, random_state=3
    )
    theirs.conformalize(p[:n], truth[:n])
    _, sets = theirs.predict_set(p[n:], {"include_last_label": "randomized"})
    # mapie draws its chances anew for each step, from a generator of this seed.
    draws = [np.random.RandomState(3).uniform(size=size) for size in (n, 100)]
    learn, judge = (
        (lac_scores(p[:n]), lac_scores(p[n:]))
        if method == "lac"
        else (aps_scores(p[:n], draws[0]), aps_scores(p[n:], draws[1]))
    )
    of_truth = learn[np.arange(n), truth[:n]]
    np.testing.assert_allclose(of_truth, np.ravel(theirs.conformity_scores), atol=1e-12)
    quantile = conformal_quantile(of_truth, np.arange(n), 0.9)
    assert quantile == pytest.approx(
        float(np.ravel(theirs._mapie_classifier.conformity_score_function_.quantiles_)[0]),
        abs=1e-12,
    )
    np.testing.assert_array_equal(judge <= quantile + 1e-12, sets[:, :, 0])


def test_intervals_are_those_of_mapie() -> None:
    from mapie.regression import ConformalizedQuantileRegressor, SplitConformalRegressor
    from sklearn.base import BaseEstimator, RegressorMixin

    class Column(RegressorMixin, BaseEstimator):
        def __init__(self, column: int = 0) -> None:
            self.column = column
            self.fitted_ = True
            self.n_features_in_ = 3

        def fit(self, x, y):  # type: ignore[no-untyped-def]
            return self

        def predict(self, x):  # type: ignore[no-untyped-def]
            return np.asarray(x)[:, self.column]

    rng = np.random.default_rng(0)
    n = 150
    mean, sigma = rng.normal(size=n + 80), rng.uniform(0.5, 2, n + 80)
    truth = mean + sigma * rng.standard_t(3, n + 80)
    low, high = central(one_normal(mean, sigma), 0.9)
    x = np.stack([low, high, mean], axis=1)
    units = np.arange(n)

    plain = SplitConformalRegressor(Column(2), 0.9, prefit=True).conformalize(x[:n], truth[:n])
    _, theirs = plain.predict_interval(x[n:])
    quantile = conformal_quantile(outside(truth[:n], mean[:n], mean[:n]), units, 0.9)
    np.testing.assert_allclose(theirs[:, 0, 0], mean[n:] - quantile, atol=1e-12)
    np.testing.assert_allclose(theirs[:, 1, 0], mean[n:] + quantile, atol=1e-12)

    cqr = ConformalizedQuantileRegressor([Column(0), Column(1), Column(2)], 0.9, prefit=True)
    cqr.conformalize(x[:n], truth[:n])
    _, theirs = cqr.predict_interval(x[n:], symmetric_correction=True)
    quantile = conformal_quantile(outside(truth[:n], low[:n], high[:n]), units, 0.9)
    np.testing.assert_allclose(theirs[:, 0, 0], low[n:] - quantile, atol=1e-12)
    np.testing.assert_allclose(theirs[:, 1, 0], high[n:] + quantile, atol=1e-12)


def test_the_quantile_by_hand() -> None:
    scores = np.array([3.0, 1.0, 2.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0])
    each = np.arange(9)
    assert conformal_quantile(scores, each, 0.9) == 9.0  # the ninth of nine: 10 x 0.9
    assert conformal_quantile(scores, each, 0.8) == 8.0
    assert conformal_quantile(scores[:8], each[:8], 0.9) == np.inf
    assert fewest_units(0.9) == 9 and fewest_units(0.95) == 19
    # Three units of three scores: sums of 1/12 for each until half is reached.
    assert conformal_quantile(scores, each // 3, 0.5) == 6.0


def test_sets_cover_as_promised_whatever_the_model() -> None:
    """Over many repetitions the mean coverage is between the level and level + 1 / (n + 1)."""
    rng = np.random.default_rng(1)
    found: dict[str, list[float]] = {"lac": [], "aps": []}
    for _ in range(300):
        p, truth = draw_classes(rng, 199 + 200)
        p = sharpened(p, 3.0)
        chance = rng.random(len(p))
        for name, scores in (("lac", lac_scores(p)), ("aps", aps_scores(p, chance))):
            of_truth = scores[np.arange(len(p)), truth]
            quantile = conformal_quantile(of_truth[:199], np.arange(199), 0.9)
            found[name].append(float((of_truth[199:] <= quantile).mean()))
    for values in found.values():
        error = np.std(values) / np.sqrt(len(values))
        assert 0.9 - 3 * error < np.mean(values) < 0.9 + 1 / 200 + 3 * error


@pytest.mark.parametrize("sizes", ["equal", "unequal"])
def test_intervals_of_grouped_objects_cover_a_new_unit_as_promised(sizes: str) -> None:
    """An object of a new unit is covered; the units, not the objects, are exchangeable."""
    rng = np.random.default_rng(2)
    n = 49
    found = []
    for _ in range(400):
        size = np.full(2 * n, 6) if sizes == "equal" else rng.geometric(0.15, 2 * n)
        unit = np.repeat(np.arange(2 * n), size)
        common = rng.normal(size=2 * n)[unit] * np.where(size > 6, 2.0, 1.0)[unit]
        score = np.abs(common + 0.5 * rng.normal(size=len(unit)))
        teaches = unit < n
        quantile = conformal_quantile(score[teaches], unit[teaches], 0.9)
        held = (score[~teaches] <= quantile).astype(float)
        found.append(np.mean(np.bincount(unit[~teaches] - n, held) / size[n:]))
    error = np.std(found) / np.sqrt(len(found))
    assert 0.9 - 3 * error < np.mean(found) < 0.9 + 1 / 50 + 3 * error


def test_a_set_is_never_empty() -> None:
    p = np.array([[0.4, 0.35, 0.25]])
    assert sets_of(lac_scores(p), p, 0.1).tolist() == [[True, False, False]]
    assert sets_of(lac_scores(p), p, np.inf).all()


def test_a_proportion_of_single_objects_has_wilsons_interval() -> None:
    event = np.repeat([1.0, 0.0], [30, 170])
    found = proportions(event, np.zeros(200, int), np.arange(200), 1)
    low, high = wilson(30, 200)
    assert found.value[0] == 0.15
    # Student's t for 199 degrees and 199 objects in place of 200 are all that differs.
    assert found.low[0] == pytest.approx(low, abs=1e-3)
    assert found.high[0] == pytest.approx(high, abs=1e-3)


def test_repeating_each_object_in_its_unit_changes_no_interval() -> None:
    rng = np.random.default_rng(4)
    event = (rng.random(60) < 0.3).astype(float)
    one = proportions(event, np.zeros(60, int), np.arange(60), 1)
    four = proportions(np.tile(event, 4), np.zeros(240, int), np.tile(np.arange(60), 4), 1)
    assert (four.low[0], four.high[0]) == pytest.approx((one.low[0], one.high[0]), abs=1e-12)


def test_intervals_of_proportions_cover_as_they_say_for_grouped_objects() -> None:
    rng = np.random.default_rng(5)
    hits, runs = 0, 600
    for _ in range(runs):
        chance = rng.beta(3, 12, 60)
        unit = np.repeat(np.arange(60), 5)
        event = (rng.random(300) < chance[unit]).astype(float)
        found = proportions(event, np.zeros(300, int), unit, 1)
        hits += bool(found.low[0] <= 0.2 <= found.high[0])
    assert hits / runs == pytest.approx(0.95, abs=3 * np.sqrt(0.95 * 0.05 / runs))


def test_few_units_give_no_interval() -> None:
    found = proportions(np.ones(30), np.zeros(30, int), np.arange(30) % 9, 2)
    assert found.plain(0) == {"value": 1.0, "low": None, "high": None, "rows": 30, "n_units": 9}
    assert np.isnan(found.plain(1)["value"])
