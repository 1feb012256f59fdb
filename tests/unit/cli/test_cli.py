"""The command line as a user meets it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from repository import REPOSITORY as ROOT

from boxloop import __version__
from boxloop.cli import main

STUDY = """\
schema: 2
task: classification
question: {what: what is it, why: to know}
code: [mine.py]
samples:
  train:
    simulator: "mine:stars"
    n: 20
    parameters: {noise: 0.1}
    provenance: simulated
columns:
  features: {g_mag: }
  target: kind
metric: accuracy
models:
  - {name: dummy}
  - {name: forest, space: {min_samples_leaf: [1, 5]}}
  - {name: own, function: "mine:model", parameters: {width: 3, epochs: 2}, space: {depth: [1, 2]}}
report: {title: A title, authors: [A. Author]}
"""
CODE = """\
def stars(n, *, seed, noise=0.1):
    return None, {}

def model(input_shape, output_shape, *, width, depth=1):
    return None
"""


@pytest.fixture
def check(tmp_path, capsys):
    """Check a study after changes to its text or code; return exit code, output, errors."""

    def run(*changes: tuple[str, str], code: str = CODE):
        text = STUDY
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "mine.yaml").write_text(text)
        (tmp_path / "mine.py").write_text(code)
        status = main(["check", str(tmp_path / "mine.yaml")])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


START = "import sys; from boxloop.cli import main; sys.exit(main())"


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", START, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )


def test_a_sound_study_is_summed_up_with_its_trials_and_fits(check):
    status, out, err = check()
    assert (status, err) == (0, "")
    assert "classification study of kind, judged by accuracy" in out
    assert "dummy 1, forest 2, own 2; in all 5 trials" in out
    assert "28 fits" in out  # 5 trials in 5 folds and 3 final models


def test_repeated_folds_are_counted(check):
    status, out, err = check(("metric: accuracy", "split: {repeats: 2}\nmetric: accuracy"))
    assert (status, err) == (0, "")
    assert "with 5 folds in 2 repeats and the final models, 53 fits" in out


def test_three_faults_are_three_lines_and_exit_code_2_without_a_traceback(tmp_path):
    text = STUDY.replace("metric: accuracy", "metric: acuracy").replace("code: [mine.py]\n", "")
    text = text.replace("min_samples_leaf", "min_sample_leaf").replace("why:", "wy:")
    path = tmp_path / "faulty.yaml"
    path.write_text(text.replace("mine:stars", "boxloop.simulate.photoz:galaxy"))
    done = command("check", str(path))
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    lines = done.stderr.splitlines()
    assert all(line.startswith(f"{path}:") for line in lines)
    for line, key, near in [
        (3, "question.wy", "why"),
        (6, "samples.train.simulator", "galaxies"),
        (13, "metric", "accuracy"),
        (16, "models.1.space.min_sample_leaf", "min_samples_leaf"),
    ]:
        said = [s for s in lines if s.startswith(f"{path}:{line}: {key}: ")]
        assert len(said) == 1, done.stderr
        assert said[0].endswith(f"; did you mean {near!r}?")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([("mine:stars", "mine:stras")], "7: samples.train.simulator: mine:stras: mine has no fun"),
        ([("mine:model", "mien:model")], "18: models.2.function: mien:model: cannot be imported"),
        ([("noise: 0.1", "nois: 0.1")], "7: samples.train.simulator: mine:stars will be called"),
        ([("width: 3", "widht: 3")], "18: models.2.function: mine:model will be called as"),
        ([("width: 3, ", "")], "argument: 'width'"),
        (
            [
                (
                    "  features: {g_mag: }\n",
                    "  features: {g_mag: }\n  derived: {x: {function: a:b}}\n",
                )
            ],
            "13: columns.derived.x.function: a:b: cannot be imported",
        ),
        ([("report: {", "report: {prose: texts, ")], "19: report.prose: there is no folder"),
    ],
)
def test_functions_are_imported_and_their_signatures_checked(check, changes, expected):
    status, out, err = check(*changes)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1, err
    assert expected in err


def test_a_misspelt_parameter_is_answered_with_the_nearest(check):
    _, _, err = check(("noise: 0.1", "nois: 0.1"))
    assert "did you mean 'noise'?" in err


def test_training_parameters_never_reach_the_users_function(check):
    status, _, err = check(("epochs: 2", "epochs: 2, learning_rate: 0.1, patience: 3"))
    assert (status, err) == (0, "")


def test_code_that_fails_on_import_is_answered_in_one_line(check):
    status, _, err = check(code="1 / 0\n" + CODE)
    assert status == 2
    assert "importing it failed: ZeroDivisionError" in err
    assert "Traceback" not in err


def project(tmp_path, sample: str, more: str = "") -> Path:
    """A project with a source and a bibliography of its own."""
    folder = tmp_path / "config" / "studies"
    folder.mkdir(parents=True)
    (tmp_path / "config" / "references.bib").write_text("@article{known2020,\n title={T}}\n")
    (tmp_path / "config" / "sources.yaml").write_text(
        "sources:\n  stars:\n    survey: S\n    licence: L\n    cite: [known2020]\n"
        "    base_url: https://example.org/\n"
        f"    files: [{{path: a.csv, bytes: 1, sha256: '{'0' * 64}', url_path: a.csv}}]\n"
    )
    text = STUDY.replace("code: [mine.py]\n", "").replace('"mine:stars"', "x:y")
    start, end = text.index("  train:"), text.index("columns:")
    text = text[:start] + f"  train: {{{sample}, provenance: real}}\n" + text[end:]
    lines = [line for line in text.splitlines() if "name: own" not in line]
    path = folder / "mine.yaml"
    path.write_text("\n".join(lines) + f"\n{more}")
    return path


def test_sources_and_citations_are_looked_up_in_the_projects_own_files(tmp_path, capsys):
    published = "published: [{cite: known2020, metric: accuracy, value: 1, comparable: other}]\n"
    path = project(tmp_path, "source: stars", published)
    assert main(["check", str(path)]) == 0
    other = path.with_name("other.yaml")
    other.write_text(path.read_text().replace("known2020", "knwon2020"))
    assert main(["check", str(other)]) == 2
    assert "did you mean 'known2020'?" in capsys.readouterr().err


def test_an_unknown_source_is_answered_with_the_nearest(tmp_path, capsys):
    assert main(["check", str(project(tmp_path, "source: starz"))]) == 2
    err = capsys.readouterr().err
    assert ":5: samples.train.source: expected an entry of" in err
    assert "did you mean 'stars'?" in err


def test_a_file_of_the_users_that_is_not_there_is_named(tmp_path, capsys):
    path = project(tmp_path, f"path: data/own.csv, sha256: '{'0' * 64}'")
    assert main(["check", str(path)]) == 2
    assert "samples.train.path: there is no file" in capsys.readouterr().err
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "own.csv").touch()
    assert main(["check", str(path)]) == 2
    found = re.search(r":5: samples\.train\.sha256: .*found (\w{64})", capsys.readouterr().err)
    path = project(tmp_path / "again", f"path: own.csv, sha256: {found[1]}")
    (tmp_path / "again/own.csv").touch()
    assert main(["check", str(path)]) == 0


def test_several_files_are_all_checked(tmp_path, capsys):
    names = [str(tmp_path / f"{n}.yaml") for n in ("a", "b")]
    assert main(["check", *names]) == 2
    assert capsys.readouterr().err.count("there is no such file") == 2


@pytest.mark.parametrize(
    "path", sorted((ROOT / "config" / "studies").glob("*.yaml")), ids=lambda p: p.stem
)
def test_the_shipped_studies_have_no_faults(path, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    assert main(["check", str(path)]) == 0, capsys.readouterr().err


def test_the_version_is_said_and_nothing_heavy_is_imported():
    code = (
        "import sys, contextlib; from boxloop.cli import main\n"
        "with contextlib.suppress(SystemExit): main(['--version'])\n"
        "with contextlib.suppress(SystemExit): main(['check', 'config/studies/photoz.yaml'])\n"
        "print(sorted({'numpy', 'pandas', 'sklearn', 'tensorflow', 'mlflow'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.stdout.splitlines()[0] == f"boxloop {__version__}"
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_protocol_that_does_not_exist_is_answered_with_those_that_do(check):
    status, _, err = check(("metric: accuracy", "split: {protocol: hold_out}\nmetric: accuracy"))
    assert status == 2
    assert "split.protocol: expected" in err and "outer_folds" in err and "hold_out" in err
