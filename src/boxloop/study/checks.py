"""Check what one section of a study says against another, and names against the vocabulary."""

import json
import re
from collections.abc import Iterator
from math import prod

from boxloop.errors import listed, suggest
from boxloop.study.model import Model, Range, Study
from boxloop.study.vocabulary import (
    CHECKLIST,
    DERIVED,
    METRICS,
    MODELS,
    NOT_TO_CHOOSE_BY,
    ONLY_FOR,
    READERS,
)

Finding = tuple[tuple[str | int, ...], str]
_FUNCTION = re.compile(r"^[A-Za-z_][A-Za-z0-9_.]*:[A-Za-z_][A-Za-z0-9_]*$")


def cross_checks(study: Study) -> list[Finding]:
    """Return everything that does not fit together, as (key path, message) pairs."""
    return [
        *_samples(study),
        *_columns(study),
        *_metrics(study),
        *(f for i in range(len(study.models)) for f in _model(study, i)),
        *_groups(study),
        *_checklist(study),
    ]


def _samples(study: Study) -> Iterator[Finding]:
    if not study.labelled():
        yield ("samples",), "expected a labelled sample, for example 'train'; found only 'target'"
    for name, sample in study.samples.items():
        reader = sample.reader
        if reader and reader not in READERS and not _FUNCTION.match(reader):
            yield (
                ("samples", name, "reader"),
                f"expected {', '.join(READERS)}, or module:function; found {reader!r}"
                f"{suggest(reader, READERS)}",
            )


def _columns(study: Study) -> Iterator[Finding]:
    features = study.columns.features
    own = any(":" in d.function for d in study.columns.derived.values())
    for name, feature in features.items():
        if feature.use_error == "feature" and feature.error is None:
            yield (
                ("columns", "features", name, "use_error"),
                "the error is to be a feature, but no column is named; expected error: COLUMN "
                "beside it",
            )
    for name, derived in study.columns.derived.items():
        if derived.function not in DERIVED and not _FUNCTION.match(derived.function):
            yield (
                ("columns", "derived", name, "function"),
                f"expected {', '.join(DERIVED)}, or module:function; found {derived.function!r}"
                f"{suggest(derived.function, DERIVED)}",
            )
        bands = (derived.model_extra or {}).get("bands")
        if derived.function == "colours":
            if not isinstance(bands, list):
                yield (
                    ("columns", "derived", name),
                    "colours needs bands, a list of features from blue to red",
                )
                continue
            for i, band in enumerate(bands):
                if band not in features and not own:  # an own function may have made it
                    yield (
                        ("columns", "derived", name, "bands", i),
                        f"expected one of the features {listed(features)}; found {band!r}"
                        f"{suggest(str(band), features)}",
                    )


def _metrics(study: Study) -> Iterator[Finding]:
    metrics = METRICS[study.task]
    named: list[tuple[tuple[str | int, ...], str]] = [(("metric",), study.metric)]
    named += [(("published", i, "metric"), p.metric) for i, p in enumerate(study.published)]
    for at, name in named:
        if name in metrics:
            if at == ("metric",) and name in NOT_TO_CHOOSE_BY:
                yield at, f"{name} has a sign and no best value; choose models by another metric"
            continue
        other = next((task for task, known in METRICS.items() if name in known), None)
        why = f", which is for {other}" if other else ""
        yield (
            at,
            f"expected a metric for {study.task}: {listed(metrics, 20)}; found "
            f"{name!r}{why}{suggest(name, metrics)}",
        )


def _model(study: Study, i: int) -> Iterator[Finding]:
    model, at = study.models[i], ("models", i)
    kind = model.registered
    if [m.name for m in study.models].index(model.name) != i:
        message = f"the name {model.name!r} is taken; give this model another, and its kind"
        yield (*at, "name"), message
    if kind is not None:
        named = (*at, "kind" if model.kind else "name")
        if kind not in MODELS:
            yield (
                named,
                f"expected one of {listed(MODELS)}, or your own by function: module:function; "
                f"found {kind!r}{suggest(kind, MODELS)}",
            )
            return
        needs = ONLY_FOR.get(kind)
        if needs and needs != study.task:
            yield named, f"{kind} is for {needs}; this study's task is {study.task}"
        if model.inputs not in (None, ["table"]):
            yield (*at, "inputs"), f"{kind} sees the table only; found {listed(model.inputs or [])}"
        if kind != "dummy" and not study.columns.features:
            yield named, f"{kind} needs columns.features; this study has none"
    yield from _hyperparameters(model, i)
    yield from _space(study, model, i)


def _hyperparameters(model: Model, i: int) -> Iterator[Finding]:
    """Check names of hyperparameters; what a user's own function takes is checked on import."""
    for part in ("parameters", "space"):
        for key in getattr(model, part):
            if model.registered is not None and key not in MODELS[model.registered]:
                known = MODELS[model.registered]
                yield (
                    ("models", i, part, key),
                    f"{model.registered} has no such hyperparameter; expected one of "
                    f"{listed(known, 20) or 'none'}{suggest(key, known)}",
                )
            elif part == "space" and key in model.parameters:
                yield ("models", i, part, key), "held fixed in parameters as well; keep one"


def _space(study: Study, model: Model, i: int) -> Iterator[Finding]:
    """Check that the space can be searched by the study's strategy and budget."""
    at = ("models", i, "space")
    for key, values in model.space.items():
        if isinstance(values, Range):
            if study.search.strategy == "grid":
                yield (*at, key), "is a range; a grid wants a list, or take search.strategy: random"
        elif not values:
            yield (*at, key), "expected at least one value; found an empty list"
        elif len({json.dumps(v, sort_keys=True, default=str) for v in values}) < len(values):
            yield (*at, key), "a value stands twice in the list; keep one"
    if study.search.strategy == "grid":
        points = prod(len(v) for v in model.space.values() if isinstance(v, list))
        if points > study.budget.trials:
            yield (
                at,
                f"the grid of {model.name} has {points} points and budget.trials is "
                f"{study.budget.trials}; raise it, shorten the lists, or take "
                "search.strategy: random",
            )


def _groups(study: Study) -> Iterator[Finding]:
    known = [*study.columns.features, *study.columns.keep, study.columns.target.name]
    known += [study.split.group] if study.split.group and study.split.group not in known else []
    for i, group in enumerate(study.groups):
        if group not in known:
            yield (
                ("groups", i),
                "expected a feature, the target, split.group or a column of columns.keep "
                f"({listed(known)}); found {group!r}{suggest(group, known)}",
            )


def _checklist(study: Study) -> Iterator[Finding]:
    for item in study.checklist:
        if item not in CHECKLIST:
            yield (
                ("checklist", item),
                f"no such item; expected one of {listed(CHECKLIST, 20)}{suggest(item, CHECKLIST)}",
            )
