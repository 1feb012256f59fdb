"""Checks of the sections that say how results are judged: groups, prevalence, rules."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from boxloop.errors import listed, suggest
from boxloop.study.checks import Mismatch
from boxloop.study.checks.degraders import degrader_checks
from boxloop.study.checks.plausible import plausible_checks
from boxloop.study.vocabulary import CLASS_GROUP, SKY_GROUP

if TYPE_CHECKING:
    from boxloop.study.model import Study


def judging_checks(study: "Study") -> Iterator[Mismatch]:
    """Yield (key path, message) for every fault."""
    yield from _groups(study)
    yield from _prevalence(study)
    if study.recalibrate != "none" and study.task != "classification":
        yield (
            ("recalibrate",),
            f"is about probabilities of classes, and this study's task is {study.task}; leave it "
            "out: the intervals of conformal mend predicted numbers",
        )
    yield from degrader_checks(study)
    yield from plausible_checks(study)


def _groups(study: "Study") -> Iterator[Mismatch]:
    known = known_groups(study)
    named: list[tuple[tuple[str | int, ...], str]] = []
    for i, group in enumerate(study.groups):
        if isinstance(group, str):
            named.append((("groups", i), group))
        else:
            named += [(("groups", i, j), column) for j, column in enumerate(group)]
            if len(set(group)) < 2:
                yield ("groups", i), f"expected two different columns or more; found {group}"
    for at, group in named:
        if group not in known:
            hint = "" if study.columns.sky else "; for sky give columns.sky"
            yield (
                at,
                "expected a feature, split.group, a column of columns.keep, the target, class (of "
                f"a classification) or sky ({listed(known)}{hint}); found "
                f"{group!r}{suggest(group, known)}",
            )
    yield from _protected(study)


def _protected(study: "Study") -> Iterator[Mismatch]:
    target = study.columns.target
    not_people = [SKY_GROUP, CLASS_GROUP, target.name if target else ""]
    columns = [*study.columns.features, *study.columns.keep, study.split.group]
    known = [k for k in known_groups(study) if k in columns or k not in not_people]
    for i, column in enumerate(study.protected):
        if column not in known:
            yield (
                ("protected", i),
                "expected a feature, split.group or a column of columns.keep with an attribute of "
                f"people ({listed(known)}); found {column!r}{suggest(column, known)}",
            )


def known_groups(study: "Study") -> list[str]:
    """Return everything that may stand in ``groups``."""
    target = study.columns.target
    known = [*study.columns.features, *study.columns.keep]
    known += [target.name] if target else []
    known += [study.split.group] if study.split.group else []
    known += [CLASS_GROUP] if study.task == "classification" else []
    known += [SKY_GROUP] if study.columns.sky else []
    return list(dict.fromkeys(known))


def _prevalence(study: "Study") -> Iterator[Mismatch]:
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
