import numpy as np
import pytest
from domains import gaussians, sample_of, shuffled
from sklearn.metrics import roc_auc_score

from boxloop.analyses.shift.drivers import correlated_groups
from boxloop.analyses.shift.findings import about_samples
from boxloop.analyses.shift.two_sample import auc_interval, two_sample


def of_scores(score, domain, units=None, part=None, **more):
    n = len(score)
    units = np.arange(n) if units is None else units
    part = np.zeros(n, int) if part is None else part
    return auc_interval(score, domain, part, units, **more)


def delong(score, domain):
    """DeLong's variance, written with a double loop."""
    x, y = score[~domain], score[domain]
    wins = (y[None, :] > x[:, None]) + 0.5 * (y[None, :] == x[:, None])
    return wins.mean(axis=1).var(ddof=1) / len(x) + wins.mean(axis=0).var(ddof=1) / len(y)


def test_the_area_is_scikit_learns_and_the_variance_delongs():
    rng = np.random.default_rng(0)
    domain = np.arange(90) >= 40
    score = np.round(rng.normal(size=90) + domain, 1)
    found = of_scores(score, domain)
    assert found["value"] == pytest.approx(roc_auc_score(domain, score), abs=1e-12)
    # Student's interval of the logit, its width set by DeLong's variance.
    logit = [np.log(found[k] / (1 - found[k])) for k in ("low", "high")]
    half = 2.0226909 * np.sqrt(delong(score, domain)) / (found["value"] * (1 - found["value"]))
    assert (logit[1] - logit[0]) / 2 == pytest.approx(half, rel=1e-6)


def test_whole_weights_stand_for_repeated_objects():
    rng = np.random.default_rng(1)
    domain, score = np.arange(60) >= 30, rng.normal(size=60)
    weight = np.where(domain, 1, rng.integers(0, 4, 60)).astype(float)
    again = np.repeat(np.arange(60), weight.astype(int))
    weighted = of_scores(score, domain, weight=weight)["value"]
    assert weighted == pytest.approx(roc_auc_score(domain[again], score[again]), abs=1e-12)


def test_scores_are_compared_within_a_part_only():
    rng = np.random.default_rng(2)
    domain, part = np.arange(100) % 2 == 0, np.arange(100) // 2 % 5
    score = rng.normal(size=100)
    shifted = of_scores(score + 100 * part, domain, part=part)
    assert shifted == of_scores(score, domain, part=part)


def test_objects_of_a_unit_count_as_one():
    rng = np.random.default_rng(3)
    domain, score = np.arange(60) >= 30, rng.normal(size=60)
    units = np.arange(60)
    once = of_scores(score, domain)
    thrice = of_scores(np.tile(score, 3), np.tile(domain, 3), np.tile(units, 3))
    assert all(thrice[k] == pytest.approx(once[k], abs=1e-9) for k in ("value", "low", "high"))


def test_perfect_separation_has_an_interval_and_few_units_have_none():
    domain = np.arange(60) >= 30
    found = of_scores(domain.astype(float), domain)
    assert found["value"] == 1.0 and 0.8 < found["low"] < 1.0
    few = of_scores(domain.astype(float), domain, np.arange(60) // 15)
    assert few["low"] is None and "units" in few["reason"]


def test_equal_samples_are_not_told_apart_whatever_the_seed(seeds):
    inside, findings = 0, 0
    for seed in seeds:
        training, target = gaussians(100, 80, 0.0, seed)
        found = two_sample(training, target, group=None, seed=seed).content
        inside += found["auc"]["low"] <= 0.5 <= found["auc"]["high"]
        findings += len(about_samples(found))
    assert findings == 0
    missed = len(seeds) - inside
    assert missed <= 0.05 * len(seeds) + 2 * np.sqrt(0.05 * 0.95 * len(seeds))  # standard errors


def test_a_planted_shift_is_found_and_its_feature_named():
    training, target = gaussians(300, 300, 1.5, seed=0)
    found = two_sample(training, target, group=None, seed=0).content
    (finding,) = about_samples(found)
    assert finding.severity == "high" and finding.kind == "unlike_target"
    assert finding.columns == ("f0",)
    assert "f0" in finding.message and "0.5" in finding.message
    assert [d["columns"] for d in found["drivers"] if d["drives"]] == [["f0"]]


def test_what_is_missing_more_often_is_found():
    training, target = gaussians(300, 300, 0.0, seed=1)
    gaps = target.frame["f2"].where(np.arange(300) % 3 > 0)
    target = type(target)(target.frame.assign(f2=gaps), target.columns)
    found = two_sample(training, target, group=None, seed=0).content
    assert about_samples(found)[0].columns == ("f2",)


def test_correlated_features_are_permuted_together():
    rng = np.random.default_rng(0)
    here, there = rng.normal(size=(400, 2)), rng.normal(size=(400, 2)) + np.array([1.5, 0])
    twins = [np.column_stack([v, v[:, :1] + rng.normal(0, 0.1, (400, 1))]) for v in (here, there)]
    found = two_sample(
        sample_of(twins[0], "a"), sample_of(twins[1], "b"), group=None, seed=0
    ).content
    assert sorted(found["drivers"][0]["columns"]) == ["f0", "f2"]
    assert correlated_groups(twins[0]) in ([[0, 2], [1]], [[1], [0, 2]])


def test_fields_that_differ_as_fields_do_are_no_shift():
    findings = 0
    for seed in range(6):
        rng = np.random.default_rng(seed)
        effect, field = rng.normal(size=(40, 2)), np.repeat(np.arange(40), 10)
        values = effect[field] + 0.3 * rng.normal(size=(400, 2))
        training = sample_of(values[:200], "a", field[:200])
        target = sample_of(values[200:], "b", field[200:])
        found = two_sample(training, target, group="field", seed=seed).content
        assert found["auc"]["n_units"] == 20
        findings += len(about_samples(found))
    assert findings == 0


def test_the_order_of_rows_changes_nothing():
    training, target = gaussians(120, 80, 0.8, seed=5)
    one = two_sample(training, target, group=None, seed=0).content
    other = two_sample(shuffled(training), shuffled(target, 1), group=None, seed=0).content
    assert one["auc"]["value"] == pytest.approx(other["auc"]["value"], abs=1e-12)
    assert one["drivers"] == other["drivers"]
    assert one["effective"]["value"] == pytest.approx(other["effective"]["value"], abs=1e-9)


def test_too_few_or_empty_samples_give_a_reason():
    training, target = gaussians(100, 4, 1.0, seed=0)
    found = two_sample(training, target, group=None, seed=0).content
    assert found["auc"] is None and "4 objects" in found["reason"]
    assert about_samples(found) == []
    nothing = training.frame.assign(f0=np.nan, f1=np.nan, f2=1.0)
    empty = type(training)(nothing, training.columns)
    alike = two_sample(empty, empty, group=None, seed=0).content
    assert alike["auc"]["value"] == pytest.approx(0.5)
