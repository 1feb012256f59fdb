"""Study files: reading, merging over bases, and who owns which stage."""

from pathlib import Path

import pytest
from repository import TOYS

from boxloop.errors import BoxloopError
from boxloop.study.checks import study as checks
from boxloop.study.load import StudyError, load_study, owner, sections_until
from boxloop.study.syntax import read_syntax
from boxloop.study.vocabulary import STAGES
from boxloop.study.yaml_lines import read_yaml

BASE = """\
schema: 2
task: regression
question: {what: how far, why: to know}
samples:
  train: {source: catalogue, provenance: real}
columns:
  features:
    g_mag: {unit: mag}
    r_mag: {unit: mag}
  target: redshift
  keep: [field]
metric: rmse
models:
  - {name: dummy}
  - {name: forest, space: {min_samples_leaf: [1, 5]}}
report: {title: Base, authors: [A. Author]}
"""


@pytest.fixture
def studies(tmp_path):
    """Write study files by name; the base is always there."""

    def write(**files: str) -> Path:
        for name, text in {"base": BASE, **files}.items():
            (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
        return tmp_path

    return write


def variant(folder: Path, name: str):
    return load_study(folder / f"{name}.yaml")


def values(tmp_path, text):
    path = tmp_path / "values.yaml"
    path.write_text(text, encoding="utf-8")
    return read_yaml(path)[0]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("1.5E+2", 150.0),
        (".5", 0.5),
        ("-3", -3),
        ("010", 10),
        ("08", 8),
        ("no", "no"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("true", True),
        ("null", None),
        ("~", None),
        ("12:30", "12:30"),
        ("2026-01-31", "2026-01-31"),
        ("'5'", "5"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("-.inf", float("-inf")),
    ],
)
def test_scalars_are_read_as_yaml_1_2_says(tmp_path, text, value):
    found = values(tmp_path, f"key: {text}")["key"]
    assert found == value
    assert type(found) is type(value)


def test_every_key_and_entry_knows_its_line(tmp_path):
    path = tmp_path / "lines.yaml"
    path.write_text("# a comment\na: 1\nb:\n  c: [1,\n      2]\n  d:\n    - {e: 3}\n")
    _, lines = read_yaml(path)
    expected = {("a",): 2, ("b",): 3, ("b", "c"): 4, ("b", "c", 0): 4, ("b", "c", 1): 5}
    expected |= {("b", "d"): 6, ("b", "d", 0): 7, ("b", "d", 0, "e"): 7}
    assert {k: lines[k] for k in expected} == expected


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(studies):
    folder = studies()
    text = "\ufeff" + BASE.replace("\n", "\r\n")
    (folder / "windows.yaml").write_bytes(text.encode())
    assert variant(folder, "windows").study == variant(folder, "base").study


def test_mappings_merge_and_lists_replace(studies):
    folder = studies(
        other="schema: 2\nextends: base\ncolumns: {features: {i_mag: {unit: mag}}, keep: [night]}\n"
        "models: [{name: linear}]\n"
    )
    study = variant(folder, "other").study
    assert list(study.columns.features) == ["g_mag", "r_mag", "i_mag"]
    assert study.columns.keep == ["night"]
    assert [m.name for m in study.models] == ["linear"]
    assert study.metric == "rmse"


def test_a_base_may_extend_another(studies):
    folder = studies(
        middle="extends: base\nseed: 3\n", top="extends: middle\nreport: {title: Top}\n"
    )
    file = variant(folder, "top")
    assert (file.study.seed, file.study.report.title) == (3, "Top")
    assert file.study.report.authors == ["A. Author"]
    assert file.base is not None
    assert file.base.base is not None
    assert file.base.base.name == "base"


def test_an_equal_variant_reads_everything_from_its_furthest_base(studies):
    folder = studies(middle="extends: base\n", top="extends: middle\nmetric: rmse\n")
    assert {owner(variant(folder, "top"), stage) for stage in STAGES} == {"base"}


def owned(file) -> list[str]:
    return [stage for stage in STAGES if owner(file, stage) == file.name]


def test_a_variant_split_by_field_reads_nothing_from_its_base(studies):
    folder = studies(by_field="schema: 2\nextends: base\nsplit: {group: field}\n")
    assert owned(variant(folder, "by_field")) == list(STAGES)


@pytest.mark.parametrize(
    ("change", "first"),
    [
        ("report: {title: New}", "report"),
        ("question: {why: fun}", "ethics"),
        ("margin: 0.1", "evaluate"),
        ("status: final", "evaluate"),
        ("metric: mae", "search"),
        ("budget: {trials: 5}", "search"),
        ("models: [{name: dummy}]", "prepare"),
        ("groups: [g_mag]", "evaluate"),
        ("seed: 1", "data"),
    ],
)
def test_a_variant_owns_stages_from_the_first_that_uses_what_it_changes(studies, change, first):
    folder = studies(other=f"extends: base\n{change}\n")
    stages = list(STAGES)
    assert owned(variant(folder, "other")) == stages[stages.index(first) :]


def test_a_chain_reads_each_stage_from_the_nearest_that_differs(studies):
    folder = studies(
        middle="extends: base\nmetric: mae\n", top="extends: middle\nreport: {title: Top}\n"
    )
    file = variant(folder, "top")
    assert owner(file, "prepare") == "base"
    assert owner(file, "evaluate") == "middle"
    assert owner(file, "report") == "top"


def test_every_section_of_a_study_belongs_to_a_stage(studies):
    study = variant(studies(), "base").study
    known = set(sections_until("track"))
    assert set(study.section()) - known == {"schema", "extends"}


def test_the_key_of_the_test_set_ignores_titles_and_follows_the_science(studies, monkeypatch):
    monkeypatch.setattr(checks, "find_spec", lambda name: name)  # umap is an extra
    folder = studies(
        title="extends: base\nreport: {title: New}\n",
        final="extends: base\nstatus: final\n",
        map="extends: base\nembedding: umap\n",
        metric="extends: base\nmetric: mae\n",
    )
    key = variant(folder, "base").scientific_key()
    assert variant(folder, "title").scientific_key() == key
    assert variant(folder, "final").scientific_key() == key
    assert variant(folder, "map").scientific_key() == key
    assert variant(folder, "metric").scientific_key() != key


def test_answered_items_are_not_open(studies):
    answer = "{answer: none, by: A. Author, date: 2026-01-31}"
    folder = studies(other=f"extends: base\nchecklist: {{misuse: {answer}}}\n")
    before, after = variant(folder, "base").open_items(), variant(folder, "other").open_items()
    assert set(before) - set(after) == {"misuse"}
    assert "bias_sources" not in before, "measured"
    assert "representative" in before, "there is no target sample to compare with"


def test_extends_in_a_circle_is_refused_with_the_circle(studies):
    folder = studies(a="extends: b\n", b="extends: a\n")
    with pytest.raises(StudyError, match=r"b\.yaml:1: extends: runs in a circle: a -> b -> a"):
        variant(folder, "a")
    (folder / "me.yaml").write_text("extends: me\n")
    with pytest.raises(StudyError, match="me -> me"):
        variant(folder, "me")


def test_a_missing_base_is_refused_with_the_nearest_name(studies):
    folder = studies(other="schema: 2\nextends: bass\n")
    with pytest.raises(StudyError, match=r"other\.yaml:2: .*no study .*; did you mean 'base'"):
        variant(folder, "other")


def test_faults_of_a_base_are_named_with_the_base_file_and_its_line(studies):
    folder = studies(base=BASE.replace("metric: rmse", "metric: rsme"), other="extends: base\n")
    with pytest.raises(StudyError) as caught:
        variant(folder, "other")
    line = BASE.splitlines().index("metric: rmse") + 1
    assert str(caught.value).startswith(f"{folder / 'base.yaml'}:{line}: metric: ")


def test_lines_of_a_replaced_list_of_the_base_are_forgotten(studies):
    models = "models: [{name: tree}, {name: forest, parameters: {max_dept: 3}}]"
    folder = studies(other=f"extends: base\n{models}\n")
    with pytest.raises(StudyError, match=r"other\.yaml:2: models\.1\.parameters\.max_dept"):
        variant(folder, "other")


@pytest.mark.parametrize("name", ["Big", "1st", "a-b", "a b"])
def test_names_that_cannot_be_folders_and_targets_are_refused(tmp_path, name):
    path = tmp_path / f"{name}.yaml"
    path.write_text(BASE)
    with pytest.raises(BoxloopError, match="small letters"):
        load_study(path)


def test_the_key_of_an_opening_changes_with_science_and_own_code_but_not_with_texts(
    tmp_path: Path,
) -> None:
    def key() -> str:
        load_study.cache_clear()
        read_syntax.cache_clear()
        return load_study(path).scientific_key()

    toys = TOYS
    path = tmp_path / "toy_table.yaml"
    path.write_text((toys / path.name).read_text())
    own = tmp_path / "toy_tables.py"
    own.write_text((toys / own.name).read_text())
    first = key()
    path.write_text(path.read_text().replace("A toy table", "Another title"))
    own.write_text("# a comment\n" + own.read_text())
    assert key() == first
    own.write_text(own.read_text().replace("fields=20", "fields=21"))
    second = key()
    path.write_text(path.read_text().replace("margin: 0.05", "margin: 0.06"))
    assert len({first, second, key()}) == 3


def test_models_are_not_chosen_by_a_metric_with_a_sign(tmp_path: Path) -> None:
    toys = TOYS
    (tmp_path / "toy_tables.py").write_text((toys / "toy_tables.py").read_text())
    path = tmp_path / "signed.yaml"
    text = (toys / "toy_table.yaml").read_text()
    path.write_text(text.replace("metric: rmse", "metric: bias"))
    with pytest.raises(StudyError, match=r"signed\.yaml:\d+: metric: bias has a sign"):
        load_study(path)
