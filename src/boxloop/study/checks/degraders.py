"""Checks of the section that says how data get worse: names, strengths, columns, parameters."""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from boxloop.errors import listed, suggest
from boxloop.study.checks import Mismatch
from boxloop.study.judging import Degrader
from boxloop.study.known_degraders import DEGRADERS

if TYPE_CHECKING:
    from boxloop.study.model import Study

_NEEDS = {
    "table": "columns.features",
    "light_curve": "columns.light_curve",
    "image": "columns.image",
}


def degrader_checks(study: "Study") -> Iterator[Mismatch]:
    """Yield (key path, message) for every fault of `degraders`."""
    entries = study.degraders or []
    for i, degrader in enumerate(entries):
        at = ("degraders", i)
        if [d.name for d in entries].index(degrader.name) != i:
            yield (*at, "name"), f"the name {degrader.name!r} stands twice; keep one of the two"
        yield from _strengths(degrader, at)
        if degrader.function:
            if degrader.columns is not None:
                yield (
                    (*at, "columns"),
                    "a function of your own takes no columns; expected them in parameters, under "
                    "the name of its argument",
                )
        elif degrader.name not in DEGRADERS:
            yield (
                (*at, "name"),
                f"expected one of {listed(DEGRADERS)}, or your own by function: module:function; "
                f"found {degrader.name!r}{suggest(degrader.name, DEGRADERS)}",
            )
        else:
            yield from _registered(study, degrader, at)


def _strengths(degrader: Degrader, at: tuple[str | int, ...]) -> Iterator[Mismatch]:
    at, found = (*at, "strengths"), degrader.strengths
    if not found:
        if degrader.function:
            yield at[:-1], "a function of your own needs strengths, for example strengths: [0.5, 1]"
        return
    if any(not math.isfinite(s) or s < 0 for s in found):
        yield at, f"expected finite numbers of 0 or more; found {found}"
    elif any(b <= a for a, b in pairwise(found)):
        yield at, f"expected strengths in increasing order, each once; found {found}"
    elif found[-1] == 0:
        yield at, f"expected a strength above 0, which changes nothing; found {found}"
    most = DEGRADERS[degrader.name].most if degrader.name in DEGRADERS else None
    if most is not None and not degrader.function and max(found) > most:
        yield (
            at,
            f"{degrader.name} takes a fraction away; expected at most {most:g}; found "
            f"{max(found):g}",
        )


def _registered(
    study: "Study", degrader: Degrader, at: tuple[str | int, ...]
) -> Iterator[Mismatch]:
    """Check that the data have what a registered degrader touches."""
    about, columns = DEGRADERS[degrader.name], study.columns
    there = {"table"} if columns.features else set()
    there |= set(columns.modalities())
    if not (columns.own or there & set(about.touches)):
        needs = " or ".join(_NEEDS[part] for part in about.touches)
        yield (*at, "name"), f"{degrader.name} needs {needs}; this study has none"
        return
    for key in degrader.parameters:
        if key not in about.parameters:
            known = about.parameters
            yield (
                (*at, "parameters", key),
                f"{degrader.name} has no such parameter; expected {listed(known) or 'none'}"
                f"{suggest(key, known)}",
            )
    spread = degrader.parameters.get("of_spread")
    if spread is not None and not (isinstance(spread, int | float) and 0 < spread < math.inf):
        yield (*at, "parameters", "of_spread"), f"expected a number above 0; found {spread!r}"
    if degrader.columns is not None:
        yield from _columns(study, degrader, at)
    elif about.only == "mag" and not _magnitudes(study):
        yield (
            (*at, "name"),
            f"{degrader.name} needs magnitudes; expected a feature with unit: mag, found none",
        )


def _columns(study: "Study", degrader: Degrader, at: tuple[str | int, ...]) -> Iterator[Mismatch]:
    features = study.columns.features
    if "table" not in DEGRADERS[degrader.name].touches:
        yield (*at, "columns"), f"{degrader.name} touches no features; leave columns out"
        return
    if not degrader.columns:
        yield (*at, "columns"), f"expected one of {listed(features)} or more, or no columns at all"
    for j, name in enumerate(degrader.columns or []):
        if name not in features:
            yield (
                (*at, "columns", j),
                f"expected one of the features {listed(features)}; what is derived from them "
                f"follows; found {name!r}{suggest(name, features)}",
            )
        elif DEGRADERS[degrader.name].only == "mag" and features[name].unit != "mag":
            yield (
                (*at, "columns", j),
                f"only magnitudes become fainter; expected a feature with unit: mag; {name!r} has "
                f"{features[name].unit or 'no unit'!r}",
            )


def _magnitudes(study: "Study") -> list[str]:
    return [name for name, feature in study.columns.features.items() if feature.unit == "mag"]
