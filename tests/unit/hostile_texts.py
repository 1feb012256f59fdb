"""Hostile texts, the places of a report that they go to, and what a reader makes of them."""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

from exploration_fixture import finding
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from boxloop.numbers.evidence import Evidence

FRAGMENTS = (
    r"\input{/etc/passwd}", r"\write18{touch x}", r"\end{document}", r"\\", "$", "$$", "%", "#",
    "&", "~", "^^5c", "{", "}", "_", "[x]", "]", "--", ",,", "''", "``", "\\", "|", "|count", ".",
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</title>", "</style>", "<!--",
    "-->", "]]>", "&lt;", "{{ 7*7 }}", "<<", ">>", "<%", "%>", 'id="x', "url(#x", "'", '"', "`",
    ";rm -rf x", "$(touch x)", "../../x", "/etc/x", "=1+1", "+1", "-1", "@x", "\x00", "\x07",
    "\x1b[31m", "\t", "\n", "\n\n", "\r", "\u202e", "\u200f", "\u2028", "日本", "d é", "e\u0301",
    "🔭", "x" * 300,
)  # fmt: skip
#: A no-break space is a space that LaTeX writes as a tilde; tests that count tildes leave it out.
hostile = st.lists(
    st.sampled_from(FRAGMENTS) | st.text(st.characters(exclude_characters="\u00a0"), max_size=6),
    min_size=1,
    max_size=5,
).map("".join)
bounded = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
#: All at once, for what is too slow to be done often.
EVERY = " ".join(f for f in FRAGMENTS if f.isprintable())

Says = Callable[[str], str]


class Parsed(HTMLParser):
    """The elements of a page with the names of their attributes, and its texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.texts: list[str] = []
        self.other: list[str] = []
        self._open = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(name for name, _ in attrs)))
        self._open = False

    def handle_endtag(self, tag: str) -> None:
        self.elements.append((f"/{tag}", ()))
        self._open = False

    def handle_data(self, data: str) -> None:
        """Join what the parser hands over in pieces."""
        if self._open:
            self.texts[-1] += data
        else:
            self.texts.append(data)
        self._open = True

    def handle_comment(self, data: str) -> None:
        self.other.append(data)

    def handle_decl(self, decl: str) -> None:
        self.other.append(decl)

    def handle_pi(self, data: str) -> None:
        self.other.append(data)


def planted(evidence: Evidence, says: Says) -> Evidence:
    """Return the evidence with a text of its own in every place that a user or a file writes.

    Parameters
    ----------
    evidence : Evidence
    says : callable
        From the name of a place, its text.
    """
    contents = json.loads(json.dumps(evidence.contents))
    for file in (_plant_data, _plant_explored, _plant_results):
        file(contents, says)
    study = {
        **evidence.study,
        "report": {"title": says("title"), "authors": [says("author"), says("other author")]},
        "question": {"what": says("what"), "why": says("why"), "use": "predictions"},
    }
    figures = {
        n: replace(
            f, title=says(f"title of {n}"), caption=says(f"caption of {n}"), svg="<svg></svg>"
        )
        for n, f in evidence.figures.items()
    }
    return Evidence(study, contents, evidence.files, figures)


def _plant_data(contents: dict[str, Any], says: Says) -> None:
    summary = contents["summary"]
    summary["target"] = {k: says(f"{k} of target") for k in ("name", "unit", "description")}
    about = {k: says(k) for k in ("origin", "survey", "licence")}
    files = [{"path": says("file name"), "bytes": 7, "sha256": "ab" * 32}]
    summary["samples"]["train"] |= {**about, "files": files}
    summary["columns"] = [
        {"name": says("column"), "role": "feature"}
        | {"unit": says("unit"), "description": says("description")}
    ]
    summary["classes"] = {says("class"): 300, says("other class"): 200}
    summary["excluded"] = {says("excluded column"): says("reason")}
    marker = {"value": says("marker"), "meaning": "masked", "rows": 3}
    summary["markers"] = {says("marked column"): [marker]}


def _plant_explored(contents: dict[str, Any], says: Says) -> None:
    for name in ("explore", "training"):
        columns = contents[name]["columns"]
        column = columns.pop("r_mag") | {"unit": says("unit of a card"), "not_observed": 5}
        columns[says("card")] = column
        found = [
            finding(
                s, k, says(f"{name} {k} column"), says(f"{name} {k}"), said=says(f"{name} {k} why")
            )
            for s, k in (("high", "leak"), ("medium", "missing"), ("low", "batch"))
        ]
        contents[name]["findings"] = found
    columns = contents["explore"]["target_sample"]["columns"]
    columns[says("card")] = columns.pop("r_mag")
    contents["training"]["with_target"] = {says("closest"): 0.9}
    contents["embedding"]["pca"]["loadings"] = {says("loading"): [0.5, 0.1]}
    contents["embedding"]["neighbours"] = {"method": "t-SNE", "reason": says("no map")}


def _plant_results(contents: dict[str, Any], says: Says) -> None:
    forest = contents["selected"]["models"]["forest"]
    forest |= {"kind": says("kind"), "hyperparameters": {"depth": says("hyperparameter")}}
    contents["metrics"]["published"][0] |= {"note": says("note")}
    grouping = contents["groups"]["groupings"][1]
    grouping |= {"name": says("grouping"), "note": says("note of a grouping")}
    grouping["groups"][0] |= {"label": says("label of a group")}
    if "decisions" in grouping:
        decisions = grouping["decisions"]
        decisions["left_out"] = [says("a small group")]
        decisions["classes"] = {says("decision"): decisions["classes"]["QSO"]}
    contents["apply"]["columns"] = {says("outside"): {"outside": 7}}
    contents["apply"]["prediction"] = {"classes": {says("predicted class"): 500}}
    contents["checklist"]["items"][0] |= {
        "answer": says("answer"), "by": says("person"), "status": "answered",
        "evidence": [{"file": says("evidence"), "key": ""}],
    }  # fmt: skip
    contents["run"]["hardware"]["cpu"] = says("processor")
    contents["run"]["versions"]["python"] = says("version")


class Places(dict[str, str]):
    """Texts that differ by place, and which places asked for one."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def __call__(self, place: str) -> str:
        """Return the text of a place: it ends in letters that are the place's own."""
        letters = "".join(chr(97 + b % 26) for b in place.encode())
        return self.setdefault(place, f"{self.text}q{letters}z")


def own_letters(text: str) -> str:
    """Return the letters by which the text of a place is known."""
    return text[text.rindex("q") :]


#: What LaTeX reads as more than a letter, unless a backslash stands before it.
SPECIAL = "%#&$^_~"
#: Commands that print a character, and do nothing else.
PRINTING = {
    f"\\{name}"
    for name in re.findall(
        r"\S+",
        r"""
        { } $ & # % _ , textbackslash textasciitilde textasciicircum textless textgreater textbar
        textquotedbl textasciigrave textdegree textsuperscript textsubscript allowbreak ldots
        ensuremath pm leq geq approx sim neq times rightarrow cdot surd infty odot alpha beta gamma
        delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi
        omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
        """,
    )
}


class Tokens:
    """What TeX makes of a text: its commands, its special characters, the depth of its braces."""

    def __init__(self, text: str) -> None:
        self.commands: set[str] = set()
        self.special: Counter[str] = Counter()
        self.depths = [0]
        for token in re.findall(r"\\[A-Za-z]+|\\.|.", text, re.S):
            if token.startswith("\\"):
                self.commands.add(token)
            elif token in "{}":
                self.depths.append(self.depths[-1] + (1 if token == "{" else -1))
            elif token in SPECIAL:
                self.special[token] += 1
