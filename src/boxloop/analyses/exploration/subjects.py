"""The subjects of the exploration: which findings and figures belong together."""

from boxloop.analyses.findings import Finding
from boxloop.numbers.evidence import Evidence
from boxloop.numbers.macros import Printed

#: The subjects of the page: title, kinds of finding, figures, and what is said if none was found.
SUBJECTS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...], str]] = {
    "leaks": (
        "Leaks",
        ("leak", "leak_pair", "lineage", "same_column"),
        (),
        "The audit found no column, and no pair of columns, that gives the target away.",
    ),
    "values": (
        "Values that cannot be",
        ("marker_value", "impossible_value", "negative_error", "zero_error", "constant", "empty"),
        (),
        "No impossible value, no constant column and no undeclared marker was found.",
    ),
    "gaps": (
        "What is missing",
        ("missing", "missing_pattern", "missing_shift"),
        ("missing", "missing_patterns"),
        "No column is often missing.",
    ),
    "duplicates": (
        "Duplicates and empty images",
        ("duplicates", "blank_image"),
        (),
        "No object occurs more than once.",
    ),
    "target": (
        "The target",
        ("no_target", "small_class", "imbalance"),
        ("target",),
        "There is nothing to remark on the target.",
    ),
    "sky": ("On the sky", (), ("sky",), ""),
    "batches": (
        "Batches",
        ("batch", "class_is_sample"),
        (),
        "No column was found to differ much between files, fields or dates.",
    ),
    "shift": (
        "Distributions, and training against target",
        ("shift",),
        ("features",),
        "No feature is distributed otherwise in the target sample.",
    ),
    "together": ("Columns together", (), ("correlation", "embedding"), ""),
    "outliers": (
        "Outliers, heavy tails and proposed transforms",
        ("outliers", "heavy_tail"),
        (),
        "No object was found far outside, and no column with heavy tails.",
    ),
}


def subjects_of(evidence: Evidence, findings: list[Finding]) -> list[Printed]:
    """Sort the findings by subject; a subject without findings and figures is left out."""
    subjects: list[Printed] = []
    for key, (title, kinds, figures, none) in SUBJECTS.items():
        mine = [f for f in findings if f["kind"] in kinds]
        drawn = [evidence.figures[n] for n in figures if n in evidence.figures]
        if mine or drawn:
            said = "" if mine or not _asked(key, evidence) else none
            about: Printed = {"key": key, "title": title, "findings": mine, "figures": drawn}
            subjects.append({**about, "none": said})
    return subjects


def not_found(evidence: Evidence, findings: list[Finding]) -> list[str]:
    """Say what was looked for without finding anything; it needs no section of its own."""
    return [
        none
        for key, (_, kinds, figures, none) in SUBJECTS.items()
        if none
        and _asked(key, evidence)
        and not any(f["kind"] in kinds for f in findings)
        and not any(n in evidence.figures for n in figures)
    ]


def _asked(key: str, evidence: Evidence) -> bool:
    """Whether a study asks the question of a subject, and nothing else answers it already."""
    if key in ("leaks", "target"):
        return "training" in evidence.contents
    if key == "shift":
        return bool(evidence.contents["explore"].get("target_sample"))
    return key != "duplicates" or not evidence.contents["summary"].get("duplicates_dropped")
