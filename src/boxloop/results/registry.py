"""The JSON files of results/<study>/, a line each: docs/outputs.md and the schema follow."""

from dataclasses import dataclass


@dataclass(frozen=True)
class File:
    """A file of results.

    Attributes
    ----------
    path : str
        Relative to results/<study>/; parts in angle brackets stand for names.
    record : str
        ``module:Class`` of its record, or of one entry where the file is a list or goes by name.
    """

    path: str
    record: str


FILES: tuple[File, ...] = ()
