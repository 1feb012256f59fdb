"""Checks of what is searched, and how."""

import json
from collections.abc import Iterator
from importlib.util import find_spec
from math import prod
from typing import TYPE_CHECKING

from boxloop.errors import listed, suggest
from boxloop.study.checks import Mismatch
from boxloop.study.known_models import MODELS
from boxloop.study.searching import Range
from boxloop.study.vocabulary import SAMPLERS

if TYPE_CHECKING:
    from boxloop.study.model import Model, Study


def search_checks(study: "Study") -> Iterator[Mismatch]:
    """Yield (key path, message) for every fault."""
    yield from _sampler(study)
    yield from _halving(study)
    for i, model in enumerate(study.models):
        if not model.given:
            yield from _space(study, model, i)


def _sampler(study: "Study") -> Iterator[Mismatch]:
    """Check that the sampler is there, and that it is asked for."""
    at, strategy, name = ("search", "sampler"), study.search.strategy, study.search.sampler
    if strategy != "optuna":
        if name is not None:
            yield (
                at,
                f"is for search.strategy: optuna; found {strategy}. Leave it out, or take that",
            )
        return
    if name is None:
        yield (
            ("search",),
            "the key 'sampler' is missing; strategy optuna needs it, expected one of "
            f"{listed(SAMPLERS)}",
        )
    elif name not in SAMPLERS:
        yield (
            at,
            "expected a sampler of optuna that learns from the trials of earlier rounds: "
            f"{listed(SAMPLERS)}; found {name!r}{suggest(name, SAMPLERS)}",
        )
    else:
        package = SAMPLERS[name]
        if package and find_spec(package) is None:
            yield (
                at,
                f"{name} needs the package {package}, which is not installed; install it "
                f"(.venv/bin/pip install {package}), or take TPESampler",
            )


def _halving(study: "Study") -> Iterator[Mismatch]:
    """Check that anything can be stopped early."""
    kinds = [m.registered for m in study.models]
    if study.search.strategy != "halving" or not study.models:
        return
    if not any(kind is None or kind not in MODELS or MODELS[kind].network for kind in kinds):
        yield (
            ("search", "strategy"),
            "halving stops networks early, and this study has none; take random, or add one of "
            f"{listed(name for name, known in MODELS.items() if known.network)}",
        )


def _space(study: "Study", model: "Model", i: int) -> Iterator[Mismatch]:
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
