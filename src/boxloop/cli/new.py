"""Write the first draft of a study, from files that nobody has described yet."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boxloop.errors import BoxloopError
from boxloop.tasks import TASKS

if TYPE_CHECKING:
    from boxloop.draft import Drafted, Request


def add_parser(commands: Any) -> None:
    """Add ``boxloop new`` to the commands."""
    new = commands.add_parser(
        "new",
        help="draft a study from a table, images or light curves",
        description="Look at files and write config/studies/NAME.yaml: what columns are, what "
        "marks missing values, what belongs together, what gives the target away, and models. "
        "The draft runs as it stands. Without --target it explores the table.",
    )
    new.add_argument("name", metavar="NAME", help="name of the study: small letters, digits, _")
    new.add_argument("--table", nargs="+", default=[], metavar="FILE", help="files, or one folder")
    new.add_argument("--images", metavar="DIR", help="folder with an image of each object")
    new.add_argument(
        "--light-curves", metavar="DIR", help="folder with a light curve of each object"
    )
    new.add_argument("--labels", metavar="FILE", help="table that goes with images or light curves")
    new.add_argument("--target", metavar="COLUMN", help="what to predict")
    new.add_argument("--task", choices=tuple(TASKS), help="the task (default: by the target)")
    new.add_argument("--copy", action="store_true", help="copy files from outside to data/own/NAME")


def run(options: argparse.Namespace) -> int:
    """Carry out ``boxloop new`` in the folder it was called in."""
    from boxloop.draft import Request

    def path(given: str | None) -> Path | None:
        return None if given is None else Path(given)

    request = Request(
        name=options.name,
        tables=[Path(t) for t in options.table],
        images=path(options.images),
        light_curves=path(options.light_curves),
        labels=path(options.labels),
        target=options.target,
        task=options.task,
        copy=options.copy,
    )
    print(new_study(request, Path()))
    return 0


def new_study(request: "Request", project: Path) -> str:
    """Draft a study, write it, and say what was noticed and what to do next.

    Parameters
    ----------
    request : Request
    project : Path
        The project's folder.

    Raises
    ------
    BoxloopError
        There is no project, the study is there already, or no draft can be made.
    """
    from boxloop import store
    from boxloop.draft import draft_study

    folder = project / "config/studies"
    path = folder / f"{request.name}.yaml"
    if not folder.is_dir():
        raise BoxloopError(
            f"{project.resolve()}: no project: there is no folder config/studies; go to one, or "
            "make one: boxloop init DIR"
        )
    if path.exists():
        raise BoxloopError(
            f"{path}: the study is there already and is not overwritten; choose another name, or "
            "remove the file"
        )
    drafted = draft_study(request, project)
    with store.writing(path) as beside:
        beside.write_text(drafted.text, encoding="utf-8")
        _verify(drafted.text, request.name)
    return _told(drafted, path)


def _verify(text: str, name: str) -> None:
    """Refuse to write a draft that is not valid: that would be a mistake of ours."""
    import tempfile

    from boxloop.study.load import load_study

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        load_study(path)


def _told(drafted: "Drafted", path: Path) -> str:
    lines = [f"wrote {path}", *(f"  {line}" for line in drafted.said)]
    lines += [
        "Next: read it, each line says why; then",
        f"  boxloop check {path}",
        f"  make run STUDY={path.stem}",
    ]
    return "\n".join(lines)
