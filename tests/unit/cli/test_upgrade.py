"""boxloop upgrade: an older study file keeps its meaning, its comments and its layout."""

from pathlib import Path

import pytest
import yaml

from boxloop.cli import main
from boxloop.errors import BoxloopError
from boxloop.study.load import StudyError, load_study
from boxloop.study.migrations import upgraded

BLOCK = """\
# My first study.
schema: 1   # the version
task: regression
columns:
  sky:
    ra: RA   # J2000
    dec: DEC
    match: 1 arcsec  # close pairs
  features: {g_mag: }
  lineage: {g_mag: [flux]}
  image:
    path: stamp
    shape: [8, 8, 1]
"""


def content(text: str):
    return yaml.safe_load(text)


def test_block_keys_that_had_no_effect_become_comments_with_a_reason():
    new = upgraded(BLOCK, "a.yaml").splitlines()
    assert "schema: 2   # the version" in new
    at = new.index("    # match: 1 arcsec  # close pairs")
    assert new[at - 1].startswith("    # boxloop upgrade: version 1 ignored match")
    assert "    # path: stamp" in new


def test_every_line_that_needs_no_change_stays_as_it_was():
    kept = [x for x in BLOCK.splitlines() if not any(k in x for k in ("schema", "match", "path"))]
    new = upgraded(BLOCK, "a.yaml").splitlines()
    assert [x for x in new if x in kept] == kept


@pytest.mark.parametrize(
    ("sky", "left"),
    [
        ("sky: {ra: a, dec: d, match: 1 arcsec}", {"ra": "a", "dec": "d"}),
        ("sky: {match: 1 arcsec, ra: a, dec: d}", {"ra": "a", "dec": "d"}),
        ('sky: {ra: a, match: "1, {2} arcsec" , dec: d}', {"ra": "a", "dec": "d"}),
        ("sky: {match: 1 arcsec}", {}),
        ("sky:\n    match: 1 arcsec", {}),
        ("sky: {ra: a,\n        match: 1 arcsec,\n        dec: d}", {"ra": "a", "dec": "d"}),
        (
            "sky:\n    ra: a\n    match: >-\n      1\n      arcsec\n    dec: d",
            {"ra": "a", "dec": "d"},
        ),
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_only_the_key_is_taken_out_however_it_is_written(sky, left, ending):
    text = f"schema: 1\nseed: 3\ncolumns:\n  {sky}\n  keep: [x]\n".replace("\n", ending)
    new = upgraded(text, "a.yaml")
    assert content(new) == {"schema": 2, "seed": 3, "columns": {"sky": left, "keep": ["x"]}}
    assert "# match" in new
    assert new.count(ending) == new.count("\n")


def test_an_upgraded_text_is_left_alone():
    once = upgraded(BLOCK, "a.yaml")
    assert upgraded(once, "a.yaml") == once


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("seed: 1\n", "a.yaml:1: schema: expected the version"),
        (
            "seed: 1\nschema: 3\n",
            "a.yaml:2: schema: this file has version 3, boxloop reads 2; inst",
        ),
        ("schema: one\n", "a.yaml:1: schema: expected 1 or 2; found 'one'"),
        ("schema: [\n", "not valid YAML"),
        ("- schema\n", "a.yaml:1: expected a mapping"),
        (
            "schema: 1\ncolumns: {sky: &s {match: 1}, light_curve: *s}\n",
            "cannot be edited in place",
        ),
    ],
)
def test_what_cannot_be_upgraded_is_said(text, said):
    with pytest.raises(BoxloopError) as error:
        upgraded(text, "a.yaml")
    assert said in str(error.value)


def test_the_command_shows_the_difference_and_keeps_the_old_file(tmp_path, capsys):
    path = tmp_path / "a.yaml"
    path.write_text(BLOCK)
    assert main(["upgrade", "--check", str(path)]) == 0
    assert path.read_text() == BLOCK and list(tmp_path.iterdir()) == [path]
    assert main(["upgrade", str(path)]) == 0
    said = capsys.readouterr().out
    assert "-schema: 1   # the version\n+schema: 2   # the version\n" in said
    assert (tmp_path / "a.yaml.v1").read_text() == BLOCK
    assert path.read_text() == upgraded(BLOCK, "a.yaml")


def test_the_copy_of_an_earlier_upgrade_is_never_overwritten(tmp_path, capsys):
    path, kept = tmp_path / "a.yaml", tmp_path / "a.yaml.v1"
    path.write_text(BLOCK)
    kept.write_text("precious")
    assert main(["upgrade", str(path)]) == 2
    assert "not overwritten" in capsys.readouterr().err
    assert (path.read_text(), kept.read_text()) == (BLOCK, "precious")


@pytest.mark.parametrize("base", [1, 2])
def test_a_study_of_version_1_anywhere_in_the_chain_is_answered_with_the_command(
    tmp_path: Path, base: int
):
    (tmp_path / "base.yaml").write_text(f"schema: {base}\n")
    path = tmp_path / "top.yaml"
    path.write_text(f"seed: 1\nschema: {3 - base}\nextends: base\n")
    old = tmp_path / "base.yaml" if base == 1 else path
    with pytest.raises(StudyError) as error:
        load_study(path)
    line = 1 if base == 1 else 2
    assert str(error.value) == (
        f"{old}:{line}: schema: this file has version 1, boxloop reads 2; "
        f"run: boxloop upgrade {old}"
    )
