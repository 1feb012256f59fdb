"""Bad input is refused with one message: where, what was expected, what was found, what to do."""

import runpy
from types import SimpleNamespace

import numpy as np
import pytest
from repository import REPOSITORY
from samples import SPLIT, assembled, columns, numbers, raw

from boxloop import store
from boxloop.errors import BoxloopError
from boxloop.study.parts import Sample
from boxloop.study.splitting import Split

SCRIPT = REPOSITORY / "workflow/scripts/assemble.py"

UNKNOWN = [
    ("columns.features.w", {"features": {"w": {}}}, {}),
    ("columns.features.u", {"features": {"u": {"from": "w"}}}, {}),
    ("columns.features.u.error", {"features": {"u": {"error": "w"}}}, {}),
    ("columns.features.u.error", {"features": {"u": {"error": ["v", "w"]}}}, {}),
    ("columns.features.u.limit", {"features": {"u": {"limit": "w"}}}, {}),
    ("columns.target", {"target": "w"}, {}),
    ("columns.target.error", {"target": {"name": "z", "error": "w"}}, {}),
    ("columns.id", {"id": "w"}, {}),
    ("columns.id", {"id": ["v", "w"]}, {}),
    ("columns.keep", {"keep": ["w"]}, {}),
    ("columns.sky.ra", {"sky": {"ra": "w", "dec": "v"}}, {}),
    ("columns.sky.dec", {"sky": {"ra": "v", "dec": "w"}}, {}),
    ("split.group", {}, {"group": "w"}),
]


@pytest.mark.parametrize(("key", "content", "split"), UNKNOWN)
def test_a_column_that_the_file_lacks_is_named_with_its_key_and_those_there(key, content, split):
    sample = raw({**numbers(), "v": np.arange(20.0)})
    with pytest.raises(BoxloopError) as caught:
        assembled(sample, split={**SPLIT, **split}, **content)
    said = str(caught.value)
    assert said.startswith(f"{key}: the sample 'train' (stars) has no column 'w'")
    assert said.endswith("it has u, z, v")


def test_an_excluded_column_that_no_sample_has_is_named_with_the_nearest():
    with pytest.raises(BoxloopError, match=r"columns\.excluded: no sample.*'leek'.*mean 'leak'"):
        assembled(raw({**numbers(), "leak": 1.0}), excluded={"leek": "a copy"})


TEXT = [
    ("columns.features.v", {"features": {"u": {}, "v": {}}}),
    ("columns.features.u.error", {"features": {"u": {"error": "v"}}}),
    ("columns.features.u.limit", {"features": {"u": {"limit": "v"}}}),
    ("columns.target.error", {"target": {"name": "z", "error": "v"}}),
    ("columns.sky.ra", {"sky": {"ra": "v", "dec": "u"}}),
]


@pytest.mark.parametrize(("key", "content"), TEXT)
def test_text_where_numbers_are_expected_is_shown_with_its_row_and_file(key, content):
    values = np.array(["0.1", "", None, "<0.5", "faint", *["1"] * 15], dtype=object)
    with pytest.raises(BoxloopError) as caught:
        assembled(raw({**numbers(), "v": values}), **content)
    assert str(caught.value) == (
        f"{key}: 2 values of the column 'v' of stars are not numbers, for example '<0.5' in row 3 "
        "of train.csv; expected a number in every row; clean the file, or leave the column out"
    )


@pytest.mark.parametrize("blank", ["", " ", "NaN", None, np.nan])
def test_blanks_among_numbers_are_missing_and_no_text(blank):
    values = np.array([blank, *["1.5"] * 19], dtype=object)
    frame = assembled(raw({**numbers(), "v": values}), features={"v": {}}).table.frame
    assert frame["v__state"].tolist() == [1] + [0] * 19


@pytest.mark.parametrize("task", ["regression", "classification"])
def test_a_target_that_is_nowhere_known_is_refused_with_what_to_do(task):
    data = {**numbers(), "z": np.full(20, np.nan)}
    with pytest.raises(BoxloopError, match=r"no row has a finite value of 'z'.*task: exploration"):
        assembled(raw(data), task=task)


def test_a_constant_feature_is_allowed():
    assert len(assembled(raw({**numbers(), "u": np.ones(20)})).table) == 20


@pytest.mark.parametrize(
    "content", [{}, {"features": {"u": {"error": "v", "use_error": "feature"}}}]
)
def test_a_column_without_any_value_is_refused(content):
    data = {**numbers(), "v": np.full(20, np.nan)}
    if not content:
        data["u"] = data["v"]
    with pytest.raises(BoxloopError, match="has a value in none of 20 rows; leave it out, or"):
        assembled(raw(data), **content)


def test_a_class_smaller_than_the_folds_is_named_with_its_count():
    data = {**numbers(), "z": ["a"] * 16 + ["b"] * 4}
    with pytest.raises(BoxloopError, match=r"split\.folds \(5\): b \(4\); add objects, join"):
        assembled(raw(data), task="classification", split={"folds": 5})


def test_too_few_groups_to_draw_a_test_set_are_counted():
    data = {**numbers(), "field": ["a"] * 20}
    with pytest.raises(BoxloopError, match=r"split\.test: 0\.25 of 1 groups leaves 20 objects to"):
        assembled(raw(data), split={**SPLIT, "group": "field"})


BAD_FILES = [
    ("u,z\n" + "".join(f"{i},{i}\n" for i in range(20)), {"features": {"w": {}}}, "no column 'w'"),
    ("u,z\n1,2\nbright,3\n", {}, "not numbers, for example 'bright'"),
    ("u,z\n1,5\n2,5\n3,5\n4,5\n", {}, "is 5.0 in all 4 rows"),
    ("u,z\n", {}, "header and no data"),
    ("", {}, "no data"),
    ("u,z\n1,2\n3,4\n", {}, "objects to test"),
]


@pytest.mark.parametrize(("text", "content", "expected"), BAD_FILES)
def test_a_job_on_a_bad_file_says_one_line_and_leaves_nothing(
    tmp_path, capsys, text, content, expected
):
    path = tmp_path / "own.csv"
    path.write_text(text)
    names = ("table", "arrays", "sealed", "summary")
    output = SimpleNamespace(**{n: str(tmp_path / "out" / n) for n in names})
    sample = Sample(path=str(path), sha256=store.sha256(path), provenance="real")
    params = SimpleNamespace(
        samples={"train": sample.model_dump(mode="json", by_alias=True)},
        columns=columns(**content),
        split=Split.model_validate({"test": 0.2, "folds": 2}).model_dump(mode="json"),
        task="regression",
        seed=0,
        sources={},
        user_code=[],
    )
    snakemake = SimpleNamespace(
        rule="assemble",
        wildcards=_Wildcards(study="stars"),
        params=params,
        input={"train": str(path)},
        output=output,
        log=[str(tmp_path / "log")],
        threads=1,
    )
    with pytest.raises(SystemExit) as caught:
        runpy.run_path(str(SCRIPT), init_globals={"snakemake": snakemake})
    assert caught.value.code == 1
    said = capsys.readouterr().err.strip()
    assert expected in said and "\n" not in said and "Traceback" not in said
    assert not (tmp_path / "out").exists()


class _Wildcards(SimpleNamespace):
    """Wildcards as a script sees them: by name, and one after the other."""

    def __iter__(self):
        return iter(vars(self).values())
