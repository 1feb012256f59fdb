"""Gates let a study pass, or say what stops it."""

import pytest

from boxloop.errors import BoxloopError
from boxloop.explore import admit
from boxloop.explore.admit import matches
from boxloop.findings import Finding, ranked


def remark(kind, *columns):
    return ranked([Finding("high", kind, columns[0], "It is so.", {}, columns)])


@pytest.mark.parametrize("gate", ["leak", "leak_pair:a", "leak_pair:c"])
def test_a_gate_lets_other_findings_pass(gate):
    found = remark("leak_pair", "x", "y")
    assert admit([gate], found, study="s") == {"gates": [gate], "findings": []}


@pytest.mark.parametrize("gate", ["leak_pair", "leak_pair:x", "leak_pair:y"])
def test_a_gate_stops_what_it_names_and_says_what_to_do(gate):
    with pytest.raises(BoxloopError, match=r"(?s)study s: .*gates.*It is so\..*columns.excluded"):
        admit([gate], remark("leak_pair", "x", "y"), study="s")


def test_a_gate_of_a_column_does_not_match_another_kind():
    assert not matches("leak:x", remark("shift", "x")[0])


def test_a_declared_marker_passes_its_gate_and_an_unknown_column_does_not() -> None:
    declared = vars(Finding("low", "marker_value", "u", "declared"))
    assert admit(["marker_value"], [declared], study="s")["findings"] == []
    with pytest.raises(BoxloopError, match="no column 'uu'; did you mean 'u'"):
        admit(["missing:uu"], [], study="s", columns=["u", "g"])
