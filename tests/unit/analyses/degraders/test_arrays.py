"""Degraders of light curves and images: what they leave, what they change and by how much."""

import numpy as np
import pandas as pd
import pytest
from degraded import curves, stamps
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from boxloop.analyses.degraders.plan import planned
from boxloop.modalities.image.degraders import blur, noisier_images, shift
from boxloop.modalities.light_curve.degraders import dropped_epochs, noisier_light_curves
from boxloop.store import Table

PARTS = [f"light_curve.{part}" for part in ("time", "value", "error", "band")]


def rng(seed: int = 99) -> np.random.Generator:
    return np.random.default_rng(seed)


def same(a: Table, b: Table) -> bool:
    lists = [n for n in a.frame if n.startswith("light_curve")]
    rows = all(
        np.array_equal(x, y) for n in lists for x, y in zip(a.frame[n], b.frame[n], strict=True)
    )
    rest = [n for n in a.frame if n not in lists]
    arrays = all(np.array_equal(a.arrays[k], b.arrays[k], equal_nan=True) for k in a.arrays)
    return rows and arrays and a.frame[rest].equals(b.frame[rest])


@pytest.mark.parametrize("degrade", [dropped_epochs, noisier_light_curves])
def test_light_curves_are_the_same_at_strength_0(degrade) -> None:
    assert same(degrade(curves(), 0.0, rng=rng()), curves())


@pytest.mark.parametrize("degrade", [blur, shift, noisier_images])
@pytest.mark.parametrize("masked", [False, True])
def test_images_are_the_same_at_strength_0(degrade, masked: bool) -> None:
    assert same(degrade(stamps(masked=masked), 0.0, rng=rng()), stamps(masked=masked))


@pytest.mark.parametrize("degrade", [dropped_epochs, noisier_light_curves])
def test_the_light_curves_that_are_given_stay_as_they_were(degrade) -> None:
    table = curves()
    degrade(table, 0.5, rng=rng())
    assert same(table, curves())


@settings(max_examples=20, deadline=None)
@given(strength=st.floats(0, 1), seed=st.integers(0, 50))
def test_two_epochs_stay_and_the_rest_in_proportion(strength: float, seed: int) -> None:
    table = curves(20, seed)
    fewer = dropped_epochs(table, strength, rng=rng(seed))
    for i in range(len(table)):
        before, after = (len(t.frame["light_curve.time"].iat[i]) for t in (table, fewer))
        assert after == max(2, before - round(strength * before))


def test_epochs_stay_whole_and_in_order() -> None:
    table = curves()
    fewer = dropped_epochs(table, 0.5, rng=rng())
    for i in range(len(table)):
        whole = list(zip(*(table.frame[p].iat[i] for p in PARTS), strict=True))
        left = list(zip(*(fewer.frame[p].iat[i] for p in PARTS), strict=True))
        assert [epoch for epoch in whole if epoch in left] == left


def test_epochs_left_of_a_larger_strength_are_among_those_of_a_smaller_one() -> None:
    few, many = (dropped_epochs(curves(), s, rng=rng(3)).frame for s in (0.7, 0.3))
    for a, b in zip(few["light_curve.time"], many["light_curve.time"], strict=True):
        assert set(a) <= set(b)


def test_noise_of_light_curves_has_the_width_of_their_errors() -> None:
    table = curves(2000)
    noisier = noisier_light_curves(table, 2.0, rng=rng())
    moved, errors = (
        np.concatenate(list(noisier.frame[f"light_curve.{part}"])) for part in ("value", "error")
    )
    moved = moved - np.concatenate(list(table.frame["light_curve.value"]))
    assert moved.std() == pytest.approx(0.1, rel=4 / np.sqrt(2 * len(moved)))
    np.testing.assert_allclose(errors, 0.05 * np.sqrt(5), rtol=1e-12)


def test_light_curves_without_errors_get_no_noise() -> None:
    table = curves()
    bare = Table(table.frame.drop(columns="light_curve.error"), table.columns)
    assert same(noisier_light_curves(bare, 2.0, rng=rng()), bare)


def test_an_empty_light_curve_stays_empty() -> None:
    table = curves(3)
    for part in PARTS:
        rows = list(table.frame[part])
        table.frame[part] = pd.Series([rows[0], rows[1][:0], rows[2]], dtype=object)
    for degrade in (dropped_epochs, noisier_light_curves):
        assert len(degrade(table, 0.5, rng=rng()).frame["light_curve.value"].iat[1]) == 0


def test_blurring_adds_variances_and_keeps_the_light() -> None:
    side = 61
    y, x = np.mgrid[:side, :side] - side // 2
    point = np.exp(-(x**2 + y**2) / (2 * 2.0**2))[None, ..., None]
    table = Table(stamps(1).frame, {}, "simulated", {"image": point.astype(np.float32)})
    wider = blur(table, 3.0, rng=rng()).arrays["image"][0, ..., 0].astype(float)
    assert wider.sum() == pytest.approx(point.sum(), rel=1e-4)
    assert (wider * x**2).sum() / wider.sum() == pytest.approx(2.0**2 + 3.0**2, rel=0.01)


def test_blurring_keeps_masks_and_is_a_plain_convolution_without_them() -> None:
    plain, masked = stamps(4), stamps(4, masked=True)
    expected = gaussian_filter(
        plain.arrays["image"].astype(float), (0, 1.5, 1.5, 0), mode="nearest"
    )
    np.testing.assert_allclose(blur(plain, 1.5, rng=rng()).arrays["image"], expected, rtol=1e-5)
    found = blur(masked, 1.5, rng=rng()).arrays["image"]
    np.testing.assert_array_equal(np.isnan(found), np.isnan(masked.arrays["image"]))
    flat = Table(masked.frame, {}, "real", {"image": masked.arrays["image"] * 0 + 7})
    np.testing.assert_allclose(blur(flat, 1.5, rng=rng()).arrays["image"][0, 5], 7, rtol=1e-6)


def test_a_shift_moves_the_middle_of_the_light_by_the_strength() -> None:
    side = 41
    y, x = np.mgrid[:side, :side] - side // 2
    point = np.exp(-(x**2 + y**2) / (2 * 2.0**2))
    images = np.repeat(point[None, ..., None], 50, axis=0).astype(np.float32)
    table = Table(stamps(50).frame, {}, "simulated", {"image": images})
    moved = shift(table, 2.5, rng=rng()).arrays["image"][..., 0].astype(float)
    total = moved.sum(axis=(1, 2))
    centre = np.array([(moved * axis).sum(axis=(1, 2)) / total for axis in (x, y)])
    np.testing.assert_allclose(np.hypot(*centre), 2.5, atol=0.01)
    angles = np.sort(np.arctan2(centre[1], centre[0]))
    assert np.diff(angles).max() < 1.0, "all directions"


def test_a_shift_moves_the_mask_with_the_image() -> None:
    table = stamps(30, masked=True)
    moved = shift(table, 3.0, rng=rng()).arrays["image"][..., 0]
    for image in moved:
        rows, columns = np.nonzero(np.isnan(image))
        if len(rows):
            assert np.hypot(rows[0] - 2, columns[0] - 3) == pytest.approx(3.0, abs=0.75)
    assert np.isfinite(moved).mean() > 0.95


def test_noise_of_images_is_a_multiple_of_what_they_have() -> None:
    table = stamps(200, side=31)
    added = noisier_images(table, 2.0, rng=rng()).arrays["image"] - table.arrays["image"]
    assert added.std() == pytest.approx(0.1, rel=0.1)


def test_noise_of_images_ignores_masks_and_needs_some_pixels() -> None:
    masked, tiny = stamps(3, masked=True), stamps(3, side=2)
    noisier = noisier_images(masked, 1.0, rng=rng()).arrays["image"]
    np.testing.assert_array_equal(np.isnan(noisier), np.isnan(masked.arrays["image"]))
    assert same(noisier_images(tiny, 1.0, rng=rng()), tiny)
    nothing = Table(tiny.frame, {}, "real", {"image": masked.arrays["image"] * np.nan})
    assert np.isnan(noisier_images(nothing, 1.0, rng=rng()).arrays["image"]).all()


def test_images_and_light_curves_get_their_degraders() -> None:
    assert [d.name for d in planned(stamps(), None)[0]] == ["noise", "blur", "shift"]
    assert [d.name for d in planned(curves(), None)[0]] == ["noise", "dropped_epochs"]
