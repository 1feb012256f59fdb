"""A chunk of the search that was killed goes on after its last finished trial."""

import os
import signal
import subprocess
import time
from pathlib import Path

from toy_project import ToyProject

from boxloop.fitting.stacked.memory import ROOM
from boxloop.search.progress import EPOCHS

CHUNK = "results/toy_table/search/chunks/dense-0.json"


def test_a_killed_chunk_keeps_the_trials_it_has_finished(tmp_path: Path) -> None:
    project = ToyProject(tmp_path, "toy_table")
    dense = "{name: dense, parameters: {units: [8], epochs: 12, batch_size: 32}"
    two = f"  - {dense}, space: {{dropout: [0.0, 0.1]}}}}\nsearch:"
    project.edit("config/studies/toy_table.yaml", "search:", two)
    finished = tmp_path / "results/toy_table/checkpoints/chunk-dense-0"
    running = subprocess.Popen(
        project.command(CHUNK),
        cwd=project.folder,
        env=project.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    end = time.monotonic() + 1800
    while not trials(finished) and time.monotonic() < end:
        time.sleep(0.02)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    before = trials(finished)
    assert len(before) == 1 and not (tmp_path / CHUNK).exists()

    project.run("--unlock")
    project.run("--rerun-incomplete", "--", CHUNK)
    log = (tmp_path / "results/toy_table/logs/chunk-dense-0.log").read_text()
    assert f"trial {before[0]} was finished before" in log
    results = project.json(CHUNK)
    assert [r["status"] for r in results] == ["done", "done"]
    assert not finished.exists()


def trials(folder: Path) -> list[str]:
    """The trials that a chunk has finished; beside them lies what it says of its networks.

    What begins with a dot is being written.
    """
    others = (EPOCHS, ROOM)
    return [path.stem for path in folder.glob("[!.]*.json") if path.name not in others]
