"""Columns computed from others are found by their values, and nothing is found in noise."""

import numpy as np
import pytest

from boxloop.draft.lineage import find_relations

RNG = np.random.default_rng(2)
N = 3000
U, G, R = RNG.normal(20, 1, N), RNG.normal(19, 1, N), RNG.normal(18, 1, N)
PERIOD = 10 ** RNG.normal(0, 0.7, N)


def found(**columns):
    return {r.column: set(r.parents) for r in find_relations(columns)}


@pytest.mark.parametrize(
    ("computed", "parents"),
    [
        (U - G, {"u", "g"}),
        (U + G, {"u", "g"}),
        (U * G, {"u", "g"}),
        (U / G, {"u", "g"}),
        (np.log10(U), {"u"}),
        (np.log(U), {"u"}),
        (U**2, {"u"}),
        (1 / U, {"u"}),
        (U + 0, {"u"}),
    ],
)
def test_what_was_computed_from_others_is_found(computed, parents):
    assert found(u=U, g=G, r=R, x=computed) == {"x": parents}


def test_rounding_and_gaps_do_not_hide_a_relation():
    colour = np.where(RNG.random(N) < 0.3, np.nan, np.round(U - G, 2))
    assert found(u=U, g=G, r=R, ug=colour) == {"ug": {"u", "g"}}
    assert found(period=PERIOD, logP=np.round(np.log10(PERIOD), 3)) == {"logP": {"period"}}


def test_the_name_says_which_of_three_was_computed():
    assert found(u_g=U - G, u=U, g=G) == {"u_g": {"u", "g"}}


def test_no_relation_is_found_where_there_is_none():
    noise = {f"c{i}": RNG.normal(0, 1, 400) for i in range(40)}
    assert (
        found(**noise, tail=10 ** RNG.normal(0, 2, 400), flag=RNG.integers(0, 2, 400).astype(float))
        == {}
    )


def test_a_noisy_relation_is_no_exact_one():
    assert found(u=U, g=G, x=U - G + RNG.normal(0, 0.1, N)) == {}


def test_a_chain_of_colours_has_no_circle():
    relations = found(u=U, g=G, r=R, ug=U - G, gr=G - R, ur=U - R)
    assert relations == {"ug": {"u", "g"}, "gr": {"g", "r"}, "ur": {"u", "r"}}


def test_a_relation_with_the_target_is_found_in_a_table_of_many_columns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("boxloop.draft.lineage.MOST", 20)
    rng = np.random.default_rng(0)
    many = {f"x{i}": rng.normal(size=300) for i in range(30)}
    target = many["x3"] * many["x4"]
    found = find_relations({"t": target, **many}, last="t")
    assert any({r.column, *r.parents} == {"t", "x3", "x4"} for r in found)
