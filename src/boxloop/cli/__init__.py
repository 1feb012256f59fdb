"""The command ``boxloop``: check a study before anything runs, keep generated pages in step.

Only what a command needs is imported, so that ``boxloop check`` answers at once.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from boxloop import __version__
from boxloop.errors import BoxloopError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 0, or 2 where the user has something to mend."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "check":
            return _check([Path(f) for f in options.files])
        return _docs(Path(options.root), options.check)
    except BoxloopError as error:
        print(error, file=sys.stderr)
        return 2


def _check(files: Sequence[Path]) -> int:
    from boxloop.cli.check import check_study

    # A user's own module may import Keras, which else talks about the machine.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    faulty = 0
    for file in files:
        try:
            print(check_study(file))
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
        description="Check study files and keep the generated documentation in step. "
        "Running a study is Snakemake's part: make run STUDY=name.",
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
    check.add_argument("files", nargs="+", metavar="FILE", help="a study file (.yaml)")
    docs = commands.add_parser(
        "docs",
        help="write docs/study.md and the JSON schema of the study file anew",
        description="Write workflow/schemas/study.schema.json and docs/study.md from the code.",
    )
    docs.add_argument("--check", action="store_true", help="only say which of them is out of step")
    docs.add_argument("--root", default=".", help="the folder of the project (default: this one)")
    return parser
