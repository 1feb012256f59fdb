"""What a user asks a draft for."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from boxloop.errors import BoxloopError

_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Request:
    """A table, a folder of images or one of light curves, and what to predict from it.

    Attributes
    ----------
    name : str
        Of the study: small letters, digits, underscores.
    tables : list of Path
        Files of one kind, or one folder; empty for images and light curves.
    images, light_curves : Path or None
        Folder with a file for each object.
    labels : Path or None
        Table that says more of each of these objects.
    target : str or None
        Column to predict; None: the study explores.
    task : str or None
        classification, regression, exploration; None: by the target.
    copy : bool
        Copy files from outside into the project.
    """

    name: str
    tables: list[Path] = field(default_factory=list)
    images: Path | None = None
    light_curves: Path | None = None
    labels: Path | None = None
    target: str | None = None
    task: str | None = None
    copy: bool = False

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise BoxloopError(
                f"NAME: expected small letters, digits and underscores, beginning with a letter; "
                f"found {self.name!r}"
            )
        given = [bool(self.tables), self.images is not None, self.light_curves is not None]
        if sum(given) != 1:
            raise BoxloopError(
                "expected one of --table FILE, --images DIR, --light-curves DIR; found "
                f"{'none of them' if not any(given) else 'several'}"
            )
        if self.labels is not None and self.tables:
            raise BoxloopError("--labels goes with --images or --light-curves; a table has its own")
        if self.task == "exploration" and self.target is not None:
            raise BoxloopError("--task exploration predicts nothing; leave --target out")
        if self.task not in (None, "exploration") and self.target is None:
            raise BoxloopError(f"--task {self.task} needs --target COLUMN, what to predict")
