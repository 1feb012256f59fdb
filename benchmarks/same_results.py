"""Whether what is committed here gives the same results as another commit, byte by byte.

For refactoring and for making things faster. Clones the repository at COMMIT and at HEAD, each with
an environment of its own (`make setup`: the lock files may differ), runs studies in both and
compares their numbers: metrics and everything else of evaluate, predictions, the search, splits and
folds, explorations, what the figures show, ledgers. Ends with 1 where anything differs that
`MAY_DIFFER` does not name, and says where first and by how much.

    make benchmark NAME=same_results ARGS="COMMIT"                    four studies
    make benchmark NAME=same_results ARGS="COMMIT photoz_demo"        some
    make benchmark NAME=same_results ARGS="COMMIT --before /tmp/old --after /tmp/new"

`--before` and `--after` name folders in which the clones are kept (made where they are not there
yet): the next comparison takes the old results as they are, and in the new clone Snakemake computes
only what the code changed since. `--cores` then has to be what it was: sums over several threads
differ in their last digit. Studies of real data need BOXLOOP_MIRROR or the network. Ledgers
are written in the clones, never here.
"""

import argparse
import sys
import tempfile
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

from clones import REPOSITORY, Clone, clone_at, git
from differences import Difference, differences

STUDIES = ("photoz_demo", "photoz", "star_galaxy_qso", "stellar_mass")
#: What is compared of results/<study>; what a pattern finds on one side only is a difference.
FILES = (
    "data/summary.json",
    "explore/*.json",
    "prepare/*.parquet",
    "prepare/*.json",
    "search/selected.json",
    "search/*.parquet",
    "search/probes/*.json",
    "evaluate/*.parquet",
    "evaluate/*.json",
    "apply/*.json",
    "apply/predictions.parquet",
    "ethics/checklist.json",
    "figures/*.csv",
)
LEDGER = "config/studies/{study}.ledger.jsonl"

Verdict = Literal["same", "same content", "may differ", "differs"]


@dataclass(frozen=True)
class Allowance:
    """A difference that is no fault.

    Attributes
    ----------
    file, place : str
        Patterns of the file's name and of the key or column.
    reason : str
    """

    file: str
    place: str
    reason: str

    def covers(self, file: str, place: str) -> bool:
        """Return whether a difference at a place of a file is meant."""
        return fnmatchcase(file, self.file) and fnmatchcase(place, self.place)


TIME = "the time of the opening, where this run is the first to open the test set so"
MAY_DIFFER = (
    Allowance("search/trials.parquet", "seconds", "how long the trial took"),
    Allowance("*.ledger.jsonl", "*.opened", TIME),
    Allowance("*.ledger.jsonl", "*.closed", TIME),
    Allowance("evaluate/details.json", "openings.*.opened", TIME),
    Allowance("evaluate/details.json", "openings.*.closed", TIME),
    Allowance("*.parquet", "metadata.pandas.*version", "which pandas and pyarrow wrote the table"),
    # Once: remove these two when the commit that is compared with has t-SNE.
    Allowance("explore/embedding.json", "*", "t-SNE instead of UMAP (decision 0030)"),
    Allowance("figures/embedding.csv", "*", "t-SNE instead of UMAP (decision 0030)"),
)


@dataclass(frozen=True)
class Compared:
    """What the comparison of one file found.

    Attributes
    ----------
    study, file : str
    verdict : {"same", "same content", "may differ", "differs"}
        ``same``: byte by byte. ``same content``: a table whose values, columns and metadata are the
        same to the bit, written as other bytes. ``may differ``: only where `MAY_DIFFER` says so.
    differences : tuple of Difference
        Those that decide: where nothing differs that must not, those that may.
    reason : str
        Why it may differ.
    """

    study: str
    file: str
    verdict: Verdict
    differences: tuple[Difference, ...] = ()
    reason: str = ""


def main() -> None:
    """Run the studies in both clones, print what was found, end with 1 where anything differs."""
    told = arguments()
    if git(REPOSITORY, "status", "--porcelain", "--untracked-files=no").stdout:
        print("same_results: changes that are not committed are not compared", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        before = clone_at(told.commit, told.before or Path(scratch) / "before")
        after = clone_at("HEAD", told.after or Path(scratch) / "after")
        found: list[Compared] = []
        for study in told.studies:
            for clone in (before, after):
                run_study(clone, study, told.cores)
            found += compare(study, before.folder, after.folder)
    print(table(found, before.commit, after.commit))
    sys.exit(any(one.verdict == "differs" for one in found))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="same_results", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("commit", help="what HEAD is compared with")
    parser.add_argument("studies", nargs="*", default=STUDIES, help=f"absent: {', '.join(STUDIES)}")
    parser.add_argument("--before", type=Path, metavar="FOLDER", help="keep COMMIT's clone there")
    parser.add_argument("--after", type=Path, metavar="FOLDER", help="keep HEAD's clone there")
    parser.add_argument("--cores", default="", help="of each run; absent: all")
    return parser.parse_args()


def run_study(clone: Clone, study: str, cores: str) -> None:
    """Run a study in a clone, where its results are not up to date there already."""
    print(f"same_results: {study} at {clone.commit[:10]} ...", flush=True)
    log = clone.folder / f"same_results-{study}.log"
    clone.make("run", f"STUDY={study}", f"CORES={cores}", log=log)


def compare(study: str, before: Path, after: Path) -> list[Compared]:
    """Compare all files of a study in two projects.

    Parameters
    ----------
    study : str
    before, after : Path
        Folders that hold ``results/<study>`` and ``config/studies``.
    """
    places = [LEDGER.format(study=study), *(f"results/{study}/{pattern}" for pattern in FILES)]
    names = {
        str(path.relative_to(folder))
        for folder in (before, after)
        for pattern in places
        for path in folder.glob(pattern)
    }
    if not any(name.startswith("results/") for name in names):
        sys.exit(f"{study}: neither clone has results that could be compared")
    return [compared(study, name, before / name, after / name) for name in sorted(names)]


def compared(study: str, name: str, before: Path, after: Path) -> Compared:
    """Compare one file; `name` is its path in the project."""
    file = name.removeprefix(f"results/{study}/")
    there = [path.is_file() for path in (before, after)]
    if not all(there):
        words = ("there" if one else "not there" for one in there)
        found = [Difference("the file", *words)]
    elif before.read_bytes() == after.read_bytes():
        return Compared(study, file, "same")
    else:
        found = differences(before, after)
    return judged(study, file, found) if found else Compared(study, file, "same content")


def judged(study: str, file: str, found: list[Difference]) -> Compared:
    """Say whether all the differences of a file are meant."""
    reasons = {
        one: next((a.reason for a in MAY_DIFFER if a.covers(file, one.place)), "") for one in found
    }
    meant = list(dict.fromkeys(reason for reason in reasons.values() if reason))
    wrong = tuple(one for one, reason in reasons.items() if not reason)
    if wrong:
        return Compared(study, file, "differs", wrong)
    return Compared(study, file, "may differ", tuple(found), "; ".join(meant))


def table(found: list[Compared], before: str, after: str) -> str:
    """Return what was found as text: the differences, then a line for every study."""
    lines = [""]
    for one in found:
        if one.verdict == "same":
            continue
        lines.append(
            f"{one.study}/{one.file}: {one.verdict}{f' ({one.reason})' if one.reason else ''}"
        )
        shown = one.differences[: 1 if one.verdict == "may differ" else 5]
        lines += [f"    {difference}" for difference in shown]
        left = len(one.differences) - len(shown)
        lines += [f"    ... and {left} more places"] if left else []
    verdicts: tuple[Verdict, ...] = ("same", "same content", "may differ", "differs")
    lines += [
        "",
        f"{before[:10]} → {after[:10]}",
        f"{'study':<20}" + "".join(f"{v:>14}" for v in verdicts),
    ]
    for study in dict.fromkeys(one.study for one in found):
        counts = [sum(o.study == study and o.verdict == v for o in found) for v in verdicts]
        lines.append(f"{study:<20}" + "".join(f"{count:>14}" for count in counts))
    return "\n".join(lines)


if __name__ == "__main__":
    main()
