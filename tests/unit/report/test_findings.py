"""Which findings a report quotes, and which of them stand on its first page."""

from typing import Any

from exploration_fixture import finding

from boxloop.analyses.findings import columns_of, findings_of, gravest


def _finding(severity: str, kind: str, column: str | None, message: str = "") -> dict[str, Any]:
    message = message or f"{column} is remarkable"
    return {"severity": severity, "kind": kind, "column": column, "message": message}


def _all(*findings: dict[str, Any]) -> list[dict[str, Any]]:
    return findings_of({"explore": {"findings": list(findings)}})


def test_the_gravest_stand_first_whichever_objects_they_were_found_in() -> None:
    found = findings_of(
        {
            "explore": {"findings": [_finding("low", "missing", "a")]},
            "training": {"findings": [_finding("high", "leak", "b")]},
        }
    )
    assert [(f["column"], f["of"]) for f in found] == [
        ("b", "training objects"),
        ("a", "all objects"),
    ]


def test_what_training_objects_repeat_of_a_column_is_said_once() -> None:
    found = findings_of(
        {
            "explore": {"findings": [_finding("low", "missing", "a", "12 of 90 are missing")]},
            "training": {"findings": [_finding("low", "missing", "a", "9 of 60 are missing")]},
        }
    )
    assert [f["message"] for f in found] == ["12 of 90 are missing"]


def test_findings_about_no_column_are_told_apart_by_their_words() -> None:
    explore = [_finding("low", "duplicates", None, "3 rows repeat another")]
    training = [
        _finding("low", "duplicates", None, "2 rows repeat another"),
        _finding("low", "duplicates", None, "2 positions occur twice"),
    ]
    found = findings_of({"explore": {"findings": explore}, "training": {"findings": training}})
    assert [f["message"] for f in found] == ["3 rows repeat another", "2 positions occur twice"]


def test_an_exploration_without_training_objects_has_findings() -> None:
    assert len(_all(_finding("high", "empty", "a"))) == 1


def test_the_first_page_holds_six_at_most_and_nothing_of_low_severity() -> None:
    many = [_finding("high", "leak", f"c{i}") for i in range(9)]
    assert len(gravest(_all(*many))) == 6
    assert gravest(_all(_finding("low", "heavy_tail", "a"))) == []


def test_what_was_left_out_and_markers_come_before_others_of_equal_severity() -> None:
    found = gravest(
        _all(
            _finding("medium", "batch", "a"),
            _finding("medium", "excluded", "redshift"),
            _finding("high", "shift", "b"),
            _finding("high", "marker_value", "c"),
        )
    )
    assert [f["kind"] for f in found] == ["marker_value", "shift", "excluded", "batch"]


def test_leaks_come_before_columns_that_were_left_out_for_other_reasons() -> None:
    found = gravest(
        _all(
            _finding("medium", "excluded", "serial", "serial is left out: counts the rows"),
            _finding("medium", "leak", "z"),
            _finding("medium", "excluded", "zz", "zz is left out: zz alone gives the target"),
        )
    )
    assert [f["column"] for f in found] == ["zz", "z", "serial"]


def test_a_reason_that_names_the_target_is_known_to_speak_of_it() -> None:
    out = _finding("medium", "excluded", "logg", "logg is left out: mass follows from it")
    other = _finding("medium", "excluded", "plate", "plate is left out: a number of a plate")
    found = gravest(_all(other, out), "mass")
    assert [f["column"] for f in found] == ["logg", "plate"]


def test_columns_left_out_for_reasons_of_their_own_share_one_line() -> None:
    many = [_finding("medium", "excluded", f"c{i}", f"c{i} is left out: {i}") for i in range(9)]
    found = gravest(_all(*many))
    assert len(found) == 1
    assert (found[0]["says"], found[0]["more"]) == ("also left out:", True)
    assert found[0]["also"] == [f"c{i}" for i in range(1, 7)]


def test_a_leak_left_out_and_markers_keep_a_line_among_many_graver_findings() -> None:
    grave = [_finding("high", "leak", f"c{i}") for i in range(9)]
    out = _finding("medium", "excluded", "z", "z is left out: it gives the class away")
    kinds = [f["kind"] for f in gravest(_all(*grave, out, _finding("low", "marker_value", "u")))]
    assert kinds == ["leak"] * 4 + ["excluded", "marker_value"]


def test_declared_markers_of_low_severity_reach_the_first_page() -> None:
    medium = [_finding("medium", kind, "a") for kind in ("batch", "outliers", "missing", "shift")]
    medium += [_finding("medium", kind, "b") for kind in ("constant", "imbalance", "same_column")]
    kinds = [f["kind"] for f in gravest(_all(*medium, _finding("low", "marker_value", "u")))]
    assert kinds[0] == "marker_value"


def test_findings_of_one_kind_share_a_line_that_names_the_other_columns() -> None:
    found = gravest(_all(*[_finding("high", "marker_value", c) for c in "ugriz"]))
    assert len(found) == 1
    assert found[0]["column"] == "u"
    assert found[0]["also"] == ["g", "r", "i", "z"]
    assert not found[0]["more"]


def test_leaks_never_share_a_line() -> None:
    found = gravest(_all(_finding("high", "leak", "a"), _finding("high", "leak", "b")))
    assert [f["column"] for f in found] == ["a", "b"]


def test_the_columns_of_a_pair_are_both_named() -> None:
    pair = {**_finding("high", "leak_pair", "logg"), "columns": ["logg", "radius"]}
    assert columns_of(pair) == ["logg", "radius"]
    assert columns_of(_finding("high", "leak", "a")) == ["a"]
    assert columns_of(_finding("low", "duplicates", None)) == []


def test_a_first_page_full_of_leaks_has_room_for_the_markers() -> None:
    left = "c{0} is left out: leak number {0}"
    why = {"reason": "alone gives the target away"}
    full = [finding("medium", "excluded", f"c{i}", left.format(i), **why) for i in range(8)]
    chosen = gravest(_all(*full, _finding("low", "marker_value", "m")), "mass")
    assert any(f["kind"] == "marker_value" for f in chosen)


def test_a_graver_finding_of_training_is_not_dropped_for_a_lighter_one() -> None:
    light = finding("medium", "missing_pattern", "x", "of few", by="file")
    grave = finding("high", "missing_pattern", "x", "of many", by="class")
    contents = {"explore": {"findings": [light]}, "training": {"findings": [grave]}}
    assert len(findings_of(contents)) == 2
