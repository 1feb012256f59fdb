"""What the estimate takes a search of networks to cost: stacks, and halving."""

import pytest

from boxloop.cli.costs import (
    COSTS,
    STACKED,
    Size,
    fit_seconds,
    is_network,
    search_seconds,
    share_of_epochs,
)
from boxloop.study.known_models import MODELS


def test_networks_searched_together_cost_less_than_each_alone():
    values, size = dict(MODELS["dense"].defaults), Size(20_000, 10)
    alone = fit_seconds("dense", values, size)
    assert set(STACKED) == {kind for kind in COSTS if is_network(kind)}
    rates = [{**values, "learning_rate": 10.0**-i} for i in range(8)]
    together = search_seconds("dense", rates, 5, size)
    assert together < 40 * alone / 3
    # Another architecture is another stack.
    wider = [*rates[:-1], {**values, "units": [65, 64]}]
    assert search_seconds("dense", wider, 5, size) > together + 0.9 * STACKED["dense"].trace


def test_halving_costs_the_epochs_that_are_trained():
    assert share_of_epochs(90, 10, 3) == pytest.approx((10 + 20 / 3 + 60 / 9) / 90)
    assert share_of_epochs(90, None, 3) == share_of_epochs(90, 10, 3)
    assert share_of_epochs(5, 10, 3) == 1.0
    values, size = [dict(MODELS["dense"].defaults)] * 9, Size(100_000, 10)
    whole = search_seconds("dense", values, 5, size)
    assert search_seconds("dense", values, 5, size, (None, 3)) < 0.7 * whole
