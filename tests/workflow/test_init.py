"""A project made by boxloop init runs with the package of a wheel, far from any clone."""

import hashlib
import os
import re
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
task: TASK
question: {what: "How far?", why: To have a small study.}
samples:
  train: {path: data/own/galaxies.csv, sha256: SHA, provenance: simulated}
columns:
  id: name
  features: {g_mag: {unit: mag}, r_mag: {unit: mag}}
report: {title: A small study, authors: [A. Author]}
"""
LEARNS = """\
split: {folds: 2}
metric: rmse
models: [{name: dummy}, {name: linear}]
"""


@pytest.fixture(scope="module")
def programs(tmp_path_factory) -> Path:
    """An environment with boxloop from its wheel; all else it takes from this one."""
    folder = tmp_path_factory.mktemp("installed")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "wheel")],
        cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=1800,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", folder / "env"], check=True, timeout=1800
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
        command, cwd=folder, env=env, text=True, timeout=1800, check=False,
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


@pytest.fixture(
    scope="module", params=["exploration", pytest.param("regression", marks=pytest.mark.long)]
)
def finished(request, programs, tmp_path_factory) -> tuple[Path, str]:
    """A project, the only study of which has run, and what was said."""
    project = tmp_path_factory.mktemp(request.param) / "stars"
    run(programs, project.parent, "boxloop", "init", "stars")
    rows = ["name,g_mag,r_mag,redshift"]
    rows += [f"o{i},{18 + i % 7},{17 + i % 11},{0.1 + 0.01 * (i % 11)}" for i in range(200)]
    table = project / "data/own/galaxies.csv"
    table.write_text("\n".join(rows) + "\n")
    digest = hashlib.sha256(table.read_bytes()).hexdigest()
    study = STUDY.replace("SHA", digest).replace("TASK", request.param)
    if request.param == "regression":
        study = study.replace("r_mag: {unit: mag}}", "r_mag: {unit: mag}}\n  target: redshift")
        study += LEARNS
    (project / "config/studies/small.yaml").write_text(study)
    return project, run(programs, project, "make", "run", "CORES=2")


def test_make_run_writes_the_report_of_the_only_study(finished):
    folder, said = finished
    (page,) = re.findall(
        r"^Report: (results/small/report/(?:report|exploration)\.html)", said, re.M
    )
    assert "A small study" in (folder / page).read_text()


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
