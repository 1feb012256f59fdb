"""How much memory a stack takes, and how many members fit at a time."""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from boxloop import store
from boxloop.errors import BoxloopError
from boxloop.fitting import gpu
from boxloop.fitting.stacked.members import Data, Member

#: Copies of a member's weights that are held at once: trained and best ones, two moments of an
#: optimiser, gradients, and new values beside the old ones.
COPIES = 9
#: Copies of what the layers give for a batch: forward, backward, and between the two.
PASSES = 4
#: Share of the free memory that a stack may take, and where an earlier attempt had more of it.
SHARE, MOST_SHARE = 0.5, 0.8
#: Most members of a stack, so that one that is killed or fails has not cost too much.
MOST = 256
#: The file in which the first attempt of a job says what its stacks may take.
ROOM = "room.json"


def bytes_of_data(data: Data) -> int:
    """Return the bytes of everything that is held of some data."""
    found = sum(v.nbytes for v in data.inputs.values()) + data.target.nbytes
    found += sum(v.nbytes for v in (data.scored or {}).values())
    return found + (bytes_of_data(data.stopping) if data.stopping else 0)


def bytes_of_member(model: Any, batch_size: int) -> int:
    """Return about the bytes that one more member of an architecture takes."""
    outputs = sum(_size(layer) for layer in model._flatten_layers())
    return 4 * (COPIES * int(model.count_params()) + PASSES * batch_size * outputs)


def _size(layer: Any) -> int:
    """Return how many numbers a layer gives for a row; 0 where it does not say."""
    found = 0
    for node in getattr(layer, "_inbound_nodes", []):
        for tensor in node.output_tensors:
            size = 1
            for length in tensor.shape[1:]:
                size *= length or 1
            found += size
    return found


def room(folder: Path | None = None, key: str = "") -> float:
    """Return the bytes that a stack may take: half of what is free, on the GPU as well.

    Parameters
    ----------
    folder : Path, optional
        Where a job keeps its stacks. What its first attempt found holds for later ones as well,
        which may have more memory: stacks that are cut as before go on where they were, and give
        the same bytes.
    key : str
        Hash of code and data.
    """
    free = free_memory()
    if (on_gpu := gpu.free_memory()) is not None:
        free = min(free, on_gpu)
    if folder is None:
        return SHARE * free
    with suppress(BoxloopError, OSError, KeyError, TypeError, ValueError):
        noted = store.read_json(folder / ROOM)
        if noted["key"] == key and 0 < noted["bytes"] <= MOST_SHARE * free:
            return float(noted["bytes"])
    store.write_json({"key": key, "bytes": SHARE * free}, folder / ROOM)
    return SHARE * free


def free_memory() -> int:
    """Return the bytes that this process may still take, limits of its job included."""
    import psutil

    found = int(psutil.virtual_memory().available)
    asked = os.environ.get("SLURM_MEM_PER_NODE", "")
    if asked.isdigit() and int(asked):  # [MB]; 0 stands for all that the node has
        found = min(found, int(asked) * 1024**2 - _held())
    for group in _groups():
        try:
            limit = (group / "memory.max").read_text().strip()
            if limit != "max":
                found = min(found, int(limit) - int((group / "memory.current").read_text()))
        except (OSError, ValueError):  # no such group, or none that says so
            continue
    return max(found, 0)


def _held() -> int:
    """Return the bytes of all processes of a job: Snakemake runs around this one, twice."""
    import psutil

    job = os.environ.get("SLURM_JOB_ID")
    found = int(psutil.Process().memory_info().rss)
    for other in psutil.process_iter() if job else ():
        with suppress(psutil.Error, OSError):  # somebody else's, or gone
            if other.pid != os.getpid() and other.environ().get("SLURM_JOB_ID") == job:
                found += int(other.memory_info().rss)
    return found


def _groups() -> list[Path]:
    """Return the control groups that hold this process, the outermost last."""
    root = Path("/sys/fs/cgroup")
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return [root]
    inner = next((line[len("0::/") :] for line in lines if line.startswith("0::/")), "")
    own = root / inner
    return [group for group in (own, *own.parents) if group.is_relative_to(root)]


def split_to_fit(
    members: Sequence[Member], data: Sequence[int], each: int, limit: float
) -> list[list[int]]:
    """Cut members into stacks, each within a limit of memory, in the order of their data.

    Parameters
    ----------
    members : sequence of Member
    data : sequence of int
        Bytes of each of the data; members that share some are kept together.
    each : int
        Bytes that a member takes besides.
    limit : float
        Bytes of a stack; a member that alone takes more is a stack of its own.

    Returns
    -------
    list of list of int
        Places of the members.
    """
    stacks: list[list[int]] = []
    taken = 0
    held: set[int] = set()
    for place in sorted(range(len(members)), key=lambda i: (members[i].data, i)):
        index = members[place].data
        more = each + (0 if index in held else data[index])
        if not stacks or taken + more > limit or len(stacks[-1]) == MOST:
            stacks.append([])
            taken, held, more = 0, set(), each + data[index]
        stacks[-1].append(place)
        taken += more
        held.add(index)
    return stacks
