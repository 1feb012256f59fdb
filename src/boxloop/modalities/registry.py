"""Find the class of a modality by its name: ours by their lines, a study's own by its table."""

import inspect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from boxloop.errors import BoxloopError, suggest
from boxloop.modalities.modality import Modality
from boxloop.store import Table
from boxloop.study.code import user_function
from boxloop.study.known_modalities import MODALITIES
from boxloop.study.known_modality import SEEN

#: What a class of the study's own has, and how like one of these a name is that was meant for it.
HOOKS = ("read_file", "recipe", "learn", "transform", "check", "summaries", "picture", "permute")
MISTYPED = 0.8
#: Of each modality of the study's own: ``modality``, ``options`` and ``code``.
Own = Mapping[str, Mapping[str, Any]]


def modality(name: str, own: Own | None = None) -> Modality:
    """Return the modality of a name; one that nobody knows is a plain array.

    Raises
    ------
    BoxloopError
        The class of the study's own cannot be loaded, or is none.
    """
    if own and name in own:
        return _own(name, own[name])
    if name not in MODALITIES:
        return Modality(name)
    module, _, built = MODALITIES[name].build.partition(":")
    found: Modality = getattr(import_module(module), built)(name)
    return found


def own_of(columns: Mapping[str, Any], user_code: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return what a table is told of the study's own modalities.

    Parameters
    ----------
    columns : mapping
        The study's section ``columns``.
    user_code : sequence of str
        Paths of the study's own modules.
    """
    return {
        name: {"modality": of["modality"], "options": of["options"], "code": list(user_code)}
        for name, of in (columns.get("own") or {}).items()
    }


def sections(columns: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the parts of ``columns`` about modalities that have one, in the order of reading."""
    ours = {name: columns[name] for name in MODALITIES if columns.get(name)}
    return {**ours, **(columns.get("own") or {})}


def of_table(table: Table) -> dict[str, Modality]:
    """Return the modalities that a table has beside its columns, in the order of reading."""
    return {name: modality(name, table.own) for name in names_of(table)}


def shown(name: str, table: Table) -> Table:
    """Return what a modality may see of a table.

    One of the study's own sees no target, as no model does, and cannot write into arrays.
    """
    if name not in table.own:
        return table
    hidden = table.of_role("target", "target_error")
    arrays = {key: np.asarray(array).view() for key, array in table.arrays.items()}
    for array in arrays.values():
        array.flags.writeable = False
    columns = {key: about for key, about in table.columns.items() if key not in hidden}
    return replace(table, frame=table.frame.drop(columns=hidden), columns=columns, arrays=arrays)


def names_of(table: Table) -> list[str]:
    """Return the names of the modalities that a table has beside its columns."""
    ours = [name for name in MODALITIES if _there(name, table)]
    return [*ours, *(name for name in table.own if name in table.arrays)]


def as_seen(names: Iterable[str]) -> list[str]:
    """Return names in the order in which models see them."""
    every = list(names)
    return [*(n for n in SEEN if n in every), *(n for n in every if n not in SEEN)]


def by_reader() -> dict[str, str]:
    """Return the modalities by the readers of folders in which every file is one object."""
    return {of.reader: name for name, of in reversed(MODALITIES.items()) if of.reader}


def of_some(role: str) -> bool:
    """Whether the summaries of a modality are of some objects only, drawn at random."""
    return role in MODALITIES and MODALITIES[role].drawn


def _there(name: str, table: Table) -> bool:
    parts = MODALITIES[name].parts
    return name in table.arrays or bool(parts and f"{name}.{parts[1]}" in table.frame)


def _own(name: str, about: Mapping[str, Any]) -> Modality:
    made = user_function(about["modality"], [Path(p) for p in about["code"]])
    if why := why_no_modality(made, about["modality"]):
        raise BoxloopError(f"columns.own.{name}.modality: {why}")
    built: Modality = made(name, about["options"])
    return built


def why_no_modality(made: Any, reference: str, *, seen: bool = False) -> str:
    """Return why a class of the study's own is none that we can work with, or nothing.

    Parameters
    ----------
    made : object
    reference : str
        As the study names it.
    seen : bool
        Whether models are to see it.
    """
    if not (isinstance(made, type) and issubclass(made, Modality)):
        return f"expected a class that is a boxloop.modalities.Modality; found {reference}"
    known = {k: v for k, v in vars(Modality).items() if callable(v) and not k.startswith("_")}
    if seen and made.transform is Modality.transform:
        near = suggest("transform", [k for k in vars(made) if k not in known])
        return f"{reference} has no method transform{near}"
    own = {k: v for k, v in vars(made).items() if inspect.isfunction(v) and not k.startswith("_")}
    left = [k for k in HOOKS if getattr(made, k) is getattr(Modality, k)]
    for method, function in own.items():
        if method in known:
            takes = list(inspect.signature(known[method]).parameters.values())
            by_name = [p.name for p in takes if p.kind is p.KEYWORD_ONLY]
            try:
                positional = takes[: len(takes) - len(by_name)]
                inspect.signature(function).bind(*positional, **dict.fromkeys(by_name))
            except TypeError as error:
                expected = inspect.signature(known[method])
                return f"{reference}.{method} will be called as {method}{expected}: {error}"
        elif meant := get_close_matches(method, left, 1, MISTYPED):
            return f"{reference} has a method {method}, which nobody calls; meant is {meant[0]}?"
    return ""
