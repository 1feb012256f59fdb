"""Checks of models that are somebody else's predictions: their columns, and nothing to train."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from boxloop.study.checks import Mismatch
from boxloop.study.known_models import GIVEN

if TYPE_CHECKING:
    from boxloop.study.model import Model, Study


#: Keys of a model that say where somebody else's predictions are, and those that train one of ours.
READ = ("column", "probabilities", "sigma", "labels", "missing", "by", "trained_on")
TRAINED = ("parameters", "space", "inputs", "features")


def columns_of(given: Mapping[str, Any]) -> list[str]:
    """Return the file's columns that a model of `Study.given` is read from."""
    named = [given["column"], *given["probabilities"].values(), given["sigma"], given["trained_on"]]
    return [name for name in named if name]


def external_checks(study: "Study") -> Iterator[Mismatch]:
    """Yield (key path, message) for every fault."""
    for i, model in enumerate(study.models):
        if model.given:
            yield from _asked(study, model, i)
            yield from _used_twice(study, model, i)
        else:
            for key in READ:
                if key in model.model_fields_set:
                    yield (
                        ("models", i, key),
                        f"says where somebody else's predictions are, and {model.name} is a model "
                        f"to train; leave it out, or take kind: {GIVEN}",
                    )


def _asked(study: "Study", model: "Model", i: int) -> Iterator[Mismatch]:
    """Check that the keys fit the task, and that none asks for training."""
    at = ("models", i)
    if model.column is None:
        yield (
            at,
            f"the key 'column' is missing; expected column: NAME, the file's column with the "
            f"predictions that {model.name} stands for",
        )
    for key in TRAINED:
        if getattr(model, key):
            yield (*at, key), f"{model.name} is read from a column and not trained; leave {key} out"
    if model.candidate:
        yield (
            (*at, "candidate"),
            "somebody else's predictions are never selected: they cannot be made for new objects; "
            "leave it out",
        )
    other = {"classification": ["sigma"], "regression": ["probabilities", "labels"]}
    for key in other.get(study.task, []):
        if getattr(model, key):
            yield (
                (*at, key),
                f"is for {'numbers' if key == 'sigma' else 'classes'}, and this study's task is "
                f"{study.task}; leave it out",
            )


def _used_twice(study: "Study", model: "Model", i: int) -> Iterator[Mismatch]:
    """Find columns of the predictions that are the target, or that our own models would see."""
    target = study.columns.target
    sealed = {target.from_ or target.name, target.name} if target else set()
    seen = {f.from_ or name: name for name, f in study.columns.features.items()}
    for key, name in _named(model):
        at: tuple[str | int, ...] = ("models", i, *key)
        if name in sealed:
            yield at, f"{name!r} is the target; expected a column of predictions"
        elif name in seen:
            yield (
                at,
                f"{name!r} is a feature as well (columns.features.{seen[name]}); our own models "
                "would copy what they are compared with: take it out of the features",
            )


def _named(model: "Model") -> Iterator[tuple[tuple[str, ...], str]]:
    for key in ("column", "sigma", "trained_on"):
        if getattr(model, key):
            yield (key,), getattr(model, key)
    for label, name in model.probabilities.items():
        yield ("probabilities", label), name
