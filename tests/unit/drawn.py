"""Figures of made-up results, drawn once for all tests of a run: equal results, equal figures."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

_DRAWN: dict[str, dict[str, bytes]] = {}


def drawn_once(folder: Path, draw: Callable[[], dict[str, bytes]]) -> dict[str, bytes]:
    """Return what `draw` gives for the files below a folder; they alone decide what that is."""
    digest = sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = path.relative_to(folder)
        if name.parts[0] != "figures":
            digest.update(f"{name}\0".encode() + sha256(path.read_bytes()).digest())
    key = digest.hexdigest()
    if key not in _DRAWN:
        _DRAWN[key] = draw()
    return dict(_DRAWN[key])
