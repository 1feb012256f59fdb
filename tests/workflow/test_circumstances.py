"""Bad input and bad luck: one clear message, nothing half-written, other studies untouched."""

import gzip
import hashlib
import os
import shutil
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
    made.run("good")
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


def refused(project: ToyProject, name: str, *, goal: str = "data/summary.json") -> str:
    """Run a study that must be refused; return the one message."""
    good = tree(project.folder / "results/good")
    done = project.snakemake(f"results/{name}/{goal}")
    output = done.stdout + done.stderr
    assert done.returncode != 0, output[-3000:]
    assert "Traceback" not in output, output[-3000:]
    messages = [line for line in output.splitlines() if line.startswith("boxloop:")]
    assert len(messages) == 1, output[-3000:]
    assert tree(project.folder / "results/good") == good
    left = [p for p in (project.folder / f"results/{name}").rglob("*") if p.is_file()]
    assert all(p.suffix == ".log" or "logs" in p.parts for p in left), left
    return messages[0]


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


@pytest.mark.parametrize("name", TROUBLE)
def test_bad_input_gets_one_message_and_leaves_nothing(project: ToyProject, name: str) -> None:
    options, column, said = TROUBLE[name]
    options = {"table": frame(), **options}
    write_study(project, name, options.pop("table"), **options)
    message = refused(project, name)
    assert column in message and said in message, message


def test_a_file_without_permission_is_named(project: ToyProject) -> None:
    path = write_study(project, "locked", frame())
    if os.geteuid() != 0:
        path.chmod(0)
        assert "locked.csv" in refused(project, "locked")
        return
    # Root may read everything, so the job runs as nobody, in a copy that nobody may write.
    path.chmod(0o600)
    script = (
        "import os, sys; os.setgid(65534); os.setuid(65534); "
        "from boxloop.data.read import read_files; from pathlib import Path; "
        "from boxloop.errors import BoxloopError\n"
        f"try: read_files([Path({str(path)!r})], 'csv', {{}})\n"
        "except BoxloopError as error: print(error); sys.exit(2)"
    )
    for folder in (path, *path.parents):
        if folder.is_dir() and folder.stat().st_uid == 0 and str(folder).startswith("/tmp/"):
            folder.chmod(0o755)
    done = subprocess.run(
        [str(shutil.which("python") or "python3"), "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2 and "locked.csv" in done.stdout, done.stdout + done.stderr
    assert "ermission" in done.stdout


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk_is_said_and_the_next_run_goes_on(project: ToyProject) -> None:
    big = frame(60_000).assign(noise=np.random.default_rng(2).normal(size=60_000))
    write_study(project, "full", big.rename(columns={"noise": "z"}), x="{}")
    folder = project.folder / "results/full"
    folder.mkdir(parents=True, exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=700k", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("this machine does not let a small disk be mounted")
    try:
        message = refused(project, "full")
        assert "the disk is full" in message
    finally:
        subprocess.run(["umount", str(folder)], check=True)
    done = project.snakemake("results/full/data/summary.json")
    assert done.returncode == 0, done.stdout + done.stderr


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
        for _ in range(300):
            if locks.is_dir() and any(locks.iterdir()):
                break
            time.sleep(0.1)
        second = project.snakemake("results/twice/search/selected.json")
        output = second.stdout + second.stderr
        assert second.returncode != 0 and "lock" in output.lower(), output
    finally:
        said = first.communicate(timeout=300)[0]
    assert first.returncode == 0, said[-3000:]
