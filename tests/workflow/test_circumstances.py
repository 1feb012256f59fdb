"""Bad input and bad luck: one clear message, nothing half-written, other studies untouched."""

import gzip
import hashlib
import os
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from toy_project import ToyProject

STUDY = """
schema: 2
task: classification
question: {{what: "Which is it?", why: To see what goes wrong.}}
samples:
  train: {{path: {path}, sha256: {digest}, provenance: simulated}}
columns:
  id: name
  features: {{x: {x}, y: }}
  target: {target}
split: {{folds: 3{split}}}
metric: accuracy
models: [{{name: dummy}}]
report: {{title: Trouble, authors: [A. Author]}}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> ToyProject:
    """A project in which one study has run; its results must never change."""
    made = ToyProject(tmp_path_factory.mktemp("trouble"), "toy_table")
    (made.folder / "data/own").mkdir(parents=True)
    write_study(made, "good", frame())
    made.run("results/good/evaluate/metrics.json")
    return made


def frame(n: int = 90) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "name": [f"a{i}" for i in range(n)],
            "x": rng.normal(size=n).round(4),
            "y": rng.normal(size=n).round(4),
            "kind": rng.choice(["dwarf", "giant"], n),
            "field": rng.choice(list("ABCDEF"), n),
        }
    )


def write_study(
    project: ToyProject,
    name: str,
    table: pd.DataFrame | bytes,
    *,
    file: str = "",
    x: str = "{}",
    target: str = "kind",
    split: str = "",
) -> Path:
    """Write a table and the study of it; return the table's path."""
    path = project.folder / "data/own" / (file or f"{name}.csv")
    content = table if isinstance(table, bytes) else table.to_csv(index=False).encode()
    path.write_bytes(content)
    text = STUDY.format(
        path=f"data/own/{path.name}",
        digest=hashlib.sha256(content).hexdigest(),
        x=x,
        target=target,
        split=split,
    )
    (project.folder / f"config/studies/{name}.yaml").write_text(text)
    return path


def tree(folder: Path) -> dict[str, str]:
    """Checksums of all files below a folder."""
    files = (p for p in sorted(folder.rglob("*")) if p.is_file())
    return {str(p): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def message_of(output: str, name: str) -> str:
    """Return the one message about a study that was refused."""
    found = [line for line in output.splitlines() if line.startswith(f"boxloop: assemble {name}:")]
    assert len(found) == 1, output[-3000:]
    return found[0]


def changed(**columns: object) -> pd.DataFrame:
    return frame().assign(**columns)


words = pd.Series([*["much"] * 3, *frame()["x"].astype(str)[3:]])
TROUBLE = {
    "words": ({"table": changed(x=words)}, "x", "'much'"),
    "unknown_column": ({"x": "{from: xx}"}, "xx", "did you mean 'x'"),
    "no_target": ({"target": "kinds"}, "kinds", "did you mean 'kind'"),
    "one_class": ({"table": changed(kind="dwarf")}, "kind", "one class 'dwarf'"),
    "small_class": (
        {"table": changed(kind=["rare", "rare", *frame()["kind"][2:]])},
        "rare (2)",
        "split.folds (3)",
    ),
    "nan_target": ({"table": changed(kind=np.nan)}, "kind", "no row has"),
    "empty_column": ({"table": changed(x=np.nan)}, "'x'", "value in none of 90 rows"),
    "infinite": ({"table": changed(x=[np.inf, *frame()["x"][1:]])}, "x", "infinite"),
    "no_rows": ({"table": frame().head(0)}, "no_rows.csv", "no data"),
    "same_id": ({"table": changed(name="a1")}, "columns.id", "share their identifier"),
    "ragged": (
        {"table": frame().to_csv(index=False).encode() + b"a,1\n"},
        "ragged.csv",
        "5",
    ),
    "truncated": (
        {"table": gzip.compress(frame().to_csv(index=False).encode())[:-40], "file": "cut.csv.gz"},
        "cut.csv.gz",
        "",
    ),
    "few_groups": (
        {"table": changed(field="A"), "split": ", group: field"},
        "split.test",
        "1 groups",
    ),
}


@pytest.fixture(scope="module")
def refused(project: ToyProject) -> str:
    """What a run of all these studies prints; no other study's results change by it."""
    for name, (options, *_) in TROUBLE.items():
        options = {"table": frame(), **options}
        write_study(project, name, options.pop("table"), **options)
    good = tree(project.folder / "results/good")
    goals = [f"results/{name}/data/summary.json" for name in TROUBLE]
    done = project.here("--keep-going", "--", *goals)
    assert done.returncode != 0
    assert tree(project.folder / "results/good") == good
    return done.stdout + done.stderr


def test_no_bad_input_ends_in_a_traceback(refused: str) -> None:
    assert "Traceback" not in refused


@pytest.mark.parametrize("name", TROUBLE)
def test_bad_input_gets_one_message_and_leaves_nothing(
    project: ToyProject, refused: str, name: str
) -> None:
    _, column, said = TROUBLE[name]
    message = message_of(refused, name)
    assert column in message and said in message, message
    left = [p for p in (project.folder / f"results/{name}").rglob("*") if p.is_file()]
    assert all("logs" in p.parts for p in left), left


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk_is_said_and_the_next_run_goes_on(project: ToyProject) -> None:
    big = frame(60_000).assign(noise=np.random.default_rng(2).normal(size=60_000))
    write_study(project, "full", big.rename(columns={"noise": "z"}), x="{}")
    folder = project.folder / "results/full"
    folder.mkdir(parents=True, exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("this machine does not let a small disk be mounted")
    try:
        done = project.here("results/full/data/summary.json")
        output = done.stdout + done.stderr
        assert done.returncode != 0 and "Traceback" not in output, output[-3000:]
        assert "the disk is full" in message_of(output, "full")
        assert not list(folder.rglob("*.parquet"))
    finally:
        subprocess.run(["umount", str(folder)], check=True)
    project.run("results/full/data/summary.json")


def test_a_second_run_at_the_same_time_is_refused_with_advice(project: ToyProject) -> None:
    write_study(project, "twice", frame())
    command = project.command("results/twice/search/selected.json")
    first = subprocess.Popen(
        command,
        cwd=project.folder,
        env=project.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        locks = project.folder / ".snakemake/locks"
        while first.poll() is None and not (locks.is_dir() and any(locks.iterdir())):
            time.sleep(0.05)
        first.send_signal(signal.SIGSTOP)  # else it may have ended before the second begins
        second = project.snakemake("results/twice/search/selected.json")
        output = second.stdout + second.stderr
        assert second.returncode != 0 and "lock" in output.lower(), output
    finally:
        first.send_signal(signal.SIGCONT)
        said = first.communicate(timeout=1800)[0]
    assert first.returncode == 0, said[-3000:]


def test_a_gate_stops_the_study_before_its_search_and_names_the_finding(
    project: ToyProject,
) -> None:
    write_study(project, "gated", changed(y=1.0))
    study = project.folder / "config/studies/gated.yaml"
    study.write_text(study.read_text() + "gates: [constant]\n")
    done = project.here("results/gated/search/selected.json")
    output = done.stdout + done.stderr
    assert done.returncode != 0 and "Traceback" not in output, output[-3000:]
    assert "constant" in output and "y has one value only" in output
    assert not (project.folder / "results/gated/search").exists()
    study.write_text(study.read_text().replace("[constant]", "['constant:x']"))
    project.run("results/gated/search/selected.json")


def test_a_cluster_that_does_not_answer_is_not_asked_for_each_job(
    project: ToyProject, tmp_path: Path
) -> None:
    made, asked = project.copied(tmp_path / "copy"), tmp_path / "asked"
    for name in ("squeue", "sinfo"):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\necho {name} >> {asked}\necho no controller >&2\nexit 1\n")
        program.chmod(0o755)
    path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    assert len({"split", "folds", "evaluate"} & made.to_do("toy_table", PATH=path)) == 3
    assert asked.read_text().split().count("sinfo") == 1
