"""Checks of the sections that say how results are judged: groups, prevalence, rules."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from boxloop.errors import listed, suggest
from boxloop.study.degrader_checks import degrader_checks
from boxloop.study.plausible_checks import plausible_checks

if TYPE_CHECKING:
    from boxloop.study.model import Study

Finding = tuple[tuple[str | int, ...], str]


def judging_checks(study: "Study") -> Iterator[Finding]:
    """Yield (key path, message) for every fault."""
    yield from _groups(study)
    yield from _prevalence(study)
    yield from degrader_checks(study)
    yield from plausible_checks(study)


def _groups(study: "Study") -> Iterator[Finding]:
    known = [*study.columns.features, *study.columns.keep]
    target = study.columns.target
    known += [target.name] if target and study.task == "regression" else []
    known += [study.split.group] if study.split.group and study.split.group not in known else []
    named: list[tuple[tuple[str | int, ...], str]] = []
    for i, group in enumerate(study.groups):
        if isinstance(group, str):
            named.append((("groups", i), group))
        else:
            named += [(("groups", i, j), column) for j, column in enumerate(group)]
            if len(set(group)) < 2:
                yield ("groups", i), f"expected two different columns or more; found {group}"
    named += [(("protected", i), column) for i, column in enumerate(study.protected)]
    for at, group in named:
        if group not in known:
            yield (
                at,
                "expected a feature, split.group, a column of columns.keep or, where it is a "
                "number, the target; errors by class stand in the confusion matrix "
                f"({listed(known)}); found {group!r}{suggest(group, known)}",
            )


def _prevalence(study: "Study") -> Iterator[Finding]:
    at = ("prevalence",)
    if study.prevalence == "train":
        return
    if study.task != "classification":
        yield at, f"is about classes, and this study's task is {study.task}; leave it out"
    elif study.prevalence == "estimate":
        if "target" not in study.samples:
            yield at, "is estimated from samples.target, which this study does not have"
    elif sum(study.prevalence.values()) > 1 + 1e-9:
        total = sum(study.prevalence.values())
        yield at, f"expected fractions that add up to 1 at most; found {total:g}"
