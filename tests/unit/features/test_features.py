"""Derived columns: colours by hand, states, and functions of one's own."""

import numpy as np
import pandas as pd
import pytest

from boxloop.errors import BoxloopError
from boxloop.features import DERIVED, colours, derive
from boxloop.store import Column, Table
from boxloop.study.vocabulary import DERIVED as NAMES


def magnitudes(suffix: str = "_mag", unit: str = "mag") -> Table:
    states = {"u": [0, 0, 2, 1], "g": [0, 3, 0, 2], "r": [0, 0, 0, 0]}
    values = {"u": [20.0, 19.0, np.nan, np.nan], "g": [19.0, np.nan, 18.0, np.nan]}
    values["r"] = [18.5, 18.0, 17.0, 16.0]
    frame, columns = {}, {}
    for band in "ugr":
        frame[band + suffix] = values[band]
        frame[f"{band}{suffix}__state"] = np.array(states[band], dtype=np.int8)
        columns[band + suffix] = Column("feature", unit)
        columns[f"{band}{suffix}__state"] = Column("state")
    return Table(pd.DataFrame(frame), columns)


@pytest.mark.parametrize("suffix", ["_mag", ""])
def test_colours_are_differences_of_neighbours_with_the_worse_state(suffix):
    bands = [b + suffix for b in "ugr"]
    result = colours(magnitudes(suffix), bands=bands)
    assert list(result.frame) == ["u_g", "u_g__state", "g_r", "g_r__state"]
    np.testing.assert_array_equal(result.frame["u_g"], [1.0, np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(result.frame["g_r"], [0.5, np.nan, 1.0, np.nan])
    assert result.frame["u_g__state"].tolist() == [0, 3, 2, 2]
    assert result.frame["g_r__state"].tolist() == [0, 3, 0, 2]
    assert result.columns["u_g"] == Column("derived", "mag", "colour u - g")


def test_a_shift_of_all_magnitudes_changes_no_colour():
    table = magnitudes()
    shifted = table.frame.assign(**{f"{b}_mag": table.frame[f"{b}_mag"] + 1.5 for b in "ugr"})
    bands = ["u_mag", "g_mag", "r_mag"]
    pd.testing.assert_frame_equal(
        colours(Table(shifted, table.columns), bands=bands).frame,
        colours(table, bands=bands).frame,
    )


def test_wrong_bands_are_refused_with_the_nearest_name():
    with pytest.raises(BoxloopError, match="did you mean 'g_mag'"):
        colours(magnitudes(), bands=["u_mag", "g_mgg"])
    with pytest.raises(BoxloopError, match="two or more"):
        colours(magnitudes(), bands=["u_mag"])


def test_the_registry_and_the_vocabulary_have_the_same_names():
    assert set(DERIVED) == set(NAMES)


def test_a_function_of_ones_own_adds_its_new_columns(tmp_path):
    module = tmp_path / "own.py"
    module.write_text(
        "def ratio(table, *, power):\n"
        "    table['ratio'] = (table['u_mag'] / table['r_mag']) ** power\n"
        "    return table\n"
        "def short(table):\n"
        "    return table[['u_mag']].iloc[:2]\n"
    )
    entry = {"mine": {"function": "own:ratio", "power": 2}}
    table = derive(magnitudes(), entry, DERIVED, [str(module)])
    np.testing.assert_allclose(table.frame["ratio"].iloc[0], (20 / 18.5) ** 2)
    assert table.frame["ratio__state"].tolist() == [0, 0, 1, 1]
    assert table.columns["ratio"].role == "derived"
    with pytest.raises(BoxloopError, match="as many rows"):
        derive(magnitudes(), {"mine": {"function": "own:short"}}, DERIVED, [str(module)])


def test_unknown_functions_options_and_taken_names_are_refused():
    with pytest.raises(BoxloopError, match="did you mean 'colours'"):
        derive(magnitudes(), {"c": {"function": "colors"}}, DERIVED)
    with pytest.raises(BoxloopError, match="wrong options"):
        derive(magnitudes(), {"c": {"function": "colours", "band": ["u_mag"]}}, DERIVED)
    twice = {"function": "colours", "bands": ["u_mag", "g_mag"]}
    with pytest.raises(BoxloopError, match="exist already"):
        derive(magnitudes(), {"c": twice, "d": twice}, DERIVED)
