"""Clones of this repository at a commit, each with an environment of its own, for comparisons."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
#: What a make that calls make hands on: the other makefile must not see it.
OF_MAKE = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "NAME", "ARGS", "STUDY", "CORES")


@dataclass(frozen=True)
class Clone:
    """A clone at one commit, set up.

    Attributes
    ----------
    commit : str
        The whole hash.
    folder : Path
    """

    commit: str
    folder: Path

    def make(self, *arguments: str, log: Path | None = None) -> None:
        """Run make there; what it writes goes to a file.

        Parameters
        ----------
        *arguments : str
            Of make.
        log : Path, optional
            Absent: what is written is kept for the message, should it fail.
        """
        done = subprocess.run(
            ["make", *arguments],
            cwd=self.folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        if log:
            log.write_text(done.stdout)
        if done.returncode:
            last = "\n".join(done.stdout.splitlines()[-30:])
            where = f"; all of it is in {log}" if log else ""
            sys.exit(f"{last}\nmake {' '.join(arguments)} failed in {self.folder}{where}")


def environment() -> dict[str, str]:
    """Return the variables of this process without those that make hands on."""
    return {name: value for name, value in os.environ.items() if name not in OF_MAKE}


def whole_hash(commit: str) -> str:
    """Return the whole hash of a commit of this repository, or end with a message."""
    done = git(REPOSITORY, "rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}", check=False)
    if done.returncode:
        sys.exit(f"{commit}: expected a commit of this repository; git knows none of that name")
    return done.stdout.strip()


def clone_at(commit: str, folder: Path) -> Clone:
    """Clone this repository at a commit, or take the clone that a folder holds; set it up.

    Parameters
    ----------
    commit : str
        Anything that git takes for a commit; HEAD means what is committed here.
    folder : Path
        Made where it is not there yet. A clone that is there is taken to the commit; its results
        stay, so that Snakemake computes only what differs.
    """
    wanted = whole_hash(commit)
    folder = folder.resolve()
    if folder == REPOSITORY:
        sys.exit(f"{folder}: expected a folder for a clone; found the repository itself")
    if not folder.exists():
        git(REPOSITORY, "clone", "--quiet", "--no-checkout", str(REPOSITORY), str(folder))
    elif git(folder, "rev-parse", "--show-toplevel", check=False).stdout.strip() != str(folder):
        sys.exit(f"{folder}: expected a clone of this repository, or nothing")
    if git(folder, "cat-file", "-e", wanted, check=False).returncode:
        git(folder, "fetch", "--quiet", str(REPOSITORY), wanted)
    git(folder, "checkout", "--quiet", "--detach", wanted)
    clone = Clone(wanted, folder)
    clone.make("setup")
    return clone


def git(folder: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run git in a folder; where it fails, end with what it says."""
    done = subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    if check and done.returncode:
        sys.exit(f"git {' '.join(arguments)} in {folder}: {done.stderr.strip()}")
    return done
