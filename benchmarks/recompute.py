"""The numbers of a report computed a second time, by scikit-learn, scipy and numpy, not by boxloop.

Reads predictions and truth of a study (evaluate/, search/, data/), computes what follows from the
two, and compares it with the JSON files of the evaluation and with the text of every macro of the
report. Intervals are drawn anew from another seed. Two bootstraps differ by the binomial error of
the level at which a limit stands, by that of the correction for bias and by that of the
acceleration (three jackknives): five times that, as quantiles of the own resamples, is the range in
which a limit may lie. Where halves or parts were drawn (conformal quantiles, recalibration), own
draws of them give the range. `pull` is the root mean square of the differences in units of the
expected one: 1 or less where only chance differs.

    make benchmark NAME=recompute ARGS="results/photoz results/star_galaxy_qso"

Prints for each family how many numbers were compared, how many disagree, and the largest
disagreement, itself and in units of the last digit that the report prints; then what was not
recomputed. Exits with 1 where a value differs by more than 1e-6 of itself, or a limit lies outside
its range.
"""

import json
import re
import sys
import warnings
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from recompute_calibration import (
    calibration,
    conformal,
    plausible,
    recalibrated,
    shift,
    two_samples,
    understanding,
)
from recompute_read import Compared, Results
from recompute_scores import comparisons, details, groups, scores, search
from recompute_statistics import ALLOWED

PARTS = (scores, comparisons, search, details, groups, calibration, recalibrated, conformal)
PARTS = (*PARTS, shift, two_samples, understanding, plausible)
UNITS = {"": 1, "s": 1, "min": 60, "h": 3600, "bytes": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9}
#: Disagreements of a family that are printed.
SHOWN = 5
#: Why a macro is not recomputed, by file and the first of its keys.
WHY = {
    "understanding importance": "takes the model",
    "degraders": "takes the models, or is a setting",
    "shift two_sample": "takes the classifier",
    "audit probes": "takes trainings",
    "audit chance": "shuffled truths",
    "audit apart": "takes the table's rows",
    "metrics comparisons": "settings",
    "metrics published": "the study's",
    "groups": "settings, labels",
    "shift prevalence": "the study's, or takes the target's predictions",
    "calibration": "settings, or of groups of units",
    "understanding plausible": "settings",
    "details": "the ledger's",
    "selected": "hyperparameters, epochs",
    "run": "of the run: time, machine, versions",
    "summary": "of the data",
    "all": "of the exploration",
    "training": "of the exploration",
}


def macros(r: Results) -> Counter[str]:
    """Compare the text of each macro with the value at its place; count those not recomputed."""
    done = {one.place for one in r.compared}
    files: dict[Path, Any] = {}
    left: Counter[str] = Counter()
    for name, macro in json.loads((r.folder / "report/macros.json").read_text()).items():
        path = r.folder / Path(*Path(macro["file"]).parts[-2:])
        if path not in files:
            files[path] = json.loads(path.read_text()) if path.exists() else None
        if files[path] is None:
            left[f"{path.parent.name}/{path.name} (the file is not there)"] += 1
            continue
        key, place = ("macros", name), (path.stem, macro["key"])
        value, around = value_at(files[path], macro["key"])
        text, written = plain(macro["text"]), rounded(macro["text"], value)
        r.compared.append(Compared("macros, value", key, macro["value"], value))
        r.compared.append(Compared("macros, text", key, text, written))
        digit = last_digit(text)
        if digit:
            r.digits[place] = digit / (100 if in_per_cent(macro["text"], value) else 1)
            wanted = digit_of(around, macro["key"]) if table_of(path, macro) else None
            if wanted and "e" not in text:
                r.compared.append(Compared("macros, digits", key, r.digits[place], wanted))
        if place not in done:
            first = macro["key"].split(".")[0].partition("|")[0]
            why = WHY.get(f"{path.stem} {first}", WHY.get(path.stem, "no reason known"))
            left[f"{path.parent.name}/{path.name} ({why})"] += 1
    return left


def table_of(path: Path, macro: Any) -> bool:
    """Whether a number is one of the table of scores, which are rounded by their intervals."""
    return path.stem == "metrics" and ".ece." not in macro["key"]


def value_at(content: Any, key: str) -> tuple[Any, Any]:
    """Return the value at a dotted key, and what it stands in; names may hold points themselves."""
    key, count, _ = key.partition("|")
    parts, around = key.split("."), None
    while parts:
        around = content
        if isinstance(content, list):
            content, parts = content[int(parts[0])], parts[1:]
            continue
        n = next(n for n in range(len(parts), 0, -1) if ".".join(parts[:n]) in content)
        content, parts = content[".".join(parts[:n])], parts[n:]
    return len(content) if count else content, around


def plain(text: str) -> str:
    """Return LaTeX of a number or a name as plain text."""
    text = re.sub(r"\\ensuremath\{\\times10\^\{(-?\d+)\}\}", r"e\1", text)
    text = re.sub(r"\\ensuremath\{(.)\}", r"\1", text).replace("\\allowbreak{}", "")
    return text.replace("{}", "").replace("\\ldots", "…").replace("\\", "")


def last_digit(text: str) -> float | None:
    """Return what one unit of the last digit of a number is; None for what is no number."""
    found = re.fullmatch(r"<?-?[\d,]+(?:\.(\d+))?(?:e(-?\d+))?", text.partition(" ")[0])
    return 10.0 ** (int(found[2] or 0) - len(found[1] or "")) if found else None


def digit_of(around: Any, key: str) -> float | None:
    """Return the last digit that leaves two of the half width of a score's interval."""
    if not isinstance(around, dict) or key.split(".")[-1] not in ("value", "low", "high"):
        return None
    low, high = around.get("low"), around.get("high")
    if low is None or high is None or not high > low or "value" not in around:
        return None
    return float(10.0 ** np.minimum(np.floor(np.log10((high - low) / 2)) - 1, 0))


def rounded(text: str, value: Any) -> str:
    """Return the text of a macro if it is what its value is rounded to, else the value as text."""
    said = plain(text)
    number, _, unit = said.replace(",", "").partition(" ")
    digit = last_digit(number)
    if isinstance(value, int | float) and not isinstance(value, bool) and digit and unit in UNITS:
        if number.startswith("<"):
            return said if value < float(number[1:]) else repr(value)
        scale = 0.01 if in_per_cent(text, value) else UNITS[unit]
        near = abs(float(number) - value / scale) <= digit / 2 * (1 + 1e-9)
        return (
            said
            if near and (unit or isinstance(value, float) or float(number) == value)
            else repr(value)
        )
    words = ", ".join(map(str, value)) or "none" if isinstance(value, list) else str(value)
    words = {"True": "yes", "False": "no"}.get(words, words)
    start, _, end = said.partition("…")
    short = len(said) >= 8 and "," not in said and words.startswith(start) and words.endswith(end)
    return said if short else words


def in_per_cent(text: str, value: Any) -> bool:
    """Whether a text is a fraction in per cent: a hundred times the value, and not the value."""
    number = plain(text).replace(",", "")
    digit = last_digit(number)
    if (
        not isinstance(value, float)
        or not 0 <= value <= 1
        or not digit
        or "<" in number
        or " " in number
    ):
        return False
    apart = [abs(float(number) - value * scale) for scale in (1, 100)]
    return apart[1] <= digit / 2 * (1 + 1e-9) < apart[0]


def say(r: Results, left: Counter[str]) -> bool:
    """Print what was compared; return whether something disagrees."""
    families: dict[str, list[Compared]] = defaultdict(list)
    for one in r.compared:
        families[one.family].append(one)
    print(f"{r.folder.name}: {len(r.compared)} numbers")
    for family, some in families.items():
        wrong = [one for one in some if not one.agrees]
        print(f"  {family:26} {len(some):5} compared, {len(wrong)} disagree{of_family(r, some)}")
        for one in wrong[:SHOWN]:
            band = f" ({one.band[0]:.6g} to {one.band[1]:.6g})" if one.band is not None else ""
            print(
                f"    {'.'.join(map(str, one.key))}: {one.theirs!r}, recomputed {one.mine!r}{band}"
            )
    for what, n in sorted(left.items()):
        print(f"  not recomputed: {n} macros of {what}")
    return any(not one.agrees for one in r.compared)


def of_family(r: Results, some: list[Compared]) -> str:
    """Say the largest disagreement of numbers, as they are and in units of the last digit."""
    numbers = [one for one in some if isinstance(one.theirs, float) and np.isfinite(one.apart)]
    if not numbers:
        return ""
    line = f"; at most by {max(one.apart for one in numbers):.1e}"
    digits = [one.apart / r.digits[one.place] for one in numbers if one.place in r.digits]
    line += f", {max(digits):.2g} of a last digit" if digits else ""
    pulls = [2 * ALLOWED * one.pull for one in numbers if one.pull is not None]
    if not pulls:
        return line
    middle = f" (median {np.median(digits):.2g})" if digits else ""
    return f"{line}{middle}, pull {np.sqrt(np.mean(np.square(pulls))):.2f}"


def main(folders: list[str]) -> None:
    """Recompute each folder and say what was found."""
    if not folders:
        sys.exit("expected folders of results, as results/photoz; found none")
    wrong = False
    for folder in folders:
        r = Results(Path(folder)).read()
        with warnings.catch_warnings():  # of scikit-learn, where a class is never predicted
            warnings.simplefilter("ignore")
            for part in PARTS:
                part(r)
        wrong |= say(r, macros(r))
    sys.exit(int(wrong))


if __name__ == "__main__":
    main(sys.argv[1:])
