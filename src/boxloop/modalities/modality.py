"""What a kind of data can do, from its files to what a model sees and a page shows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.errors import BoxloopError
from boxloop.findings import Finding
from boxloop.modalities.object_files import object_files
from boxloop.store import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.modalities.object_files import ObjectFiles

#: Reads a table whatever its format: (path, options, what) -> frame.
TableReader = Callable[..., pd.DataFrame]
#: (table, strength, *, rng) -> table; unchanged at strength 0, worse the larger it is.
Degrade = Callable[..., Table]


@dataclass(frozen=True)
class Part:
    """What was read of the objects of a sample.

    Attributes
    ----------
    kept : ndarray of bool, shape (rows,)
        The rows that have a file that could be read.
    digest : str
        SHA-256 of the files' contents.
    frame : pandas.DataFrame or None
        Columns of the rows that are kept.
    arrays : mapping of str to ndarray, shape (rows kept, ...)
    """

    kept: "NDArray[np.bool_]"
    digest: str
    frame: pd.DataFrame | None = None
    arrays: "Mapping[str, NDArray[Any]]" = field(default_factory=dict)


@dataclass(frozen=True)
class Summary:
    """A number for each object.

    Attributes
    ----------
    values : ndarray, shape (rows,)
        NaN where there is none.
    description, unit : str
    """

    values: "NDArray[np.float64]"
    description: str
    unit: str = ""


class Modality:
    """A kind of data that every object has; here, an array a row of `Table.arrays`.

    A class of one's own has `read_file`, where objects have files, and `transform`; the rest as far
    as there is something to say. Rows are objects everywhere.

    Parameters
    ----------
    name : str
        What the study calls it: an input of models, the array of the table.
    options : mapping, optional
        The study's ``columns.own.<name>.options``.
    """

    #: The part of the study about it, and what several are called, for messages.
    key, plural = "", ""

    def __init__(self, name: str, options: Mapping[str, Any] | None = None) -> None:
        self.name = name
        self.options = dict(options or {})
        self.key = self.key or f"columns.own.{name}"
        self.plural = self.plural or f"files of {name}"

    # -- from files to a table ---------------------------------------------------------------------

    def read_file(self, path: Path) -> "NDArray[Any]":
        """Return the array of one object; all of them have the same shape.

        Raises
        ------
        BoxloopError
            The file is broken. Where the study says ``missing: drop`` its object is left out.
        """
        raise BoxloopError(f"columns.own.{self.name}: {type(self).__name__} reads no files")

    def in_files(self, section: Mapping[str, Any], reader: str) -> Mapping[str, Any] | None:
        """Return the section of ``columns`` if the objects have files of their own to be read.

        Parameters
        ----------
        section : mapping
        reader : str
            Of the sample.
        """
        return section if section["path"] else None

    def files(
        self,
        frame: pd.DataFrame,
        file: "NDArray[Any]",
        row: "NDArray[Any]",
        section: Mapping[str, Any],
        *,
        folder: Path,
        id: str | list[str] | None,
    ) -> "ObjectFiles":
        """Return the files of the rows of a table (`boxloop.modalities.object_files`)."""
        return object_files(
            frame, file, row, section["path"], folder, id=id, key=f"{self.key}.path",
            drop=section["missing"] == "drop", what=self.plural,
        )  # fmt: skip

    def read(self, files: "ObjectFiles", section: Mapping[str, Any], table_of: TableReader) -> Part:
        """Read the file of every object.

        Parameters
        ----------
        files : ObjectFiles
        section : mapping
            The study's part of ``columns`` about this modality.
        table_of : callable
            Reads a table whatever its format.

        Raises
        ------
        BoxloopError
            A file is missing, broken, or of another shape than the first.
        """
        found: list[NDArray[Any]] = []
        for i, path in files.each():
            try:
                one = self._read(path)
                if found and one.shape != found[0].shape:
                    raise BoxloopError(
                        f"{path}: expected the shape of the first, {found[0].shape}; found "
                        f"{one.shape}"
                    )
            except BoxloopError as error:
                files.refuse(i, str(error))
            else:
                found.append(one)
                files.note(path.read_bytes())
        kept = files.kept()
        return Part(kept, files.digest.hexdigest(), arrays={self.name: np.stack(found)})

    def _read(self, path: Path) -> "NDArray[Any]":
        """Read a file; whatever a class of one's own raises there is said of the file."""
        try:
            one = np.asarray(self.read_file(path))
        except BoxloopError:
            raise
        except Exception as error:
            who = f"{self.key}: read_file of {type(self).__name__}"
            raise BoxloopError(f"{path}: {who}: {type(error).__name__}: {error}") from error
        if one.dtype.kind not in "biuf":
            raise BoxloopError(f"{path}: {self.key}: expected real numbers; found {one.dtype}")
        return one

    def listed(
        self,
        paths: Sequence[Path],
        names: Sequence[str],
        options: Mapping[str, Any],
        section: Mapping[str, Any] | None,
        table_of: TableReader,
    ) -> pd.DataFrame:
        """Return one row a file, of a folder in which every file is an object."""
        raise NotImplementedError

    def given(self, value: Any, rows: int, who: str) -> "pd.DataFrame | NDArray[Any]":
        """Check what a simulator or reader returned under its name.

        Returns
        -------
        DataFrame or ndarray
            Columns of the table, or an array of as many rows.
        """
        if len(value) != rows:
            raise BoxloopError(
                f"{who}: the array {self.name!r} has {len(value)} rows and the table {rows}"
            )
        return np.asarray(value)

    def carried(
        self, section: Mapping[str, Any], frames: Sequence[pd.DataFrame]
    ) -> Iterator[tuple[str, list[str]]]:
        """Yield keys of the study that carry columns of a file into the table, with the columns."""
        yield from ()

    def add(self, build: Any, section: Mapping[str, Any]) -> "dict[str, NDArray[Any]]":
        """Put it into the table that is built (`boxloop.data.standardiser`); return its arrays.

        Raises
        ------
        BoxloopError
            The sample has none of it.
        """
        if self.name not in build.raw.arrays:
            raise BoxloopError(
                f"{self.key}: the sample {build.raw.name!r} has none; expected a path, or an array "
                f"{self.name!r} from its simulator or reader"
            )
        return {self.name: np.asarray(build.raw.arrays[self.name])}

    # -- in a table --------------------------------------------------------------------------------

    def values(self, table: Table) -> "NDArray[Any]":
        """Return the array, first axis the rows of the table."""
        return table.arrays[self.name]

    def with_values(self, table: Table, values: "NDArray[Any]") -> Table:
        """Return a table with another array in the place of its own."""
        return replace(table, arrays={**table.arrays, self.name: values})

    def columns(self, table: Table) -> list[str]:
        """Return the columns of the table that belong to it; none where it is an array."""
        return []

    def check(self, table: Table, *, seed: int) -> list[Finding]:
        """Remark on values that cannot be right."""
        return []

    def summaries(self, table: Table, *, seed: int) -> dict[str, Summary]:
        """Return a few numbers for each object, which the exploration describes and compares.

        Names begin with that of the modality and a dot.
        """
        return {}

    def picture(self, table: Table, row: int) -> "NDArray[np.float64] | None":
        """Return (height, width, channels) of an object to be shown, or None."""
        return None

    @property
    def degraders(self) -> Mapping[str, Degrade]:
        """How it gets worse, by the names that studies know (`noise` and so on)."""
        return {}

    def permute(self, table: Table, order: "NDArray[np.intp]") -> Table:
        """Return the table with what row ``order[i]`` has in row i."""
        frame = table.frame.copy(deep=False)
        for name in self.columns(table):
            frame[name] = frame[name].take(order).set_axis(frame.index)
        moved = replace(table, frame=frame)
        if self.name not in table.arrays:
            return moved
        return self.with_values(moved, np.asarray(self.values(table))[order])

    # -- what a model sees -------------------------------------------------------------------------

    def recipe(self, table: Table) -> dict[str, Any]:
        """Return what is to be done to it, from what the columns are and no value."""
        return {}

    def learn(self, recipe: Mapping[str, Any], table: Table) -> dict[str, Any]:
        """Return what the fitting rows teach, inside the fold, as plain data for JSON."""
        return {}

    def transform(
        self, recipe: Mapping[str, Any], learnt: Mapping[str, Any], table: Table
    ) -> "NDArray[np.float32]":
        """Return what a model sees, float32, first axis the rows of the table, all finite."""
        raise NotImplementedError(f"{type(self).__name__} has no method transform")
