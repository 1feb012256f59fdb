"""Rows of a fold, and what a recipe that was fitted to them makes of them, for several models."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from boxloop.fitting.recipe import fit_recipe
from boxloop.fitting.stacked.memory import free_memory

if TYPE_CHECKING:
    from boxloop.fitting.recipe import FittedRecipe, Inputs
    from boxloop.results.prepare import Recipe
    from boxloop.store import Table

#: Share of the free memory that rows may take which are kept for further models.
SHARE = 0.2


@dataclass
class RecipeCache:
    """Rows to learn from and rows to predict; the recipe is fitted and applied when asked for.

    Attributes
    ----------
    table : Table
        The rows to learn from.
    further : sequence of Table
        Those to predict.
    """

    table: "Table"
    further: "Sequence[Table]"
    _made: dict[Any, Any] = field(default_factory=dict)

    def recipe(self, unfitted: "Recipe") -> "FittedRecipe":
        """Return the recipe, fitted to the rows to learn from."""
        if "recipe" not in self._made:
            self._made["recipe"] = fit_recipe(unfitted, self.table)
        found: FittedRecipe = self._made["recipe"]
        return found

    def inputs(self, recipe: "FittedRecipe", place: int | None = None) -> "Inputs":
        """Return what the recipe makes of the rows to learn from, or of some to predict."""
        table = self.table if place is None else self.further[place]
        if recipe is not self._made.get("recipe"):  # a network's, without its inner slice
            return recipe.transform(table)
        if place not in self._made:
            self._made[place] = recipe.transform(table)
        found: Inputs = self._made[place]
        return found


def worth_keeping(table: "Table", folds: int) -> bool:
    """Whether the rows of all folds, and what a recipe makes of them, take little memory."""
    held = int(table.frame.memory_usage(index=False).sum())
    held += sum(array.nbytes for array in table.arrays.values())
    return 2 * folds * held < SHARE * free_memory()
