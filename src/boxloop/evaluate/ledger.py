"""The ledger: every opening of the sealed test set is written down before a label is read."""

import fcntl
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boxloop.errors import BoxloopError
from boxloop.store import writing

if TYPE_CHECKING:
    from boxloop.results.details import Opening as Entry


def opening_key(data_hash: str, test_ids: Iterable[str], scientific: str = "") -> str:
    """Return the key of an opening: the data, the split, and what the study asks of them.

    Without the last it is the name of the test set, whoever opens it.
    """
    digest = hashlib.sha256(f"{data_hash}\n{scientific}\n".encode())
    for name in sorted(str(i) for i in test_ids):
        digest.update(name.encode() + b"\n")
    return digest.hexdigest()[:16]


def openings_of(path: Path, test_set: str) -> list["Entry"]:
    """Return the entries about one test set in all ledgers of a folder, oldest first.

    Variants of a study open the same test set; each counts.

    Parameters
    ----------
    path : Path
        One of the ledgers.
    test_set : str
        `opening_key` of data and test objects alone.
    """
    found: list[Entry] = [
        {"study": ledger.name.removesuffix(".ledger.jsonl"), **entry}
        for ledger in sorted(path.parent.glob("*.ledger.jsonl"))
        for entry in read_ledger(ledger)
        if entry.get("test_set") == test_set
    ]
    return sorted(found, key=lambda entry: str(entry["opened"]))


def read_ledger(path: str | Path) -> list["Entry"]:
    """Return the entries of a ledger, oldest first; none where there is no ledger yet."""
    path = Path(path)
    if not path.is_file():
        return []
    entries = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            entries.append(json.loads(line))
        except json.JSONDecodeError:
            raise BoxloopError(
                f"{path}:{number}: not a line of JSON; restore the ledger from git"
            ) from None
    return entries


@dataclass(frozen=True)
class Opening:
    """One opening of a test set.

    Attributes
    ----------
    path : Path
        The ledger, a file of JSON lines beside the study.
    key : str
    test_set : str
        Which objects are opened, whatever is asked of them.
    """

    path: Path
    key: str
    test_set: str = ""

    @classmethod
    def of(cls, path: Path, data_hash: str, ids: Iterable[str], scientific: str) -> "Opening":
        """Return the opening of a test set by what a study asks of it."""
        ids = list(ids)
        return cls(path, opening_key(data_hash, ids, scientific), opening_key(data_hash, ids))

    def begin(self, metric: str) -> None:
        """Append an entry, unless the same opening is there already.

        Raises
        ------
        BoxloopError
            The ledger cannot be written; the test set then stays closed.
        """
        about = {"key": self.key, "test_set": self.test_set, "metric": metric}
        entry = {**about, "opened": _now(), "score": None, "closed": None}
        self._change(lambda entries: entries if self._own(entries) else [*entries, entry])

    def close(self, score: float | None) -> None:
        """Complete the entry with the time and the score, where it is not complete yet."""

        def completed(entries: list["Entry"]) -> list["Entry"]:
            own = self._own(entries)
            if own and own["closed"] is None:
                own["score"], own["closed"] = score, _now()
            return entries

        self._change(completed)

    def history(self) -> list["Entry"]:
        """Return all openings of this test set, this one included, oldest first."""
        return openings_of(self.path, self.test_set)

    def _own(self, entries: list["Entry"]) -> "Entry | None":
        return next((e for e in entries if e["key"] == self.key), None)

    def _change(self, change: Any) -> None:
        lock = self.path.with_name(f".{self.path.name}.lock")
        try:
            with lock.open("w") as held:
                fcntl.flock(held, fcntl.LOCK_EX)
                before = read_ledger(self.path)
                after = change([dict(e) for e in before])
                if after != before:
                    with writing(self.path) as beside:
                        lines = "".join(json.dumps(e) + "\n" for e in after)
                        beside.write_text(lines, encoding="utf-8")
        except OSError as error:
            raise BoxloopError(
                f"{self.path}: the ledger cannot be written ({error.strerror}), so the test set "
                "stays closed; make the folder writable, or set status: draft"
            ) from None


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
