"""A project made by boxloop init runs with the package of a wheel, far from any clone."""

import hashlib
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
from toy_project import REPOSITORY

#: Parts of the clone that an installed package must not need.
CLONE = [str(REPOSITORY / name) for name in ("src", "workflow", "config", "profiles")]
STUDY = """\
schema: 2
task: regression
question: {what: "How far?", why: To have a small study.}
samples:
  train: {path: data/own/galaxies.csv, sha256: SHA, provenance: simulated}
columns:
  id: name
  features: {g_mag: {unit: mag}, r_mag: {unit: mag}}
  target: redshift
split: {folds: 2}
metric: rmse
models: [{name: dummy}, {name: linear}]
report: {title: A small study, authors: [A. Author]}
"""


@pytest.fixture(scope="module")
def programs(tmp_path_factory) -> Path:
    """An environment with boxloop from its wheel; all else it takes from this one."""
    folder = tmp_path_factory.mktemp("installed")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "wheel")],
        cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", folder / "env"], check=True, timeout=120
    )
    (site,) = (folder / "env").glob("lib/python*/site-packages")
    (wheel,) = (folder / "wheel").glob("*.whl")
    zipfile.ZipFile(wheel).extractall(site)
    # A folder that a .pth file names is searched, but its own .pth files, the clone's among them,
    # are not read.
    (site / "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    for name, start in (("boxloop", "boxloop.cli"), ("snakemake", "snakemake.cli")):
        program = folder / "env/bin" / name
        program.write_text(
            f"#!{folder}/env/bin/python\nimport sys\nfrom {start} import main\nsys.exit(main())\n"
        )
        program.chmod(0o755)
    return folder / "env/bin"


def run(programs: Path, folder: Path, *command: str, check: bool = True) -> str:
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "MAKEFLAGS", "MAKELEVEL")}
    env |= {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "MLFLOW_TRACKING_URI": ""}
    done = subprocess.run(
        command, cwd=folder, env=env, text=True, timeout=1200, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert (done.returncode == 0) == check, done.stdout[-6000:]
    return done.stdout


@pytest.fixture(scope="module")
def project(programs, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("own")
    run(programs, folder, "boxloop", "init", "stars")
    return folder / "stars"


def test_the_package_comes_from_the_wheel(programs, project):
    where = run(
        programs, project, str(programs / "python"), "-c",
        "import boxloop; print(boxloop.__file__)",
    )  # fmt: skip
    assert where.startswith(str(programs.parent))


def test_a_project_without_a_study_says_what_to_do(programs, project):
    for command in (["make", "run"], ["snakemake", "--cores", "2"]):
        said = run(programs, project, *command, check=False)
        assert "boxloop new NAME --table" in said and "Traceback" not in said


@pytest.fixture(scope="module")
def finished(programs, project) -> tuple[Path, str]:
    rows = ["name,g_mag,r_mag,redshift"]
    rows += [f"o{i},{18 + i % 7},{17 + i % 11},{0.1 + 0.01 * (i % 11)}" for i in range(200)]
    table = project / "data/own/galaxies.csv"
    table.write_text("\n".join(rows) + "\n")
    digest = hashlib.sha256(table.read_bytes()).hexdigest()
    (project / "config/studies/small.yaml").write_text(STUDY.replace("SHA", digest))
    return project, run(programs, project, "make", "run", "CORES=2")


def test_make_run_writes_the_report_of_the_only_study(finished):
    folder, said = finished
    assert "Report: results/small/report/report.html" in said
    assert "A small study" in (folder / "results/small/report/report.html").read_text()


def test_nothing_in_the_project_or_its_logs_names_the_clone(finished):
    folder, said = finished
    texts = {"output": said}
    for path in folder.rglob("*"):
        if path.is_file():
            texts[str(path)] = path.read_text(encoding="utf-8", errors="ignore")
    assert [name for name, text in texts.items() if any(c in text for c in CLONE)] == []


def test_a_second_run_does_nothing(programs, finished):
    folder, _ = finished
    assert "Nothing to be done" in run(programs, folder, "snakemake", "--cores", "2", "-n")
