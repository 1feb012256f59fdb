"""The command ``boxloop``: begin a project, draft a study, check and run it.

Only what a command needs is imported, so that ``boxloop check`` answers at once.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from boxloop import __version__
from boxloop.cli import answer, new, run
from boxloop.errors import BoxloopError
from boxloop.messages import MARK


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 0, or 2 where the user has something to mend."""
    parser = _parser()
    options, further = parser.parse_known_args(arguments)
    if further and options.command != "run":
        parser.error(f"unrecognized arguments: {' '.join(further)}")
    try:
        if options.command == "run":
            return run.run(options, further)
        if options.command == "check":
            return _check([Path(f) for f in options.files], options.cores)
        if options.command == "new":
            return new.run(options)
        if options.command == "answer":
            return _answer(options)
        if options.command == "init":
            return _init(options)
        if options.command == "status":
            return _status(options.study)
        if options.command == "recover":
            return _recover(options)
        if options.command == "upgrade":
            return _upgrade([Path(f) for f in options.files], options.check)
        return _docs(Path(options.root), options.check)
    except BoxloopError as error:
        print(error, file=sys.stderr)
        return 2


def _check(files: Sequence[Path], cores: int | None) -> int:
    from boxloop.cli.check import check_study
    from boxloop.cli.project_study import default_file, named_file

    # A user's own module may import Keras, which else talks about the machine.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    named = [f if f.suffix else named_file(Path(), str(f)) for f in files]
    return _each(named or [default_file(Path())], lambda file: check_study(file, cores))


def _answer(options: argparse.Namespace) -> int:
    try:
        return answer.run(options)
    except (KeyboardInterrupt, EOFError):
        print("\nnothing more is written", file=sys.stderr)
        return 2


def _init(options: argparse.Namespace) -> int:
    from boxloop.cli.init import init

    print(init(Path(options.folder), options.name))
    return 0


def _status(study: str | None) -> int:
    from boxloop.cli.project_study import default_file, named_file
    from boxloop.cli.status import status

    path = default_file(Path()) if study is None else named_file(Path(), study)
    print(status(path, path.resolve().parents[2]))
    return 0


def _recover(options: argparse.Namespace) -> int:
    if not options.check:
        from boxloop import slurm

        slurm.recover(Path.cwd(), elsewhere=options.elsewhere)
        return 0
    from boxloop.cli.held import held

    said = held(Path.cwd())
    for line in said:
        print(MARK + line, file=sys.stderr)
    return 2 if said else 0


def _upgrade(files: Sequence[Path], check: bool) -> int:
    from boxloop.cli.upgrade import upgrade

    return _each(files, lambda file: upgrade(file, check=check))


def _each(files: Sequence[Path], said: Callable[[Path], str]) -> int:
    """Print what is said of each file; one that is faulty does not keep the others from it."""
    faulty = 0
    for file in files:
        try:
            print(said(file))
        except BoxloopError as error:
            faulty += 1
            print(error, file=sys.stderr)
    return 2 if faulty else 0


def _docs(root: Path, check: bool) -> int:
    from boxloop.cli.docs import drifted, write

    if not check:
        print("\n".join(f"wrote {path}" for path in write(root)))
        return 0
    stale = drifted(root)
    for path in stale:
        print(f"{path}: not what the code says; run: boxloop docs", file=sys.stderr)
    return 2 if stale else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="boxloop",
        description="Begin a project, draft studies, check them, run them.",
    )
    parser.add_argument("--version", action="version", version=f"boxloop {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    check = commands.add_parser(
        "check",
        help="name everything that is wrong with study files",
        description="Check study files: names, types, models, your own functions, sources and "
        "citations. Everything that is wrong is said at once, with its line; then the exit code "
        "is 2.",
    )
    check.add_argument(
        "files",
        nargs="*",
        metavar="STUDY",
        help="its name, or its file (.yaml); default: the study that config.yaml names",
    )
    check.add_argument("--cores", type=int, metavar="N", help="cores to estimate the time for")
    new.add_parser(commands)
    run.add_parser(commands)
    answer.add_parser(commands)
    init = commands.add_parser(
        "init",
        help="begin a project of your own, outside any clone",
        description="Write Snakefile, Makefile, config/ and profiles/ of a new project, which runs "
        "with the boxloop installed here. Nothing that is there is overwritten.",
    )
    init.add_argument("folder", metavar="DIR", help="the project's folder")
    init.add_argument("--name", metavar="NAME", help="the project's name (default: the folder's)")
    status = commands.add_parser(
        "status",
        help="say how far a study is, while it runs in another shell",
        description="Say which stages of a study are done, how far the search of each model is, "
        "its best score, how long the rest of the search will take, who runs it and, on a cluster, "
        "which jobs wait in the queue and why.",
    )
    status.add_argument(
        "study",
        nargs="?",
        metavar="STUDY",
        help="its name, or its file; default: the study that config.yaml names",
    )
    recover = commands.add_parser(
        "recover",
        help="free the folder after a run was killed",
        description="Cancel the jobs that a killed run of this folder has left in a cluster's "
        "queue, wait until they are gone, and take Snakemake's lock away. make recover then runs "
        "its STUDY= again, with PROFILE=. A run that lives is left alone, and named.",
    )
    recover.add_argument("--check", action="store_true", help="only say who holds the folder")
    recover.add_argument(
        "--elsewhere",
        action="store_true",
        help="a run that was begun on another machine is dead, too",
    )
    upgrade = commands.add_parser(
        "upgrade",
        help="bring study files of an older version to the present one",
        description="Upgrade study files in place, show the difference, and keep each file as it "
        "was in FILE.v1. The study means what it meant; comments and layout stay.",
    )
    upgrade.add_argument("files", nargs="+", metavar="FILE", help="a study file (.yaml)")
    upgrade.add_argument("--check", action="store_true", help="only show what would change")
    docs = commands.add_parser(
        "docs",
        help="write docs/study.md and the JSON schema of the study file anew",
        description="Write workflow/schemas/study.schema.json and docs/study.md from the code.",
    )
    docs.add_argument("--check", action="store_true", help="only say which of them is out of step")
    docs.add_argument("--root", default=".", help="the folder of the project (default: this one)")
    return parser
