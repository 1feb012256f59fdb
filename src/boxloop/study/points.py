"""Points of a space of hyperparameters, in an order that more of them only add to."""

import json
import math
import random
from collections.abc import Iterable, Iterator
from typing import Any

from boxloop.study.searching import Hyperparameters, Range
from boxloop.study.seeds import integer_seed, integer_seed_plain

Space = dict[str, list[Any] | Range]

#: Draws for each point that is wanted: lists alone give some points again.
DRAWS = 50


def random_points(space: Space, n: int, seed: int, *names: str | int) -> list[Hyperparameters]:
    """Draw `n` different points; fewer where lists alone do not offer so many.

    Parameters
    ----------
    space : dict
        Lists and ranges by hyperparameter.
    n : int
    seed : int
        The study's seed.
    *names : str or int
        What the points are for.
    """
    rng = random.Random(integer_seed_plain(seed, *names))
    drawn = ({key: _draw(values, rng) for key, values in space.items()} for _ in range(DRAWS * n))
    return _different(drawn, n)


def sobol_points(space: Space, n: int, seed: int, *names: str | int) -> list[Hyperparameters]:
    """Return the first `n` different points of a scrambled Sobol sequence.

    They leave smaller gaps than points drawn at random, above all if `n` is a power of two. The
    parameters are those of `random_points`.

    References
    ----------
    Sobol (1967), USSR Computational Mathematics and Mathematical Physics 7, 86; scrambled as in
    `scipy.stats.qmc.Sobol`.
    """
    return _different(_sobol(space, n, integer_seed(seed, *names)), n)


def _sobol(space: Space, n: int, seed: int) -> Iterator[Hyperparameters]:
    from scipy.stats import qmc  # a second that only the studies pay which ask for it

    sequence = qmc.Sobol(len(space), scramble=True, rng=seed)
    block = 2 ** math.ceil(math.log2(n))
    for _ in range(DRAWS):
        for row in sequence.random(block):
            pairs = zip(space.items(), row, strict=True)
            yield {key: _at(values, float(place)) for (key, values), place in pairs}


def _different(points: Iterable[Hyperparameters], n: int) -> list[Hyperparameters]:
    found: dict[str, Hyperparameters] = {}
    for point in points:
        found.setdefault(json.dumps(point, sort_keys=True), point)
        if len(found) == n:
            break
    return list(found.values())


def _draw(values: list[Any] | Range, rng: random.Random) -> Any:
    if isinstance(values, list):
        return values[rng.randrange(len(values))]
    return _at(values, rng.random())


def _at(values: list[Any] | Range, place: float) -> Any:
    """Return the value at a place from 0 to 1 of a list or range."""
    if isinstance(values, list):
        return values[int(place * len(values))]
    low, high = (math.log(x) if values.log else x for x in (values.low, values.high))
    value = low + (high - low) * place
    value = math.exp(value) if values.log else value
    return round(value) if values.integer else short(value)


def short(value: float) -> float:
    """Return a number with the six digits that hyperparameters are kept with."""
    return float(f"{value:.6g}")
