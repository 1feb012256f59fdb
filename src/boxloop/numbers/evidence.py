"""What a report is written from: the results of the stages, each with the file it was read from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from boxloop.errors import BoxloopError, listed, suggest
from boxloop.store import read_json

#: Figures of data, search and results in the order in which a report shows them; those of analyses
#: stand in their sections.
FIGURES = (
    "features",
    "missing",
    "missing_patterns",
    "target",
    "sky",
    "relations",
    "correlation",
    "embedding",
    "search",
    "capacity",
    "history",
    "comparison",
    "prediction",
    "confusion",
    "tree_depth_3",
    "tree_depth_8",
)


@dataclass(frozen=True)
class Figure:
    """A figure that was drawn before.

    Attributes
    ----------
    name, title, caption, width, provenance : str
    source : tuple of str
    svg : str
        The drawing, for a page; empty where only its name is needed.
    """

    name: str
    title: str
    caption: str
    width: str
    provenance: str
    source: tuple[str, ...] = ()
    svg: str = ""


@dataclass(frozen=True)
class Evidence:
    """Everything a report may say.

    Attributes
    ----------
    study : mapping
        The study file, validated, with its defaults.
    contents : mapping of str to Any
        JSON contents by short name: summary, explore, training, selected, metrics, details,
        apply, checklist, run.
    files : mapping of str to str
        The file each was read from.
    figures : mapping of str to Figure
    """

    study: Mapping[str, Any]
    contents: Mapping[str, Any]
    files: Mapping[str, str]
    figures: Mapping[str, Figure] = field(default_factory=dict)

    @classmethod
    def read(
        cls, study: Mapping[str, Any], files: Mapping[str, str], figures: str | Path, *, svg: bool
    ) -> "Evidence":
        """Read the JSON files among `files`, and the figures of a folder."""
        kept = {n: str(p) for n, p in files.items() if str(p).endswith(".json")}
        return cls(
            study, {n: read_json(p) for n, p in kept.items()}, kept, _figures(Path(figures), svg)
        )

    def at(self, source: str, key: str) -> Any:
        """Return what stands under a dotted key of a source; see `lookup`."""
        return lookup(self.contents[source], key, self.files[source])


def lookup(content: Any, key: str, file: str = "") -> Any:
    """Return the value under a dotted key.

    Parameters
    ----------
    content : Any
        Nested mappings and lists.
    key : str
        ``models.forest.test.nmad.value``; a list is entered by index; ``|count`` at the end gives
        the length of what stands there.

    Raises
    ------
    BoxloopError
        There is no such key.
    """
    path = key.removesuffix("|count")
    if path != key and not _has(content, key):
        return len(_descend(content, path.split("."), key, file))
    return _descend(content, key.split(".") if key else [], key, file)


def _has(content: Any, key: str) -> bool:
    """Whether a key stands there as it is: a class may itself be called ``x|count``."""
    try:
        _descend(content, key.split("."), key, "")
    except BoxloopError:
        return False
    return True


def _descend(content: Any, parts: list[str], key: str, file: str) -> Any:
    if not parts:
        return content
    if isinstance(content, list) and parts[0].isdigit() and int(parts[0]) < len(content):
        return _descend(content[int(parts[0])], parts[1:], key, file)
    if isinstance(content, Mapping):
        # A name may itself have dots, so the longest one that fits is taken.
        for n in range(len(parts), 0, -1):
            name = ".".join(parts[:n])
            if name in content:
                return _descend(content[name], parts[n:], key, file)
    known = content if isinstance(content, Mapping) else []
    raise BoxloopError(
        f"{file}: expected the key {key!r}; at {parts[0]!r} found {listed(known) or 'nothing'}"
        f"{suggest(parts[0], known)}; delete the file and run again"
    )


def _figures(folder: Path, svg: bool) -> dict[str, Figure]:
    found = {p.stem: p for p in folder.glob("*.json")}
    order = [n for n in FIGURES if n in found] + sorted(set(found) - set(FIGURES))
    figures = {}
    for name in order:
        about = read_json(found[name])
        drawing = found[name].with_suffix(".svg").read_text(encoding="utf-8") if svg else ""
        figures[name] = Figure(
            name,
            about["title"],
            about["caption"],
            about["width"],
            about["provenance"],
            tuple(about["source"]),
            drawing,
        )
    return figures
