"""boxloop init: a project is written whole or not at all, and never over anything."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from repository import REPOSITORY as ROOT

from boxloop.cli import init as module
from boxloop.cli import main
from boxloop.cli.init import COPIED, ENVIRONMENT, FOLDERS, WRITTEN, init
from boxloop.errors import BoxloopError
from boxloop.study.installed import default_study, project_files, rule_files


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(folder)): p.read_bytes() if p.is_file() else b""
        for p in folder.rglob("*")
    }


def test_a_new_project_has_all_its_files_and_folders(tmp_path):
    init(tmp_path / "stars")
    there = set(contents(tmp_path / "stars"))
    assert there >= {*WRITTEN, *COPIED, *FOLDERS, ENVIRONMENT}
    assert [p.name for p in tmp_path.iterdir()] == ["stars"]


@pytest.mark.parametrize("file", [*WRITTEN, *COPIED])
def test_a_file_that_is_there_is_named_and_nothing_is_written(tmp_path, file):
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text("mine")
    before = contents(tmp_path)
    with pytest.raises(BoxloopError, match=re.escape(f"has {file} already")):
        init(tmp_path)
    assert contents(tmp_path) == before


def test_other_files_in_the_folder_stay(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/stars.csv").write_text("a,b\n")
    init(tmp_path)
    assert (tmp_path / "data/stars.csv").read_text() == "a,b\n"


def test_what_was_moved_in_is_taken_back_when_the_next_cannot_be(tmp_path, monkeypatch):
    (tmp_path / "mine.txt").write_text("mine")
    before = contents(tmp_path)
    moved: list[Path] = []
    rename = Path.rename

    def full_disk(self: Path, target: Path) -> Path:
        if len(moved) == 4:
            raise OSError(28, "No space left on device")
        moved.append(self)
        return rename(self, target)

    monkeypatch.setattr(module.Path, "rename", full_disk)
    with pytest.raises(BoxloopError, match="No space left on device"):
        init(tmp_path)
    assert contents(tmp_path) == before


def test_the_name_stands_in_the_project(tmp_path):
    assert main(["init", str(tmp_path / "a"), "--name", "Bright stars"]) == 0
    assert (tmp_path / "a/README.md").read_text().startswith("# Bright stars\n")
    assert yaml.safe_load((tmp_path / "a/config/config.yaml").read_text())["study"] is None


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path, capsys):
    (tmp_path / "a").write_text("mine")
    assert main(["init", str(tmp_path / "a")]) == 2
    assert "expected a folder; found a file" in capsys.readouterr().err


def test_a_project_includes_the_rules_that_the_repository_does():
    text = (ROOT / "Snakefile").read_text()
    names = re.findall(r'^include: "(.*)"$', text, re.MULTILINE)
    assert rule_files() == [str(project_files() / name) for name in names]


def test_every_command_of_the_makefile_is_listed(tmp_path):
    init(tmp_path)
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    listed = subprocess.run(
        ["make"], cwd=tmp_path, env=env, capture_output=True, text=True, check=True, timeout=1800
    ).stdout
    (phony,) = re.findall(r"^\.PHONY: help (.*)$", (tmp_path / "Makefile").read_text(), re.M)
    assert all(f"make {command} " in listed for command in phony.split())


@pytest.mark.parametrize(
    ("named", "there", "expected"),
    [("a", ["a", "b"], "a"), (None, ["b"], "b"), (None, [], None), (None, ["a", "b"], None)],
)
def test_the_default_study_is_the_named_one_or_the_only_one(named, there, expected):
    if expected:
        assert default_study(named, there) == expected
        return
    with pytest.raises(BoxloopError, match="make run STUDY=a" if there else "boxloop new NAME"):
        default_study(named, there)


def test_check_without_a_file_and_without_a_project_says_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["check"]) == 2
    assert "there is no config/config.yaml" in capsys.readouterr().err
