"""Where a run took place: git commit, versions of libraries, hardware."""

import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from boxloop.store import read_json

if TYPE_CHECKING:
    from boxloop.results.track import Git, Hardware, Surroundings
    from boxloop.results.train import FitDescription

#: Libraries whose versions may change numbers or files.
LIBRARIES = (
    "boxloop",
    "snakemake",
    "numpy",
    "scipy",
    "pandas",
    "pyarrow",
    "scikit-learn",
    "skops",
    "tensorflow",
    "keras",
    "astropy",
    "matplotlib",
    "mlflow",
    "dvc",
)

# Written by the run itself, so that a first run from a clean commit is not called dirty.
_OWN_FILES = (":!config/studies/*.ledger.jsonl", ":!dvc.lock")


def surroundings(folder: Path, models: Iterable[str | Path] = ()) -> "Surroundings":
    """Describe the project's commit, the libraries and the machine.

    Parameters
    ----------
    folder : Path
        The project.
    models : iterable of path
        The folders ``train/<model>``: jobs of a cluster ran on other machines than this one.

    Returns
    -------
    Surroundings
    """
    about = hardware()
    fits: list[FitDescription] = [read_json(Path(model) / "fit.json") for model in models]
    if used := sorted({gpu for fit in fits if (gpu := fit.get("gpu"))}):
        about["trained_on"] = used
    return {"git": git_state(folder), "versions": versions(), "hardware": about}


def git_state(folder: Path) -> "Git":
    """Return the commit and whether files differ from it; null where there is no git."""
    commit = _output(["git", "-C", str(folder), "rev-parse", "--verify", "HEAD"])
    status = _output(["git", "-C", str(folder), "status", "--porcelain", "--", ".", *_OWN_FILES])
    return {
        "commit": commit or None,
        "dirty": None if commit is None or status is None else bool(status),
    }


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that are installed."""
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def hardware() -> "Hardware":
    """Describe the machine: processor, usable cores, memory [byte], NVIDIA GPUs, platform."""
    import psutil

    affinity = getattr(os, "sched_getaffinity", None)
    names = _output(["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"])
    return {
        "cpu": _processor(),
        "cores": len(affinity(0)) if affinity else os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "gpus": names.splitlines() if names else [],
        "platform": platform.platform(),
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.lower().startswith("model name"):
                return line.partition(":")[2].strip()
    if sys.platform == "darwin":
        return _output(["sysctl", "-n", "machdep.cpu.brand_string"]) or platform.machine()
    return platform.processor() or platform.machine()


def _output(command: list[str]) -> str | None:
    """Return what a command prints, or None where it is missing, fails or hangs."""
    if shutil.which(command[0]) is None:
        return None
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
