"""The files of a sample: of a source, a file of one's own, or a folder of them."""

import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boxloop import store
from boxloop.data.byte_tables import is_readme
from boxloop.data.formats import reader_of
from boxloop.errors import BoxloopError, listed

if TYPE_CHECKING:
    from boxloop.results.data import FetchedFile, SampleFile
    from boxloop.study.frozen import FrozenOrigin


@dataclass(frozen=True)
class SampleFiles:
    """The files that a sample is read from.

    Attributes
    ----------
    folder : Path
        What patterns of images and light curves are counted from.
    files : list of dict
        ``path`` (relative to the folder; a single file as the study names it), ``bytes``,
        ``sha256``.
    paths : list of Path
    identity : list of str
        What the data are known by, whatever machine holds them.
    origin : str
    frozen : dict or None
        Facts about the answer of a service.
    """

    folder: Path
    files: "list[SampleFile]"
    paths: list[Path]
    identity: list[str]
    origin: str
    frozen: "FrozenOrigin | None" = None


def files_of_sample(
    sample: Mapping[str, Any], raw: Path, part: tuple[int, int] = (0, 1)
) -> SampleFiles:
    """Return the files of a sample, verified by their checksums, in the order of their paths.

    Parameters
    ----------
    sample : mapping
        The study's section ``samples.<name>``, with a source or a path.
    raw : Path
        The manifest of the source, or the user's own file or folder.
    part : (int, int)
        Which part of how many is wanted.

    Raises
    ------
    BoxloopError
        A file is missing or not the file it was, none fits the pattern, or there are more parts
        than files.
    """
    if sample["source"]:
        files = files_of_source(raw, sample["files"], part)
        return SampleFiles(
            folder=raw.parent,
            files=files,
            paths=[raw.parent / f["path"] for f in files],
            identity=[f.get("content_sha256", f["sha256"]) for f in files],
            origin=sample["source"],
            frozen=store.read_json(raw).get("frozen"),
        )
    if raw.is_dir():
        files = files_of_part(_own_folder(raw, sample), part)
        paths = [raw / f["path"] for f in files]
        identity = [sample["sha256"], sample["files"]]
        return SampleFiles(raw, files, paths, identity, sample["path"])
    (file,) = files_of_part([_own_file(raw, sample)], part)
    return SampleFiles(raw.parent, [file], [raw], [file["sha256"]], sample["path"])


def files_of_part(files: "Sequence[SampleFile]", part: tuple[int, int]) -> "list[SampleFile]":
    """Return the files of one part of a sample, and those that describe all files.

    Parameters
    ----------
    files : list of dict
        ``path``, in their order.
    part : (int, int)
        Number of the part, counted from 0, and of all parts.
    """
    number, parts = part
    if parts == 1:
        return list(files)
    data = [f for f in files if not is_readme(Path(f["path"]))]
    if parts > len(data):
        raise BoxloopError(
            f"samples.target.parts: a part is some of the sample's files; expected at most "
            f"{len(data)}, as many as there are; found {parts}; lower it, or cut the files"
        )
    bounds = [len(data) * i // parts for i in range(parts + 1)]
    own = data[bounds[number] : bounds[number + 1]]
    return [f for f in files if f in own or f not in data]


def files_of_source(
    manifest: Path, pattern: str = "*", part: tuple[int, int] = (0, 1)
) -> "list[SampleFile]":
    """Return the files of a manifest whose path fits a shell pattern, checked against it."""
    known: list[FetchedFile] = store.read_json(manifest)["files"]
    chosen = [f for f in known if fnmatch.fnmatchcase(f["path"], pattern)]
    if not chosen:
        raise BoxloopError(
            f"{manifest.parent.name}: no file fits {pattern!r}; the source has "
            f"{listed(f['path'] for f in known)}"
        )
    own = files_of_part(chosen, part)
    for file in own:
        path = manifest.parent / file["path"]
        if not path.is_file() or store.sha256(path) != file["sha256"]:
            state = "is not the file that was fetched" if path.is_file() else "is missing"
            raise BoxloopError(
                f"{path} {state}; raw data are never edited: delete {manifest} and run again"
            )
    return [_without_address(f) for f in own]


def reader_of_files(paths: list[Path]) -> str:
    """Return the one reader that files need.

    Raises
    ------
    BoxloopError
        They are of several kinds, a ReadMe aside.
    """
    kinds: dict[str, Path] = {}
    for path in without_readme(paths):
        kinds.setdefault(reader_of(path), path)
    if len(kinds) > 1:
        told = ", ".join(f"{reader} ({path.name})" for reader, path in kinds.items())
        raise BoxloopError(
            f"the sample has files of several kinds: {told}; say which are meant by files:"
        )
    return next(iter(kinds))


def without_readme(paths: list[Path]) -> list[Path]:
    """Return files without those that only describe others, where there are others."""
    return [p for p in paths if not is_readme(p)] or paths


def _without_address(file: "SampleFile") -> "SampleFile":
    found: SampleFile = {"path": file["path"], "bytes": file["bytes"], "sha256": file["sha256"]}
    if "content_sha256" in file:
        found["content_sha256"] = file["content_sha256"]
    return found


def _own_folder(folder: Path, sample: Mapping[str, Any]) -> "list[SampleFile]":
    sums = store.sha256_files(folder)
    found = store.sha256_of(sums)
    if found != sample["sha256"]:
        raise BoxloopError(
            f"{folder} is not the folder of the study: expected sha256 {sample['sha256']}, found "
            f"{found} ({len(sums)} files); restore the files, or write the new checksum into the "
            "study"
        )
    pattern = sample["files"]
    chosen = {path: sha256 for path, sha256 in sums.items() if store.fits_pattern(path, pattern)}
    if not chosen:
        raise BoxloopError(
            f"{folder}: no file fits {pattern!r}; the folder has {listed(sums)}; correct files: of "
            "the sample"
        )
    return [
        {"path": path, "bytes": (folder / path).stat().st_size, "sha256": sha256}
        for path, sha256 in chosen.items()
    ]


def _own_file(path: Path, sample: Mapping[str, Any]) -> "SampleFile":
    if not path.is_file():
        raise BoxloopError(f"there is no file {path}; correct path: of the sample")
    found = store.sha256(path)
    if found != sample["sha256"]:
        raise BoxloopError(
            f"{path} is not the file of the study: expected sha256 {sample['sha256']}, found "
            f"{found}; restore the file, or write the new checksum into the study"
        )
    return {"path": str(sample["path"]), "bytes": path.stat().st_size, "sha256": found}
