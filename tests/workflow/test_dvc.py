"""DVC: keep a study's results, pull them into a clone, and nothing there runs again."""

import shutil
from pathlib import Path

import pytest
import yaml
from commands import Project
from toy_project import REPOSITORY, ToyProject


def with_dvc(project):
    """Put the repository's DVC set-up into a project and its git, for toy_table alone."""
    shutil.copytree(
        REPOSITORY / ".dvc", project.folder / ".dvc", ignore=shutil.ignore_patterns("tmp", "cache")
    )
    shutil.copy2(REPOSITORY / ".dvcignore", project.folder)
    shutil.copy2(REPOSITORY / ".gitignore", project.folder)
    shutil.copytree(REPOSITORY / ".ci", project.folder / ".ci")
    content = yaml.safe_load((REPOSITORY / "dvc.yaml").read_text())
    stage = content["stages"]["study"]
    stage["foreach"] = {"toy_table": {"reads": "config/sources.yaml"}}
    stage["do"]["deps"].remove("requirements.lock")
    content["stages"] = {"study": stage}
    for key in ("metrics", "plots"):
        content[key] = [path.replace("photoz", "toy_table") for path in content[key]]
    (project.folder / "dvc.yaml").write_text(yaml.safe_dump(content))
    for command in (
        ("git", "init", "-q", "-b", "main"),
        ("git", "config", "user.name", "boxloop tests"),
        ("git", "config", "user.email", "tests@example.invalid"),
        ("git", "add", "-A"),
        ("git", "commit", "-q", "-m", "A project"),
    ):
        project.run(*command)


@pytest.mark.long  # short: what DVC is told, below
def test_results_pushed_and_pulled_into_a_clone_are_not_computed_again(finished_project, tmp_path):
    project = finished_project
    with_dvc(project)
    before = (project.results() / "evaluate" / "metrics.json").read_bytes()
    project.run("dvc", "repro")
    assert project.planned("toy_table") == {}
    assert "toy_table" in project.run("dvc", "metrics", "show").stdout
    remote = tmp_path / "remote"
    project.run("dvc", "remote", "add", "--default", "folder", remote)
    project.run("dvc", "push")
    project.run("git", "add", "-A")
    project.run("git", "commit", "-q", "-m", "Results")
    tracked = project.run("git", "ls-files").stdout.split()
    assert "dvc.lock" in tracked
    assert not [path for path in tracked if path.startswith(("results/", "data/"))]

    clone = Project(tmp_path / "clone")
    project.run("git", "clone", "-q", project.folder, clone.folder)
    pulled = clone.run("sh", ".ci/pull")
    assert "toy_table is up to date" in pulled.stdout
    assert (clone.results() / "evaluate" / "metrics.json").read_bytes() == before
    assert clone.planned("toy_table") == {}
    assert "up to date" in clone.run("dvc", "repro").stdout

    # A pulled study has no record of its own runs; a change must be seen all the same.
    study = clone.folder / "config/studies/toy_table.yaml"
    study.write_text(study.read_text().replace("seed: 3", "seed: 4"))
    assert {"simulate", "assemble", "chunk"} <= set(clone.planned("toy_table"))

    # The study's own module is code: DVC does not see that it changed, the run record does.
    changed = Project(tmp_path / "changed")
    project.run("git", "clone", "-q", project.folder, changed.folder)
    module = changed.folder / "config/studies/toy_tables.py"
    module.write_text(f"{module.read_text()}\n\nCHANGED = 1\n")
    pulled = changed.run("sh", ".ci/pull", check=False)
    assert pulled.returncode == 1
    assert "toy_table were made by other code of simulate, assemble" in pulled.stdout
    assert "up to date" not in pulled.stdout
    assert (changed.results() / "evaluate" / "metrics.json").read_bytes() == before


def test_pull_without_a_remote_says_how_to_add_one(tmp_path):
    ToyProject(tmp_path, "toy_table")
    project = Project(tmp_path)
    with_dvc(project)
    done = project.run("sh", ".ci/pull", check=False)
    assert done.returncode == 2
    assert "dvc remote add" in done.stdout


def test_stages_of_the_repository_can_be_read_and_do_not_nest():
    listed = Project(REPOSITORY).run("dvc", "stage", "list").stdout
    assert "fetch@sdss_boss_photoz" in listed
    assert "study@photoz" in listed


def test_no_stage_depends_on_code_which_every_commit_changes():
    stages = yaml.safe_load((REPOSITORY / "dvc.lock").read_text())["stages"]
    studies = {name: stage for name, stage in stages.items() if name.startswith("study@")}
    assert studies
    for stage in studies.values():
        kinds = {Path(dep["path"]).parts[0] for dep in stage["deps"]}
        assert kinds == {"config", "data", "requirements.lock", "Snakefile"}
