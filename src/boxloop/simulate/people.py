"""Simulated people who apply as volunteers, to show what fairness between groups of people means.

Nobody here is real, and no number stands for any population: the attributes are labels drawn by
lot, the scores are noise around a hidden ability, and unfairness is exactly what is put in. It is
an example for data about people (volunteers of a citizen-science project, reports to moderate),
where a model decides and groups must not be treated differently.
"""

from typing import Any

import numpy as np
import pandas as pd

from boxloop.errors import BoxloopError

#: Attributes and how many of a hundred people have each; arbitrary.
ATTRIBUTES: dict[str, dict[str, float]] = {
    "age_band": {"under 30": 0.35, "30 to 59": 0.45, "60 and over": 0.2},
    "gender": {"woman": 0.47, "man": 0.47, "non-binary": 0.06},
    "skin_tone": {"light": 0.4, "medium": 0.35, "dark": 0.25},
}


def volunteers(
    n: int,
    *,
    seed: int,
    unfairness: float = 0.0,
    attribute: str = "skin_tone",
    group: str = "dark",
    noise: float = 0.6,
    suited: float = 0.4,
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Simulate applications of volunteers, and who of them turns out to be suited.

    Whether somebody is suited depends on a hidden ability alone, which has the same distribution in
    all groups. Two tests and a reference measure it with noise. With `unfairness` the tests of one
    group are marked down, while the same share of them is suited: a model that trusts the tests is
    then unfair to that group.

    Parameters
    ----------
    n : int
        Number of people.
    seed : int
        The same seed and parameters give the same people.
    unfairness : float
        By how many standard deviations of ability the tests and the reference of the group are too
        low; 0 leaves all groups alike.
    attribute, group : str
        Which group of which attribute it is planted in.
    noise : float
        Standard deviation of each measurement, in those of ability.
    suited : float
        Share of all people that are suited.

    Returns
    -------
    table : pandas.DataFrame
        ``person_id`` (text), ``test_pattern, test_patience, reference`` (without unit), ``hours``
        (offered a week [h], says nothing of ability), ``age_band, gender, skin_tone`` (text),
        ``outcome`` (suited or not_suited).
    arrays : dict
        Empty.

    Raises
    ------
    BoxloopError
        There is no such attribute or group, or a number is out of range.
    """
    if n < 1 or noise < 0 or not 0 < suited < 1:
        raise BoxloopError(
            "expected n of at least 1, noise of at least 0 and suited between 0 and 1; found "
            f"n {n}, noise {noise}, suited {suited}"
        )
    if group not in ATTRIBUTES.get(attribute, {}):
        known = "; ".join(f"{a}: {', '.join(g)}" for a, g in ATTRIBUTES.items())
        raise BoxloopError(
            f"attribute, group: expected one of {known}; found {attribute!r}, {group!r}"
        )
    rng = np.random.default_rng(seed)
    people = {
        name: rng.choice(list(shares), size=n, p=list(shares.values()))
        for name, shares in ATTRIBUTES.items()
    }
    ability = rng.normal(size=n)
    marked_down = unfairness * (people[attribute] == group)
    scores = {
        name: np.round(ability - marked_down + noise * rng.normal(size=n), 4)
        for name in ("test_pattern", "test_patience", "reference")
    }
    # The share of a normal distribution above this limit is that of the suited.
    from scipy.stats import norm

    is_suited = ability > norm.isf(suited)
    table = pd.DataFrame(
        {
            "person_id": [f"person{seed}-{i:06d}" for i in range(n)],
            **scores,
            "hours": np.round(rng.gamma(2.0, 2.0, n), 2),
            **people,
            "outcome": np.where(is_suited, "suited", "not_suited"),
        }
    )
    return table, {}
