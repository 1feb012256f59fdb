"""The GPU that networks train on: what TensorFlow needs to find it, its name, its free memory."""

import ctypes
import importlib.util
import logging
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

log = logging.getLogger("boxloop")

#: What a driver of NVIDIA's makes; the second in Windows' Linux.
DRIVER = Path("/dev/nvidiactl"), Path("/dev/dxg")
#: What SLURM and others give to jobs without a GPU.
_NONE = "", "-1", "NoDevFiles"


def load_libraries() -> list[Path]:
    """Load the library of NVIDIA's packages that TensorFlow does not find by itself.

    TensorFlow 2.21 looks for cuSOLVER in the folders of all packages but cuSOLVER's own, and then
    leaves the GPU alone. A library that is loaded already need not be found.

    Returns
    -------
    list of Path
        What was loaded; nothing where there is no driver or no such package.
    """
    loaded = []
    for library in _libraries() if _driver() else ():
        with suppress(OSError):  # TensorFlow will say that there is no GPU, and `say` why
            ctypes.CDLL(str(library))
            loaded.append(library)
    return loaded


def name() -> str | None:
    """Return the name of the GPU that TensorFlow computes on; None where it does on processors."""
    tensorflow = sys.modules.get("tensorflow")
    devices = tensorflow.config.list_physical_devices("GPU") if tensorflow else []
    if not devices:
        return None
    details = tensorflow.config.experimental.get_device_details(devices[0])  # type: ignore[union-attr]
    return str(details.get("device_name", "GPU"))


@cache
def say() -> None:
    """Say once which GPU is used, or that there is one that is not."""
    if used := name():
        log.info("TensorFlow computes on %s", used)
        return
    granted = os.environ.get("CUDA_VISIBLE_DEVICES", "") if _visible() else ""
    if granted or (_visible() and _driver() and _libraries()):
        log.warning(
            "%s, but TensorFlow does not see it and computes on processors: the environment may "
            "lack NVIDIA's libraries (make setup GPU=1), or the driver may be too old for them "
            "(nvidia-smi tells its version)",
            f"this job has GPU {granted}" if granted else "this machine has a GPU",
        )


def free_memory() -> int | None:
    """Return the free bytes of the GPU that is used; None where there is none that tells."""
    if name() is None or shutil.which("nvidia-smi") is None:
        return None
    first = os.environ.get("CUDA_VISIBLE_DEVICES", "").partition(",")[0]
    chosen = ["-i", first] if first.isdigit() or first.startswith("GPU-") else []
    asked = ["nvidia-smi", *chosen, "--query-gpu=memory.free", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(asked, capture_output=True, text=True, timeout=20, check=True)
        return min(int(line) for line in done.stdout.split()) * 1024**2
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


def _visible() -> bool:
    """Whether nobody has hidden the GPUs from this process."""
    return os.environ.get("CUDA_VISIBLE_DEVICES", "all") not in _NONE


def _driver() -> bool:
    return any(path.exists() for path in DRIVER)


def _libraries() -> list[Path]:
    spec = importlib.util.find_spec("nvidia")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    return [p for f in folders for p in sorted(Path(f).glob("cusolver/lib/libcusolver.so.*"))]
