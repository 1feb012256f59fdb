"""Open a raw file: packed or plain, and say what it is by its first bytes."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from boxloop.errors import BoxloopError

_GZIP = b"\x1f\x8b"
#: How files of each kind begin. Kinds that are readers have their names.
_BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    "fits": (b"SIMPLE  =", b"XTENSION="),
    "parquet": (b"PAR1",),
    "images": (
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"II*\x00",
        b"MM\x00*",
        b"\x93NUMPY",
    ),
    "zip archive": (b"PK\x03\x04",),
    "HDF5": (b"\x89HDF\r\n\x1a\n",),
    "bzip2 archive": (b"BZh",),
    "xz archive": (b"\xfd7zXZ\x00",),
}
#: Readers of files that have no fixed beginning.
_TEXTS = ("csv", "ecsv", "cds")
_NAMES = {"fits": "FITS", "parquet": "Parquet", "images": "image", "votable": "VOTable"}


def opened(path: Path) -> BinaryIO:
    """Open a file for reading bytes, unpacked where it begins as gzip does."""
    with reading(path):
        stream = path.open("rb")
        packed = stream.read(2) == _GZIP
        stream.seek(0)
        return cast(BinaryIO, gzip.GzipFile(fileobj=stream)) if packed else stream


def beginning(path: Path, size: int = 4096) -> bytes:
    """Return the first bytes of a file, unpacked.

    Raises
    ------
    BoxloopError
        There is no such file, it is a folder, empty, may not be read, or is packed and broken.
    """
    if path.is_dir():
        raise BoxloopError(f"{path} is a folder; expected a file (a folder: name files in it)")
    with reading(path), opened(path) as stream:
        first = stream.read(size)
    if not first:
        raise BoxloopError(f"{path} is empty (no data in it); bring it again")
    with reading(path), path.open("rb") as stream:
        packed = stream.read(2) == _GZIP
    if path.suffix == ".gz" and not packed:
        raise BoxloopError(f"{path} is not packed by gzip, as its name says; rename or replace it")
    return first


def kind_of(first: bytes) -> str | None:
    """Return what a file is by its first bytes, or None where they do not tell."""
    for kind, starts in _BEGINNINGS.items():
        if first.startswith(starts):
            return kind
    if first[257:262] == b"ustar":
        return "tar archive"
    plain = first.lstrip(b"\xef\xbb\xbf").lstrip()
    if plain.startswith(b"<") and b"VOTABLE" in first.upper():
        return "votable"
    return None


def refuse_other_kind(path: Path, reader: str) -> None:
    """Refuse a file that a reader cannot read, by its first bytes.

    Raises
    ------
    BoxloopError
        The file is none that can be read, or of another kind.
    """
    first = beginning(path)
    kind = kind_of(first)
    if kind == reader or (kind is None and reader in _TEXTS):
        return
    wanted = _NAMES.get(reader, "text" if reader in _TEXTS else reader)
    if kind is None:
        raise BoxloopError(
            f"{path} is not a {wanted} file: it begins with {first[:24]!r}; correct its reader, or "
            "replace the file"
        )
    advice = f"take reader: {kind}" if kind in _NAMES else "unpack or convert it"
    raise BoxloopError(
        f"{path} is a {_NAMES.get(kind, kind)} file; the reader {reader} reads {wanted}; {advice}"
    )


@contextmanager
def reading(path: Path, what: str = "") -> Iterator[None]:
    """Turn whatever a library raises about a broken file into an error that names the file.

    Parameters
    ----------
    path : Path
    what : str
        What the file is read as, for the message.
    """
    try:
        yield
    except (BoxloopError, MemoryError):
        raise
    except FileNotFoundError:
        raise BoxloopError(f"there is no file {path}; correct its path") from None
    except PermissionError:
        raise BoxloopError(
            f"{path}: no permission to read it; make it readable (chmod u+r)"
        ) from None
    except (EOFError, gzip.BadGzipFile) as error:
        raise BoxloopError(f"{path} is cut off or broken ({error}); bring it again") from None
    except Exception as error:  # the readers of formats raise every kind there is
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        as_what = f" as {what}" if what else ""
        raise BoxloopError(
            f"{path} cannot be read{as_what}: {reason}; bring it again, or correct its reader"
        ) from None
