import numpy as np
import pytest
from domains import sample_of, shuffled
from laws import Law, ranges_of
from tables import classes_table, numbers_table

from boxloop.apply import Application, apply_model, no_predictions, training_region
from boxloop.fitting.prior_shift import Adjustment, Calibration
from boxloop.sampling.drawn import draw_rows, in_set
from boxloop.store import Table


def ring(n, seed, radius=3.0):
    """Objects on a noisy ring: its middle is inside every single range and unlike all of them."""
    rng = np.random.default_rng(seed)
    angle = rng.uniform(0, 2 * np.pi, n)
    values = radius * np.column_stack([np.cos(angle), np.sin(angle)])
    return values + rng.normal(0, 0.15, (n, 2))


def region_of(values, group=None, **more):
    table = sample_of(values, "t", group)
    return training_region(table, group=None if group is None else "field", seed=0, **more)


def test_the_hole_in_the_middle_is_unlike_though_inside_every_range():
    region = region_of(ring(500, 0))
    middle, usual = np.zeros((1, 2)), ring(400, 1)
    assert region.distance(sample_of(middle, "x"))[0] > 1.5
    assert (region.distance(sample_of(usual, "y")) > 1).mean() < 0.02
    assert region.distance(sample_of(np.full((1, 2), 30.0), "z"))[0] > 10


def test_objects_like_the_training_ones_are_seldom_flagged():
    rng = np.random.default_rng(0)
    region = region_of(rng.normal(size=(2000, 4)))
    far = region.distance(sample_of(rng.normal(size=(4000, 4)), "x")) > 1
    # One in a thousand is expected; the limit itself has an error.
    assert far.mean() < 0.004


def test_distances_do_not_depend_on_units_or_on_the_order_of_rows():
    rng = np.random.default_rng(1)
    values, new = rng.normal(size=(300, 3)), rng.normal(size=(50, 3)) * 2
    scale, offset = np.array([1e3, 1e-3, 7.0]), np.array([5.0, -1.0, 0.0])
    one = region_of(values).distance(sample_of(new, "x"))
    other = region_of(values * scale + offset).distance(sample_of(new * scale + offset, "x"))
    assert other == pytest.approx(one, rel=1e-6)
    mixed = training_region(shuffled(sample_of(values, "t")), group=None, seed=0)
    assert mixed.distance(sample_of(new, "x")) == pytest.approx(one, rel=1e-9)


def test_a_pattern_of_gaps_that_training_never_had_is_far_and_a_known_one_is_not():
    rng = np.random.default_rng(2)
    values = rng.normal(size=(400, 2))
    values[::4, 1] = np.nan
    region = region_of(values)
    known = np.array([[0.0, np.nan]])
    assert region.distance(sample_of(known, "x"))[0] < 1
    never = np.array([[np.nan, 0.0]])
    assert region.distance(sample_of(never, "x"))[0] > region.distance(sample_of(known, "x"))[0]


def test_an_objects_own_field_is_left_out_where_the_limit_is_set():
    rng = np.random.default_rng(3)
    field = np.repeat(np.arange(30), 20)
    values = rng.normal(size=(30, 3))[field] + 0.05 * rng.normal(size=(600, 3))
    fresh = rng.normal(size=(200, 3))
    by_field = region_of(values, field).distance(sample_of(fresh, "x"))
    by_object = region_of(values).distance(sample_of(fresh, "x"))
    assert (by_object > 1).mean() > 0.9
    assert (by_field > 1).mean() < 0.1


@pytest.mark.parametrize(
    "values", [np.zeros((10, 2)), np.zeros((100, 2)), np.full((100, 1), np.nan)]
)
def test_without_a_region_distances_are_missing_and_there_is_a_reason(values):
    region = region_of(values)
    assert np.isnan(region.distance(sample_of(np.ones((3, values.shape[1])), "x"))).all()
    assert region.about()["reason"] and region.about()["limit"] is None


def test_few_groups_give_a_reason():
    assert (
        "units"
        in region_of(np.random.default_rng(0).normal(size=(90, 2)), np.arange(90) % 3).reason
    )


def test_apply_counts_unlike_objects_and_writes_adjusted_probabilities():
    table, target = classes_table(), classes_table(100, seed=1)
    region = training_region(table, group=None, seed=0)
    model = Law(classes=("GALAXY", "STAR"))
    adjustment = Adjustment(model.classes, Calibration(1.0, np.zeros(2)), np.array([0.5, 2.0]))
    application = Application.of(model, ranges_of(table), "class", region, adjustment)
    parts = list(
        apply_model(
            model, [target.take(np.arange(60)), target.take(np.arange(60, 100))], application
        )
    )
    assert list(parts[0])[-4:] == ["adjusted_GALAXY", "adjusted_STAR", "outside", "unlike"]
    adjusted = parts[1][["adjusted_GALAXY", "adjusted_STAR"]].to_numpy()
    assert adjusted.sum(axis=1) == pytest.approx(1.0)
    summary = application.summary("law")
    assert summary["unlike_rows"] == sum((p["unlike"] > 1).sum() for p in parts[1:])
    assert summary["adjusted"] and summary["region"]["columns"] == ["a", "b"]
    assert no_predictions("law")["unlike_rows"] is None


def test_images_and_light_curves_have_a_region_too():
    rng = np.random.default_rng(0)
    images = rng.normal(size=(100, 8, 8, 1))
    table = sample_of(np.empty((100, 0)), "i", image=images)
    region = training_region(table, group=None, seed=0)
    bright = sample_of(np.empty((1, 0)), "j", image=images[:1] * 10)
    assert region.distance(bright)[0] > 1


def test_rows_are_drawn_the_same_whatever_the_batches():
    table = numbers_table(300)
    sets = np.where(np.arange(300) < 200, "train", "test")
    split = table.frame[["id"]].assign(set=sets)
    mixed = shuffled(table)
    one = draw_rows([table], 50, 0, "t", keep=in_set(split, "train"))
    parts = [mixed.take(np.arange(i, min(i + 37, 300))) for i in range(0, 300, 37)]
    other = draw_rows(parts, 50, 0, "t", keep=in_set(split, "train"))
    assert isinstance(one, Table) and len(one) == 50
    assert one.frame["id"].tolist() == other.frame["id"].tolist()
    assert set(one.frame["id"]) <= set(split["id"][:200])
    assert draw_rows([], 50, 0, "t") is None
