"""The GPU that networks train on: what TensorFlow needs to find it, its name, its free memory."""

import ctypes
import importlib.util
import logging
import os
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

log = logging.getLogger("boxloop")

#: What a driver of NVIDIA's makes; the last one in Windows' Linux.
DRIVER = Path("/proc/driver/nvidia/version"), Path("/dev/nvidiactl"), Path("/dev/dxg")
#: What hides all GPUs from a process.
_HIDDEN = "", "-1", "NoDevFiles"


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
    for library in _libraries() if _visible() and _driver() else ():
        with suppress(OSError):  # TensorFlow will do without the GPU, and `say` tells
            ctypes.CDLL(str(library))
            loaded.append(library)
    return loaded


def name() -> str | None:
    """Return the name of the GPU that TensorFlow computes on; None where it does on processors."""
    devices = _devices()
    if not devices:
        return None
    details = sys.modules["tensorflow"].config.experimental.get_device_details(devices[0])
    return str(details.get("device_name", "a GPU"))


@cache
def say() -> None:
    """Say once which GPU is used, or that there is one that is not."""
    if used := name():
        others = len(_devices()) - 1
        log.info(
            "TensorFlow computes on %s%s",
            used,
            f"; the job has {others} more, which it does not use" if others else "",
        )
        return
    if not _visible():
        return
    how = "(docs/cluster.md says how to find out)"
    if _granted():
        log.warning(
            "this job has a GPU, but TensorFlow does not see it and computes on processors: the "
            "environment may lack NVIDIA's libraries (make setup GPU=1), or the driver may be too "
            f"old for them {how}"
        )
    elif "SLURM_JOB_ID" not in os.environ and _driver() and _libraries():
        # A job of SLURM's that has not asked for a GPU may run on a node that has some.
        log.warning(
            "this machine has a GPU, but TensorFlow does not see it and computes on processors: "
            f"the driver may be too old for the libraries {how}"
        )


@cache
def free_memory() -> int | None:
    """Return the bytes that were free on the GPU when first asked; None where it is not known.

    What TensorFlow has taken since is its own, and it gives nothing back.
    """
    runtime = _runtime() if name() else None
    if runtime is None:
        return None
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    failed = runtime.cudaMemGetInfo(ctypes.byref(free), ctypes.byref(total))
    return None if failed else free.value


def _runtime() -> Any:
    """Return CUDA's runtime, which TensorFlow has loaded; it is at the first visible device."""
    version = str(sys.modules["tensorflow"].sysconfig.get_build_info().get("cuda_version", ""))
    try:
        return ctypes.CDLL(f"libcudart.so.{version.partition('.')[0]}")
    except OSError:
        return None


def _devices() -> list[Any]:
    tensorflow = sys.modules.get("tensorflow")
    return list(tensorflow.config.get_visible_devices("GPU")) if tensorflow else []


def _visible() -> bool:
    """Whether nobody has hidden the GPUs from this process."""
    return os.environ.get("CUDA_VISIBLE_DEVICES", "all") not in _HIDDEN


def _granted() -> bool:
    """Whether somebody has given a GPU to this process, or SLURM one to its job."""
    given = os.environ.get("SLURM_GPUS_ON_NODE", "0") not in ("", "0")
    return given or "CUDA_VISIBLE_DEVICES" in os.environ


def _driver() -> bool:
    return any(path.exists() for path in DRIVER)


def _libraries() -> list[Path]:
    spec = importlib.util.find_spec("nvidia")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    return [p for f in folders for p in sorted(Path(f).glob("cusolver/lib/libcusolver.so.*"))]
