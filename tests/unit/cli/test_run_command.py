"""How `boxloop run` reads its arguments, and what it starts."""

import pytest

import boxloop.cli.run as command
from boxloop.cli import main

CONFIG = {"config/config.yaml": "study: far\nstudies: [near, far]\n"}


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with two studies, in which the command that would be run is only kept."""
    (tmp_path / "config/studies").mkdir(parents=True)
    for name in ("near", "far"):
        (tmp_path / f"config/studies/{name}.yaml").write_text("schema: 2\n")
    (tmp_path / "config/config.yaml").write_text(CONFIG["config/config.yaml"])
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def started(project, monkeypatch):
    """Arguments of Snakemake for a command line."""
    kept = []

    def watched(arguments, target, log, screen, signals):
        kept.append(arguments)
        return 0, True, True

    monkeypatch.setattr(command, "_watched", watched)

    def start(*arguments):
        assert main(["run", *arguments]) == 0
        found = kept.pop()
        return found[found.index("snakemake") + 1 :]

    return start


ALWAYS = ["--logger", "boxloop", "--workflow-profile"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], [*ALWAYS, "profiles/default", "--", "far"]),
        (["near"], [*ALWAYS, "profiles/default", "--", "near"]),
        (["config/studies/near.yaml"], [*ALWAYS, "profiles/default", "--", "near"]),
        (["studies"], [*ALWAYS, "profiles/default", "--", "studies"]),
        (
            ["near", "--profile", "slurm", "--cores", "3"],
            [*ALWAYS, "profiles/slurm", "--cores", "3", "--", "near"],
        ),
        (["--profile", "a/b", "near"], [*ALWAYS, "a/b", "--", "near"]),
        (
            ["near", "--forcerun", "fit", "--cores", "1", "-k"],
            [*ALWAYS, "profiles/default", "--cores", "1", "--forcerun", "fit", "-k", "--", "near"],
        ),
        (
            ["near", "--", "--forcerun", "fit"],
            [*ALWAYS, "profiles/default", "--forcerun", "fit", "--", "near"],
        ),
        (
            ["--forcerun", "fit"],
            [*ALWAYS, "profiles/default", "--forcerun", "fit", "--", "far"],
        ),
    ],
)
def test_what_is_not_its_own_goes_to_snakemake(started, given, expected):
    assert started(*given) == expected


def test_a_study_that_there_is_not_is_named(project, capsys):
    assert main(["run", "nera"]) == 2
    assert "did you mean 'near'?" in capsys.readouterr().err


def test_without_a_project_it_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["run"]) == 2
    assert "no project" in capsys.readouterr().err


def test_other_commands_take_no_further_arguments(capsys):
    with pytest.raises(SystemExit) as end:
        main(["status", "--forcerun", "fit"])
    assert end.value.code == 2 and "unrecognized arguments: --forcerun" in capsys.readouterr().err
