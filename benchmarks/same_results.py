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
only what the code changed since. Studies of real data need BOXLOOP_MIRROR or the network. Ledgers
are written in the clones, never here.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from clones import REPOSITORY, Clone, clone_at, git

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
class Difference:
    """Two values at one place of a file.

    Attributes
    ----------
    place : str
        Keys of JSON joined by points, or the column of a table.
    before, after : str
        The values, as text.
    row : int, optional
        First row of the column that differs.
    count : int
        How many values differ there.
    largest : float, optional
        Largest absolute difference of numbers there.
    """

    place: str
    before: str
    after: str
    row: int | None = None
    count: int = 1
    largest: float | None = None

    def __str__(self) -> str:
        row = f", row {self.row}" if self.row is not None else ""
        count = f" and {self.count - 1} more" if self.count > 1 else ""
        largest = f"; at most by {self.largest:.3g}" if self.largest is not None else ""
        return f"{self.place}{row}: {self.before} → {self.after}{count}{largest}"


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
    differences: tuple[Difference, ...] = field(default=())
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
        differences = [Difference("the file", *words)]
    elif before.read_bytes() == after.read_bytes():
        return Compared(study, file, "same")
    elif file.endswith(".parquet"):
        differences = list(differences_of_tables(pq.read_table(before), pq.read_table(after)))
        if not differences:
            return Compared(study, file, "same content")
    elif file.endswith((".json", ".jsonl")):
        differences = list(differences_of_values(values_of(before), values_of(after)))
    else:
        differences = [difference_of_lines(before, after)]
    return judged(
        study, file, differences or [Difference("the text", "other bytes", "same values")]
    )


def judged(study: str, file: str, differences: list[Difference]) -> Compared:
    """Say whether all the differences of a file are meant."""
    reasons = {
        one: next((a.reason for a in MAY_DIFFER if a.covers(file, one.place)), "")
        for one in differences
    }
    meant = list(dict.fromkeys(reason for reason in reasons.values() if reason))
    wrong = tuple(one for one, reason in reasons.items() if not reason)
    if wrong:
        return Compared(study, file, "differs", wrong)
    return Compared(study, file, "may differ", tuple(differences), "; ".join(meant))


def values_of(path: Path) -> Any:
    """Read a file of JSON, or of a line of JSON each."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in text.splitlines()]
    return json.loads(text)


def differences_of_values(before: Any, after: Any, place: str = "") -> Iterator[Difference]:
    """Go through two values of JSON side by side, in their order."""
    if isinstance(before, dict) and isinstance(after, dict):
        pairs = [
            (key, before.get(key, _NONE), after.get(key, _NONE)) for key in {**before, **after}
        ]
    elif isinstance(before, list) and isinstance(after, list):
        longest = range(max(len(before), len(after)))
        pairs = [
            (str(i), *(v[i] if i < len(v) else _NONE for v in (before, after))) for i in longest
        ]
    else:
        if repr(before) != repr(after):  # NaN is itself, 1 is neither 1.0 nor true
            yield Difference(
                place or "the value", said(before), said(after), None, 1, gap(before, after)
            )
        return
    for key, one, other in pairs:
        yield from differences_of_values(one, other, f"{place}.{key}" if place else str(key))


#: What stands where a key or an element is missing.
_NONE = object()


def said(value: Any) -> str:
    """Return a value as text that fits a line."""
    if value is _NONE:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 40 else f"{text[:37]}..."


def gap(before: Any, after: Any) -> float | None:
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in (before, after))
    return abs(after - before) if numbers else None


def differences_of_tables(before: pa.Table, after: pa.Table) -> Iterator[Difference]:
    """Compare two tables: columns, their types and metadata, rows, then values to the bit."""
    if before.num_rows != after.num_rows:
        yield Difference("rows", str(before.num_rows), str(after.num_rows))
    for name in dict.fromkeys([*before.column_names, *after.column_names]):
        kinds = [
            str(t.schema.field(name).type) if name in t.column_names else "nothing"
            for t in (before, after)
        ]
        if kinds[0] != kinds[1]:
            yield Difference(name, *kinds)
        elif before.num_rows == after.num_rows:
            yield from differences_of_columns(name, before[name], after[name])
    if not before.schema.equals(after.schema, check_metadata=True):
        if before.column_names != after.column_names:
            yield Difference("order of columns", *(said(t.column_names) for t in (before, after)))
        yield from differences_of_metadata(before.schema, after.schema)


def differences_of_columns(
    name: str, before: pa.ChunkedArray, after: pa.ChunkedArray
) -> Iterator[Difference]:
    """Compare the values of a column; numbers by their bits: NaN is itself, and −0 is not 0."""
    if pa.types.is_floating(before.type):
        one, other = (column.to_numpy() for column in (before, after))
        bits = f"u{one.dtype.itemsize}"
        unlike = (one.view(bits) != other.view(bits)) & ~(np.isnan(one) & np.isnan(other))
        unlike |= before.is_null().to_numpy() != after.is_null().to_numpy()
        largest = (
            float(np.nanmax(np.abs(other - one)[unlike], initial=0.0)) if unlike.any() else None
        )
    elif pa.types.is_nested(before.type):
        pairs = zip(before.to_pylist(), after.to_pylist(), strict=True)
        unlike, largest = np.array([repr(a) != repr(b) for a, b in pairs], bool), None
    else:
        equal = pc.fill_null(pc.equal(before, after), False)
        nothing = pc.and_(before.is_null(), after.is_null())
        unlike, largest = ~pc.or_(equal, nothing).to_numpy(), None
    rows = np.flatnonzero(unlike)
    if len(rows):
        row = int(rows[0])
        values = (said(column[row].as_py()) for column in (before, after))
        yield Difference(name, *values, row, len(rows), largest)


def differences_of_metadata(before: pa.Schema, after: pa.Schema) -> Iterator[Difference]:
    """Compare what a table's file says about the table and its columns."""
    pairs = [("metadata", before.metadata, after.metadata)]
    pairs += [
        (f"metadata of {name}", before.field(name).metadata, after.field(name).metadata)
        for name in before.names
        if name in after.names
    ]
    for place, *both in pairs:
        one, other = ({k.decode(): text_or_json(v) for k, v in (m or {}).items()} for m in both)
        yield from differences_of_values(one, other, place)


def text_or_json(value: bytes) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value.decode(errors="replace")


def difference_of_lines(before: Path, after: Path) -> Difference:
    """Return the first lines of two texts that differ."""
    one, other = (path.read_text(encoding="utf-8").splitlines() for path in (before, after))
    longest = max(len(one), len(other))
    padded = ([*lines, *["nothing"] * (longest - len(lines))] for lines in (one, other))
    unlike = [(i, *pair) for i, pair in enumerate(zip(*padded, strict=True)) if pair[0] != pair[1]]
    if not unlike:
        return Difference("the text", "other bytes", "same lines")
    line, *values = unlike[0]
    return Difference("the text", *map(said, values), line, len(unlike))


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
