"""A draft of a planted table: everything is noticed, and the study can be loaded as it stands."""

import getpass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from planted import planted

from boxloop.cli import main
from boxloop.draft import Request, draft_study, leaking
from boxloop.draft.leaking import Audit, _take_back
from boxloop.draft.trial import try_split
from boxloop.errors import BoxloopError
from boxloop.study.load import load_study
from boxloop.study.yaml_lines import read_yaml


def project_with(folder: Path, frame: pd.DataFrame | None, name: str = "stars.csv") -> Path:
    (folder / "config/studies").mkdir(parents=True)
    (folder / "data/own").mkdir(parents=True)
    if frame is not None:
        frame.to_csv(folder / "data/own" / name, index=False)
    return folder


def drafted(project: Path, target: str | None = None, name: str = "mine", **request):
    tables = [project / "data/own/stars.csv"]
    made = draft_study(Request(name, tables=tables, target=target, **request), project)
    path = project / f"config/studies/{name}.yaml"
    path.write_text(made.text)
    load_study.cache_clear()
    return read_yaml(path)[0], made, load_study(path)


@pytest.fixture(scope="module")
def draft(tmp_path_factory):
    project = project_with(tmp_path_factory.mktemp("planted"), planted())
    return (*drafted(project, "redshift"), project)


def test_the_draft_is_valid_and_asks_for_the_target(draft):
    content, _, file, _ = draft
    assert file.study.task == "regression" and content["columns"]["target"] == "redshift"


def test_identifier_position_error_and_group_are_found(draft):
    columns, split = draft[0]["columns"], draft[0]["split"]
    assert columns["id"] == "objid"
    assert columns["sky"] == {"ra": "ra", "dec": "dec", "match": "1 arcsec"}
    assert columns["features"]["g"]["error"] == "e_g"
    assert split["group"] == "field"


def test_markers_are_declared_with_their_count_beside_them(draft):
    features, text = draft[0]["columns"]["features"], draft[1].text
    assert features["g"]["missing"] == {99: "not_detected"}
    table = planted()
    line = next(x for x in text.splitlines() if x.strip().startswith("g: "))
    above = text.splitlines()[text.splitlines().index(line) - 1]
    assert f"99 in {int((table['g'] == 99).sum())} of 1500 rows" in above + line
    assert -9999 in features["noise_0"]["missing"]


def test_a_copy_of_the_target_is_left_out_with_the_evidence(draft):
    content, made, _, _ = draft
    assert "distance" not in content["columns"]["features"]
    assert "distance" in content["columns"]["excluded"]
    assert "    # distance: {}" in made.text
    assert any("LEAK distance" in line for line in made.said)


def test_of_a_pair_that_gives_the_target_away_one_is_left_out(draft):
    columns = draft[0]["columns"]
    out = {"ratio", "factor"} & set(columns["excluded"])
    assert len(out) == 1 and "ratio" in columns["excluded"][next(iter(out))]


def test_honest_columns_stay(draft):
    features = set(draft[0]["columns"]["features"])
    assert {"g", "r", "i", "g_r", *(f"noise_{k}" for k in range(8))} <= features


def test_a_colour_is_known_to_be_computed_from_its_magnitudes(draft):
    assert draft[0]["columns"]["lineage"] == {"g_r": ["g", "r"]}


def test_a_constant_is_left_out(draft):
    assert draft[0]["columns"]["excluded"]["same"] == "301 in every row"


def test_every_column_of_the_file_is_used_or_left_out_with_a_reason(draft):
    columns = draft[0]["columns"]
    used = {"objid", "ra", "dec", "e_g", "field", "redshift", *columns["features"]}
    assert used | set(columns["excluded"]) == set(planted().columns)


def test_no_label_of_the_test_set_is_looked_at(draft, tmp_path):
    content, _, _, project = draft
    study = {k: v for k, v in content.items() if k not in ("models", "groups", "search", "budget")}
    trial = try_split(study, content["split"], project)
    target = trial.table.column("redshift")
    sealed = set(trial.table.column("id")[np.isnan(target)])
    frame = planted()
    rows = frame["objid"].astype(str).isin(sealed).to_numpy()
    assert rows.sum() > 100
    frame.loc[rows, "redshift"] = np.random.default_rng(1).permutation(frame["redshift"][rows])
    other = project_with(tmp_path, frame)
    again, _, _ = drafted(other, "redshift")
    for one in (content, again):
        one["samples"]["train"].pop("sha256", None)
    assert again == content


def test_without_a_target_the_draft_explores(tmp_path):
    content, _, file = drafted(project_with(tmp_path, planted(300)))
    assert file.study.task == "exploration"
    assert not {"target", "metric", "models"} & {*content, *content["columns"]}
    assert "redshift" in content["columns"]["features"]


def test_a_class_that_is_coded_twice_is_left_out(tmp_path):
    rng = np.random.default_rng(0)
    kind = rng.choice(["STAR", "QSO"], 800)
    frame = pd.DataFrame(
        {"u": rng.normal(19, 1, 800) + (kind == "QSO"), "v": rng.normal(0, 1, 800),
         "code": np.where(kind == "QSO", 7, 3), "class": kind}
    )  # fmt: skip
    content, _, _ = drafted(project_with(tmp_path, frame), "class")
    assert "code" in content["columns"]["excluded"]
    assert set(content["columns"]["features"]) == {"u", "v"}


def test_names_that_the_format_does_not_take_are_mended_and_the_file_s_kept(tmp_path):
    rng = np.random.default_rng(0)
    names = ["[Fe/H]", "flux (Jy)", "flux_Jy", "sample", "Größe", "$\\input{x}", "<b>", "y"]
    frame = pd.DataFrame({n: rng.normal(5, 1, 200) for n in names})
    content, _, file = drafted(project_with(tmp_path, frame), "y")
    features = content["columns"]["features"]
    assert [f.get("from", n) for n, f in features.items()] == names[:-1]
    assert [f.from_ or n for n, f in file.study.columns.features.items()] == names[:-1]


def test_repeated_rows_are_counted(tmp_path):
    frame = planted(300)
    _, made, _ = drafted(project_with(tmp_path, pd.concat([frame, frame[:7]])), "redshift")
    assert any(line.startswith("7 rows repeat") for line in made.said)


def test_of_very_many_columns_those_that_say_most_are_offered(tmp_path, monkeypatch):
    assert leaking.MOST == 200
    monkeypatch.setattr(leaking, "MOST", 20)  # an audit of 200 takes half a minute
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({f"n{k}": rng.normal(size=200) for k in range(23)})
    frame["y"] = frame["n22"] + rng.normal(size=200)
    content, _, _ = drafted(project_with(tmp_path, frame), "y")
    assert len(content["columns"]["features"]) == 20 and "n22" in content["columns"]["features"]
    assert len(content["columns"]["excluded"]) == 3


def test_a_column_that_is_mostly_missing_stays_and_is_told(tmp_path):
    frame = planted(300)
    frame.loc[:200, "i"] = np.nan
    content, made, _ = drafted(project_with(tmp_path, frame), "redshift")
    assert "i" in content["columns"]["features"] and "missing in 201 of 300 rows" in made.text


def test_few_groups_are_not_taken_for_more_folds_than_there_are(tmp_path):
    frame = planted(300).assign(field=lambda f: np.arange(300) % 3)
    content, made, _ = drafted(project_with(tmp_path, frame), "redshift")
    assert content["split"].get("group") is None and "not by field" in made.text


def test_several_files_are_one_sample(tmp_path):
    project = project_with(tmp_path, None)
    frame = planted(300)
    for k in range(3):
        frame[k::3].to_csv(project / f"data/own/part{k}.csv", index=False)
    tables = sorted((project / "data/own").glob("*.csv"))
    made = draft_study(Request("mine", tables=tables, target="redshift"), project)
    (project / "config/studies/mine.yaml").write_text(made.text)
    sample = load_study(project / "config/studies/mine.yaml").study.samples["train"]
    assert (sample.path, sample.files) == ("data/own", "*.csv")


def command(project, monkeypatch, *arguments):
    monkeypatch.chdir(project)
    return main(["new", *map(str, arguments)])


def test_the_command_writes_the_study_and_says_what_next(tmp_path, monkeypatch, capsys):
    project = project_with(tmp_path, planted(200))
    assert command(project, monkeypatch, "mine", "--table", "data/own/stars.csv") == 0
    said = capsys.readouterr().out
    assert "config/studies/mine.yaml" in said and "make run STUDY=mine" in said
    assert (project / "config/studies/mine.yaml").is_file()


def test_a_study_that_is_there_is_not_overwritten(tmp_path, monkeypatch, capsys):
    project = project_with(tmp_path, planted(200))
    path = project / "config/studies/mine.yaml"
    path.write_text("mine\n")
    assert command(project, monkeypatch, "mine", "--table", "data/own/stars.csv") == 2
    assert "there already" in capsys.readouterr().err and path.read_text() == "mine\n"


@pytest.mark.parametrize("name", ["Mine", "1st", "../x", "a-b", ""])
def test_a_name_that_no_study_can_have_is_refused(name):
    with pytest.raises(BoxloopError, match="NAME"):
        Request(name, tables=[Path("x.csv")])


def test_nothing_is_written_where_no_draft_can_be_made(tmp_path, monkeypatch, capsys):
    project = project_with(tmp_path, planted(200))
    arguments = ["mine", "--table", "data/own/stars.csv", "--target", "redshfit"]
    assert command(project, monkeypatch, *arguments) == 2
    assert "did you mean 'redshift'" in capsys.readouterr().err
    assert list((project / "config/studies").iterdir()) == []


def test_a_file_outside_is_refused_and_copied_on_request(tmp_path, monkeypatch, capsys):
    project = project_with(tmp_path / "project", None)
    outside = tmp_path / "stars.csv"
    planted(200).to_csv(outside, index=False)
    assert command(project, monkeypatch, "mine", "--table", outside) == 2
    assert "data/own" in capsys.readouterr().err
    assert command(project, monkeypatch, "mine", "--table", outside, "--copy") == 0
    copy = project / "data/own/mine/stars.csv"
    assert copy.read_bytes() == outside.read_bytes()


def test_outside_a_project_the_command_says_where_to_go(tmp_path, monkeypatch, capsys):
    assert command(tmp_path, monkeypatch, "mine", "--table", "x.csv") == 2
    assert "config/studies" in capsys.readouterr().err


def test_the_author_is_who_runs_it(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
    content, _, _ = drafted(project_with(tmp_path, planted(200)))
    assert content["report"]["authors"] == [getpass.getuser()]


def test_a_feature_comes_back_once_its_partner_went_for_itself() -> None:
    found = Audit(out={"pair": "with other", "other": "alone"}, pairs={"pair": [{"other"}]})
    _take_back(found)
    assert set(found.out) == {"other"}
    kept = Audit(out={"pair": "with other"}, pairs={"pair": [{"other"}]})
    _take_back(kept)
    assert set(kept.out) == {"pair"}
