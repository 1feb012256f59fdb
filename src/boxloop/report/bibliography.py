"""The project's bibliography: which keys there are, and how an entry is called in a sentence."""

import re
from dataclasses import dataclass

from boxloop.errors import BoxloopError, listed, suggest

BIBLIOGRAPHY = "config/references.bib"


@dataclass(frozen=True)
class Entry:
    """An entry of a BibTeX file: its key, and its fields as they are written."""

    key: str
    fields: dict[str, str]

    @property
    def label(self) -> str:
        """Authors and year, as a sentence names them."""
        authors = re.split(r"\s+and\s+", _bare(self.fields.get("author", self.key)))
        names = [a.split(",")[0].strip() for a in authors]
        shown = names[0]
        if len(names) > 1:
            shown += " et al." if len(names) > 2 or names[1] == "others" else f" & {names[1]}"
        return f"{shown} {self.fields.get('year', '')}".strip()


class Bibliography:
    """A BibTeX file and the keys cited from it.

    Parameters
    ----------
    text : str
    file : str
        Its path, for messages.
    """

    def __init__(self, text: str, file: str = BIBLIOGRAPHY) -> None:
        self.text, self.file = text, file
        self.entries = {e.key: e for e in _entries(text)}

    def entry(self, key: str, cited_in: str) -> Entry:
        """Return an entry.

        Raises
        ------
        BoxloopError
            There is none of this key; the message names the nearest.
        """
        if key not in self.entries:
            raise BoxloopError(
                f"{cited_in} cites {key!r}, and {self.file} has no such entry; expected one of "
                f"{listed(self.entries)}{suggest(key, self.entries)}; add the entry (ADS writes "
                "BibTeX) or mend the key"
            )
        return self.entries[key]

    def check_prose(self, prose: dict[str, str], folder: str) -> None:
        """Check every key that the user's own LaTeX cites."""
        for name, text in prose.items():
            bare = re.sub(r"(?<!\\)%.*", "", text)
            for keys in re.findall(r"\\cite\w*\*?(?:\[[^]]*\])*\{([^}]*)\}", bare):
                for key in filter(None, (k.strip() for k in keys.split(","))):
                    self.entry(key, f"{folder}/{name}.tex")


def _entries(text: str) -> list[Entry]:
    found = []
    for block in re.split(r"(?m)^\s*@", text)[1:]:
        head = re.match(r"(\w+)\s*\{\s*([^,\s]+)\s*,", block)
        if head and head.group(1).lower() not in ("comment", "string", "preamble"):
            pairs = re.findall(
                r"(\w+)\s*=\s*(?:\{((?:[^{}]|\{[^{}]*\})*)\}|\"([^\"]*)\"|(\w+))", block
            )
            fields = {k.lower(): a or b or c for k, a, b, c in pairs}
            found.append(Entry(head.group(2), fields))
    return found


def _bare(text: str) -> str:
    return re.sub(r"[{}]", "", text).strip()
