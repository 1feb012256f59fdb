"""A folder that cannot be written to, a full disk: a clear line, nothing half-written, and on."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from toy_project import ToyProject

RESULTS = "results/toy_table"
METRICS, SELECTED = f"{RESULTS}/evaluate/metrics.json", f"{RESULTS}/search/selected.json"
#: Root without its powers over permissions: it obeys them like anybody else.
POWERLESS = ("setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner")


def attempt(project: ToyProject, *targets: str) -> tuple[int, str]:
    """Run as one who obeys permissions; return the exit code and what was printed."""
    command = project.command("--", *targets)
    if os.getuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("root obeys no permissions, and setpriv is not there to make it")
        command = [*POWERLESS, *command]
    done = subprocess.run(
        command, cwd=project.folder, env=project.environment,
        capture_output=True, text=True, timeout=1800, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def half_written(folder: Path) -> list[Path]:
    return [path for path in folder.rglob(".*.part*")]


@pytest.fixture(scope="module")
def numbers(table_ran: ToyProject) -> bytes:
    return (table_ran.folder / RESULTS / "evaluate/metrics.json").read_bytes()


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    folders = [folder, *(p for p in folder.rglob("*") if p.is_dir())]
    for one in folders:
        one.chmod(0o555)
    try:
        yield
    finally:
        for one in folders:
            one.chmod(0o755)


@pytest.mark.long  # short: a full disk, below
def test_results_that_cannot_be_written_to(tmp_path: Path, table_ran: ToyProject) -> None:
    project = ToyProject(tmp_path, "toy_table")
    project.run(f"{RESULTS}/prepare/recipes.json")
    before = {p: p.read_bytes() for p in (tmp_path / RESULTS).rglob("*.json")}
    with read_only(tmp_path / RESULTS):
        code, said = attempt(project, SELECTED)
        assert code != 0
        assert "ermission" in said and RESULTS in said, said[-3000:]
        assert not half_written(tmp_path / RESULTS)
        assert {p: p.read_bytes() for p in (tmp_path / RESULTS).rglob("*.json")} == before
    project.run(SELECTED)
    one, other = (p.folder / SELECTED for p in (project, table_ran))
    assert one.read_bytes() == other.read_bytes()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own for results; making one takes root."""
    folder = tmp_path / "project/results"
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no small file system can be made here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path, left: int) -> Path:
    """Write a file that leaves some bytes of a disk."""
    path = folder / "filler"
    path.write_bytes(bytes(shutil.disk_usage(folder).free - left))
    return path


def test_a_disk_that_becomes_full(small_disk: Path, numbers: bytes) -> None:
    project = ToyProject(small_disk.parent, "toy_table")
    project.run(f"{RESULTS}/search/selected.json")
    filler = fill(small_disk, left=8192)
    code, said = attempt(project, METRICS)
    assert code != 0
    lines = [line for line in said.splitlines() if "the disk is full; free some space" in line]
    assert lines, said[-3000:]
    assert not half_written(small_disk)
    filler.unlink()
    project.run(METRICS)
    assert (project.folder / METRICS).read_bytes() == numbers
