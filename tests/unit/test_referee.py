"""Faults that a referee found once, each held by the smallest case that showed it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from boxloop.data.cuts import rows_within
from boxloop.data.read import read_files
from boxloop.draft.leaking import Audit, _take_back
from boxloop.draft.lineage import find_relations
from boxloop.errors import BoxloopError
from boxloop.explore import admit
from boxloop.explore.origins import about_assembly, about_lineage, of_columns
from boxloop.explore.overview import _not_audited
from boxloop.fitting.scatter import scattered_copies
from boxloop.fitting.trees import nodes_of
from boxloop.metrics import REGISTRY
from boxloop.prepare import make_recipes
from boxloop.report.findings import findings_of, gravest
from boxloop.store import Column, Table

OWN = """
def total(table):
    return table[["a"]].assign(total=table.select_dtypes("number").sum(axis=1))
"""


def resampled_table() -> Table:
    n = 20
    frame = pd.DataFrame(
        {
            "id": [f"o{i}" for i in range(n)],
            "a": np.arange(n, dtype=float),
            "a__state": np.zeros(n, np.int8),
            "a_err": np.full(n, 0.1),
            "total": np.arange(n, dtype=float),
            "total__state": np.zeros(n, np.int8),
            "z": np.full(n, 1000.0),
        }
    )
    columns = {
        "id": Column("id"),
        "a": Column("feature"),
        "a__state": Column("state"),
        "a_err": Column("error"),
        "total": Column("derived", made_by="own"),
        "total__state": Column("state", made_by="own"),
        "z": Column("target"),
    }
    return Table(frame, columns)


def test_a_function_sees_no_target_in_scattered_copies_either(tmp_path: Path) -> None:
    module = tmp_path / "own.py"
    module.write_text(OWN)
    errors = {"a": {"use": "resample", "low": "a_err", "high": "a_err"}}
    recipe = {"table": {"errors": errors, "derived": {"own": {"function": "own:total"}}}}
    copies = scattered_copies(recipe, resampled_table(), (0, "t"), [str(module)])
    assert len(copies) == 2
    for copy in copies:
        assert copy.frame["total"].max() < 100  # the target is 1000
        assert (copy.frame["z"] == 1000).all()


def test_a_model_of_derived_columns_alone_is_scattered_too() -> None:
    model = {"name": "forest", "kind": None, "function": None, "inputs": None, "features": ["own"]}
    feature = {"use_error": "resample", "error": "a_err"}
    columns = {"features": {"a": feature}, "derived": {"own": {"function": "own:total"}}}
    recipes = make_recipes(resampled_table(), [model], {**columns, "target": None})
    assert recipes["forest"]["table"]["columns"] == ["total"]
    assert list(recipes["forest"]["table"]["errors"]) == ["a"]


def test_a_drawn_tree_counts_objects_and_not_their_copies() -> None:
    from sklearn.tree import DecisionTreeRegressor

    x = np.tile(np.arange(30.0), 3)[:, None]
    tree = DecisionTreeRegressor(max_depth=1).fit(x, x[:, 0] > 9)
    nodes = nodes_of(tree, ["a"], 3)
    assert nodes is not None
    assert [n["rows"] for n in nodes] == [30, 10, 20]


def test_chi_squared_leaves_out_what_has_no_error_on_one_side() -> None:
    truth, error = np.array([1.0, 1.0]), np.array([[0.1, 0.0], [0.1, 0.1]])
    chi2 = REGISTRY["chi2"].function
    for prediction in (1.5, 0.95):  # towards the unknown side, and towards the known one
        found = chi2(truth, np.array([prediction, 1.1]), np.ones(2), error=error)
        assert found == pytest.approx(1.0)


def test_a_row_that_was_commented_out_is_no_object(tmp_path: Path) -> None:
    path = tmp_path / "stars.csv"
    path.write_text("# by hand\nname,mag,z\nA,1,2\n#B,3,4\n  # C,5,6\nD,7,8\n")
    frame, _, _, _ = read_files([path], "csv", {})
    assert frame["name"].tolist() == ["A", "D"] and frame["mag"].tolist() == [1, 7]


def test_fixed_columns_are_cut_at_bytes(tmp_path: Path) -> None:
    head = (
        "Byte-by-byte Description of file: stars.dat\n" + "-" * 60 + "\n"
        "   Bytes Format Units Label Explanations\n" + "-" * 60 + "\n"
        "   1-  9 A9     ---   Name  Name\n  11- 14 F4.2   mag   r     Magnitude\n"
        + "-" * 60
        + "\n"
    )
    (tmp_path / "ReadMe").write_text(head)
    rows = ["Bételgé".encode().ljust(9) + b" 8.91", b"Rigel     0.13"]
    (tmp_path / "stars.dat").write_bytes(b"\n".join(rows) + b"\n")
    frame, _, _, _ = read_files([tmp_path / "stars.dat"], "cds", {})
    assert frame["r"].tolist() == [8.91, 0.13] and frame["Name"].tolist() == ["Bételgé", "Rigel"]


def test_a_single_comma_before_three_digits_is_not_taken_for_thousands(tmp_path: Path) -> None:
    path = tmp_path / "european.csv"
    path.write_text("name;u;n\na;20,123;1,000,000\nb;19,456;12,000\n")
    frame, _, _, _ = read_files([path], "csv", {})
    assert frame["u"].tolist() == ["20,123", "19,456"] and frame["n"].tolist() == [1000000, 12000]


def test_a_declared_missing_value_is_within_no_limits() -> None:
    frame = pd.DataFrame({"mag": [-9999.0, 15.0, 25.0]})
    where = {"mag": {"low": None, "below": 20.0}}
    assert rows_within(frame, where, "train", {"mag": [-9999.0]}).tolist() == [False, True, False]


def test_findings_of_the_data_stage_reach_the_exploration_and_its_gates() -> None:
    entry = {"severity": "high", "kind": "zero_error", "column": "e", "rows": 9, "message": "nine"}
    found = about_assembly({"rows": 50, "findings": [entry]})
    assert [(f.kind, f.column, f.evidence) for f in found] == [("zero_error", "e", {"rows": 9})]
    with pytest.raises(BoxloopError, match="nine"):
        admit(["zero_error"], [vars(f) for f in found], study="s")


def finding(severity: str, kind: str, column: str | None, **evidence: object) -> dict[str, object]:
    message = f"{column} {kind} {evidence}"
    return {
        "severity": severity, "kind": kind, "column": column, "message": message,
        "evidence": evidence, "columns": [], "of": "all objects",
    }  # fmt: skip


def test_a_first_page_full_of_leaks_has_room_for_the_markers() -> None:
    reason = {"reason": "alone gives the target away"}
    full = [finding("medium", "excluded", f"c{i}", **reason) for i in range(8)]
    full = [
        {**f, "message": f"{f['column']} is left out: leak number {i}"} for i, f in enumerate(full)
    ]
    chosen = gravest([*full, finding("low", "marker_value", "m")], "mass")
    assert any(f["kind"] == "marker_value" for f in chosen)


def test_a_graver_finding_of_training_is_not_dropped_for_a_lighter_one() -> None:
    light = finding("medium", "missing_pattern", "x", by="file")
    grave = finding("high", "missing_pattern", "x", by="class")
    contents = {"explore": {"findings": [light]}, "training": {"findings": [grave]}}
    assert len(findings_of(contents)) == 2


def test_a_declared_marker_passes_its_gate_and_an_unknown_column_does_not() -> None:
    declared = finding("low", "marker_value", "u")
    assert admit(["marker_value"], [declared], study="s")["findings"] == []
    with pytest.raises(BoxloopError, match="no column 'uu'; did you mean 'u'"):
        admit(["missing:uu"], [], study="s", columns=["u", "g"])


def test_lineage_knows_derived_columns_by_their_key() -> None:
    lineage = of_columns({"own": ["a"], "z": ["own"]}, resampled_table())
    assert lineage == {"total": ["a"], "z": ["total"]}
    assert [f.column for f in about_lineage(lineage, "z", ["a", "total"])] == ["a", "total"]


def test_what_was_not_audited_is_said() -> None:
    assert "no column was audited" in _not_audited(10, 3)[0].message
    assert "first 200 of 300" in _not_audited(1000, 300)[0].message
    assert _not_audited(1000, 30) == []


def test_a_feature_comes_back_once_its_partner_went_for_itself() -> None:
    found = Audit(out={"pair": "with other", "other": "alone"}, pairs={"pair": [{"other"}]})
    _take_back(found)
    assert set(found.out) == {"other"}
    kept = Audit(out={"pair": "with other"}, pairs={"pair": [{"other"}]})
    _take_back(kept)
    assert set(kept.out) == {"pair"}


def test_a_relation_with_the_target_is_found_in_a_table_of_many_columns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("boxloop.draft.lineage.MOST", 20)
    rng = np.random.default_rng(0)
    many = {f"x{i}": rng.normal(size=300) for i in range(30)}
    target = many["x3"] * many["x4"]
    found = find_relations({"t": target, **many}, last="t")
    assert any({r.column, *r.parents} == {"t", "x3", "x4"} for r in found)
