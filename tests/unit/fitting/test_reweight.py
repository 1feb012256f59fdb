import numpy as np
import pytest
from domains import gaussians, sample_of, shuffled

from boxloop.fitting.reweight import CLIP, domain_weights, effective_size, weights_from


@pytest.mark.parametrize("shift", [0.0, 0.5, 1.0])
def test_the_effective_size_of_two_gaussians_is_the_analytic_one(shift):
    # Weights exp(shift x - shift^2 / 2) have the mean square exp(shift^2).
    training, target = gaussians(1500, 1500, shift, seed=1)
    found = domain_weights(training, target, seed=(0, "test"))
    assert found.effective == pytest.approx(np.exp(-(shift**2)), abs=0.07)


def test_weights_follow_the_known_ratio_of_densities_and_have_mean_one():
    training, target = gaussians(1500, 1500, 1.0, seed=2)
    weights = domain_weights(training, target, seed=(0, "test")).weights
    known = np.exp(training.column("f0") - 0.5)
    assert weights.mean() == pytest.approx(1.0)
    assert np.corrcoef(np.log(weights), np.log(known))[0, 1] > 0.9
    assert np.average(training.column("f0"), weights=weights) == pytest.approx(1.0, abs=0.15)


def test_the_effective_size_is_kishs_formula():
    assert effective_size(np.array([1.0, 1.0, 2.0])) == pytest.approx(16 / 6 / 3)


def test_weights_are_cut_at_a_multiple_of_their_mean():
    ratio = np.zeros(1000)
    ratio[0] = 10.0
    found = weights_from(ratio)
    raw = np.exp(ratio)
    cut = np.minimum(raw, CLIP * raw.mean())
    assert found.clipped == 1
    assert np.allclose(found.weights, cut / cut.mean(), rtol=1e-12)


def test_weights_depend_on_the_given_rows_only_and_not_on_their_order():
    training, target = gaussians(200, 150, 0.7, seed=3)
    weights = domain_weights(training, target, seed=(0, "test")).weights
    order = np.random.default_rng(5).permutation(200)
    again = domain_weights(training.take(order), shuffled(target), seed=(0, "test")).weights
    assert np.array_equal(again, weights[order])
    # Labels are not looked at: a target column changes nothing.
    labelled = sample_of(
        training.frame[["f0", "f1", "f2"]].to_numpy(), "a", target=np.arange(200) % 2
    )
    assert np.array_equal(domain_weights(labelled, target, seed=(0, "test")).weights, weights)


def test_an_object_that_stands_twice_in_a_unit_is_scored_without_its_twin():
    # Every training field has its own feature value: only a classifier that has seen the field
    # could tell it apart.
    rng = np.random.default_rng(0)
    fields = np.repeat(np.arange(20), 20)
    here, there = rng.normal(size=20)[fields], rng.normal(size=20)[fields]
    one = sample_of(here[:, None], "a", fields)
    other = sample_of(there[:, None], "b", fields + 100)
    apart = domain_weights(one, other, seed=(0, "t"), groups="field")
    alone = domain_weights(one, other, seed=(0, "t"))
    assert alone.effective < 0.4
    assert apart.effective > 0.7


def test_missing_values_count_and_columns_can_be_chosen():
    training, target = gaussians(300, 300, 0.0, seed=4)
    gone = training.frame.assign(f1=np.where(np.arange(300) % 2, np.nan, training.frame["f1"]))
    training = type(training)(gone, training.columns)
    # No target object lacks the value: the training objects that do are worth nothing.
    assert domain_weights(training, target, seed=(0, "t")).effective == pytest.approx(0.5, abs=0.1)
    assert domain_weights(training, target, columns=["f0"], seed=(0, "t")).effective > 0.9


@pytest.mark.parametrize(("n", "m"), [(3, 100), (100, 3), (0, 0)])
def test_too_few_objects_give_weights_of_one_and_a_reason(n, m):
    training, target = gaussians(n, m, 1.0, seed=0)
    found = domain_weights(training, target, seed=(0, "t"))
    assert found.weights.tolist() == [1.0] * n and "are needed" in found.reason


def test_a_table_without_usable_columns_says_so():
    training, target = gaussians(50, 50, 1.0, seed=0, d=1)
    assert domain_weights(training, target, columns=[], seed=(0, "t")).reason
