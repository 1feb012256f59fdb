"""No stage sees the target beside the seal, and no row sees another."""

import numpy as np
import pandas as pd
import pytest
from samples import SPLIT, assembled, columns, numbers, raw

from boxloop.data.assemble import assemble, assemble_target
from boxloop.data.guard import refuse_leaks
from boxloop.errors import BoxloopError
from boxloop.features import DERIVED, derive
from boxloop.store import Column, Table
from boxloop.study.splitting import Split

OWN = """
def seen(frame):
    frame["sees"] = float(any(c == "z" for c in frame))
    return frame

def target_again(frame):
    return frame.assign(z=1.0)

def ratio(frame):
    return frame.assign(new=frame["u"] / 2)

def standardised(frame):
    return frame.assign(new=(frame["u"] - frame["u"].mean()) / frame["u"].std())

def imputed(frame):
    return frame.assign(new=frame["v"].fillna(frame["v"].median()))

def scaled(frame):
    return frame.assign(new=frame["u"] / frame["u"].max())

def ranked(frame):
    return frame.assign(new=frame["u"].rank())

def neighbour(frame):
    return frame.assign(new=frame["u"].shift(1))

def numbered(frame):
    return frame.assign(new=frame.index.astype(float))
"""


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "own.py"
    path.write_text(OWN)
    return [str(path)]


def _derived(own, function: str, **content):
    section = columns(derived={"d": {"function": f"own:{function}"}}, **content)
    split = Split.model_validate(SPLIT).model_dump(mode="json")
    return assemble(
        [raw(numbers())],
        columns=section,
        split=split,
        task="regression",
        seed=5,
        user_code=own,
    )


def test_a_derived_function_never_sees_the_target(own):
    table = _derived(own, "seen").table
    assert (table.frame["sees"] == 0).all()
    assert table.columns["z"].role == "target"
    assert list(table.frame)[-2:] == ["sees", "sees__state"]
    with pytest.raises(BoxloopError, match="'z' is the target"):
        _derived(own, "target_again")


@pytest.mark.parametrize(
    "content",
    [
        {"id": "Z"},
        {"id": ["u", "Z"]},
        {"sky": {"ra": "u", "dec": "Z"}},
        {"sky": {"ra": "Z", "dec": "u"}},
        {"light_curve": {"time": "u", "value": "Z"}},
        {"light_curve": {"error": "Z"}},
        {"light_curve": {"band": "Z"}},
    ],
)
def test_the_target_is_no_identifier_position_or_light_curve(content):
    data = {**numbers(), "Z": np.arange(20.0)}
    with pytest.raises(BoxloopError, match="give the answer away"):
        assembled(raw(data), target={"name": "z", "from": "Z"}, **content)


def test_a_target_named_as_a_part_of_simulated_light_curves_is_no_leak():
    curves = [np.array([1.0, 2.0])] * 10
    data = {"value": np.arange(10.0), "light_curve.time": curves, "light_curve.value": curves}
    section = columns(features={}, light_curve={}, target="value")
    refuse_leaks(section, None, [raw(data)])


@pytest.mark.parametrize(
    ("content", "split"),
    [({"keep": ["copy"]}, {}), ({}, {"group": "copy"}), ({"id": "copy"}, {})],
)
@pytest.mark.parametrize("values", [np.arange(20), np.array([f"c{i % 4}" for i in range(20)])])
def test_a_copy_of_the_target_under_another_name_is_refused(content, split, values):
    if "id" in content and values.dtype.kind == "U":
        pytest.skip("classes repeat and identify nothing")
    data = {**numbers(), "z": values, "copy": values}
    task = "regression" if values.dtype.kind == "i" else "classification"
    with pytest.raises(BoxloopError, match=r"'(copy|id)'.*same values as the target"):
        assembled(raw(data), task=task, split={**SPLIT, **split}, **content)


def _table(n: int) -> Table:
    rng = np.random.default_rng(n)
    u, v = rng.normal(20, 1, n), rng.normal(size=n)
    v[::7] = np.nan
    frame = pd.DataFrame({"u": u, "v": v})
    return Table(frame, {"u": Column("feature"), "v": Column("feature")})


@pytest.mark.parametrize("n", [20, 3001, 30_000])
@pytest.mark.parametrize(
    "function", ["standardised", "imputed", "scaled", "ranked", "neighbour", "numbered"]
)
def test_a_derived_column_that_rests_on_other_rows_is_refused(own, function, n):
    entry = {"d": {"function": f"own:{function}"}}
    with pytest.raises(BoxloopError, match=r"columns\.derived\.d.*'new'.*its own row only"):
        derive(_table(n), entry, DERIVED, own)


@pytest.mark.parametrize("n", [1, 2, 20, 30_000])
def test_a_derived_column_of_its_own_row_is_accepted(own, n):
    table = derive(_table(n), {"d": {"function": "own:ratio"}}, DERIVED, own)
    np.testing.assert_array_equal(table.frame["new"], table.frame["u"] / 2)


def test_the_target_sample_is_held_to_the_same_rule(own):
    section = columns(derived={"d": {"function": "own:standardised"}})
    with pytest.raises(BoxloopError, match="its own row only"):
        assemble_target(raw(numbers(), "target"), columns=section, user_code=own)


@pytest.mark.parametrize("task", ["regression", "classification"])
def test_a_kept_column_of_lists_is_no_copy_of_the_target(task):
    data = {**numbers(), "lists": [[1.0, 2.0]] * 20}
    if task == "classification":
        data["z"] = ["a", "b"] * 10
    assert "lists" in assembled(raw(data), task=task, keep=["lists"]).table.frame
