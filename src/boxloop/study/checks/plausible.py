"""Checks of the rules that predictions have to obey."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from boxloop.errors import listed, suggest
from boxloop.study.checks import Mismatch

if TYPE_CHECKING:
    from boxloop.study.judging import Plausible
    from boxloop.study.model import Study


def plausible_checks(study: "Study") -> Iterator[Mismatch]:
    """Yield (key path, message) for every fault of the rules."""
    if study.plausible and study.task == "exploration":
        yield ("plausible",), "an exploration predicts nothing; leave plausible out"
        return
    names: list[str] = []
    for i, rule in enumerate(study.plausible):
        at = ("plausible", i)
        if rule.name in names:
            yield (*at, "name"), f"{rule.name!r} names two rules; give each a name of its own"
        names.append(rule.name)
        yield from _kind(study, rule, at)
        yield from _where(study, rule, at)


def _kind(study: "Study", rule: "Plausible", at: tuple[str | int, ...]) -> Iterator[Mismatch]:
    if rule.classes is not None and study.task != "classification":
        yield (
            (*at, "classes"),
            f"this study's task is {study.task}; expected low and/or high, or a function",
        )
    elif rule.classes == []:
        yield (*at, "classes"), "expected at least one class; found none"
    for end in ("low", "high"):
        if getattr(rule, end) is not None and study.task == "classification":
            yield (*at, end), "a class is no number; expected classes, or a function"
    if rule.low is not None and rule.high is not None and rule.low >= rule.high:
        yield (*at, "low"), f"expected low < high; found low {rule.low:g}, high {rule.high:g}"


def _where(study: "Study", rule: "Plausible", at: tuple[str | int, ...]) -> Iterator[Mismatch]:
    columns, target = study.columns, study.columns.target
    known = [*columns.features, *columns.keep]
    known += [c for c in (study.split.group, columns.time) if c]
    known += [columns.sky.ra, columns.sky.dec] if columns.sky else []
    for name, feature in columns.features.items():
        if feature.error is not None:
            both = isinstance(feature.error, str)
            known += [f"{name}_err"] if both else [f"{name}_err_low", f"{name}_err_high"]
    for name in rule.where:
        if target and name == target.name:
            yield (
                (*at, "where", name),
                "is the target, which is not known where a model is used; expected a column of "
                f"the table: {listed(known)}",
            )
        elif name not in known and not columns.derived:
            yield (
                (*at, "where", name),
                f"expected a column of the table: {listed(known)}; found {name!r}"
                f"{suggest(name, known)}",
            )
