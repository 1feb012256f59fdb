"""Recipes: from a table to the arrays a model sees. Everything learnt is learnt from fitting rows.

An unfitted recipe is plain data written by *prepare*; `fit_recipe` learns means, spreads, medians,
bands and lengths from the rows it is given, inside the fold; the fitted recipe travels with the
model.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.errors import BoxloopError
from boxloop.modalities.registry import modality, shown
from boxloop.store import Table, plain
from boxloop.study.known_modalities import MODALITIES
from boxloop.study.known_modality import SEEN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.results.prepare import Recipe
    from boxloop.results.train import LearntRecipe

    Inputs = dict[str, NDArray[np.float32]]


@dataclass(frozen=True)
class FittedRecipe:
    """What a recipe learnt from the fitting rows.

    Attributes
    ----------
    unfitted : Recipe
        The recipe as *prepare* wrote it.
    learnt : mapping of str to dict
        What each input learnt (`boxloop.modalities.Modality.learn`).
    """

    unfitted: "Recipe"
    learnt: Mapping[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        """Names of the columns of the ``table`` input, indicators included."""
        indicators = self.learnt.get("table", {}).get("indicators", [])
        return [*self.unfitted.get("table", {}).get("columns", []), *indicators]

    def transform(self, table: Table) -> "Inputs":
        """Return the arrays of all inputs, float32, first axis the rows of the table."""
        steps: Mapping[str, Any] = self.unfitted
        inputs = {
            name: modality(name, table.own).transform(
                steps[name], self.learnt[name], shown(name, table)
            )
            for name in self.unfitted["inputs"]
        }
        for name, seen in inputs.items():
            if name in table.own and not _usable(seen, len(table)):
                raise BoxloopError(
                    f"columns.own.{name}: transform: expected finite numbers for {len(table)} "
                    f"objects; found the shape {np.shape(seen)}, or values that are not finite"
                )
        return inputs or {"table": np.zeros((len(table), 1), np.float32)}

    def as_dict(self) -> dict[str, Any]:
        """Return plain data for JSON; `from_dict` is its inverse.

        The keys of our modalities stand there whether or not there is something to say.
        """
        content: dict[str, Any] = {"unfitted": self.unfitted}
        for name in SEEN:
            learnt, keys = self.learnt.get(name, {}), MODALITIES[name].learnt
            content |= {key: learnt.get(part, []) for key, part in keys.items()} or {name: learnt}
        return content | {n: of for n, of in self.learnt.items() if n not in SEEN}

    @classmethod
    def from_dict(cls, content: "LearntRecipe") -> "FittedRecipe":
        """Rebuild a fitted recipe from plain data."""
        unfitted, known = content["unfitted"], dict[str, Any](content)
        learnt = {}
        for name in unfitted["inputs"]:
            keys = MODALITIES[name].learnt if name in MODALITIES else {}
            learnt[name] = {p: known.get(k, []) for k, p in keys.items()} or known[name]
        return cls(unfitted, learnt)


def _usable(seen: "NDArray[np.float32]", rows: int) -> bool:
    return len(seen) == rows and bool(np.isfinite(seen).all())


def fit_recipe(unfitted: "Recipe", table: Table) -> FittedRecipe:
    """Learn a recipe from the fitting rows.

    Parameters
    ----------
    unfitted : Recipe
        ``inputs`` and for each of them its steps, as in ``prepare/recipes.json``.
    table : Table
        The fitting rows only.
    """
    steps: Mapping[str, Any] = unfitted
    learnt = {
        name: modality(name, table.own).learn(steps[name], shown(name, table))
        for name in unfitted["inputs"]
    }
    for name in table.own.keys() & learnt.keys():  # as a saved model will have it
        learnt[name] = json.loads(json.dumps(plain(learnt[name])))
    return FittedRecipe(unfitted, learnt)
