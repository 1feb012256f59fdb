"""Build the model of a trial: a registered one, or what the user's own function returns."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.errors import BoxloopError
from boxloop.fitting.backend import computing_in, prepare_if_used, quiet_start
from boxloop.fitting.losses import loss_of
from boxloop.study.code import accepted, user_function
from boxloop.study.known_model import FITTING
from boxloop.study.known_models import MODELS
from boxloop.study.searching import Hyperparameters
from boxloop.study.seeds import integer_seed

if TYPE_CHECKING:
    from boxloop.fitting.recipe import FittedRecipe, Inputs
    from boxloop.store import Table
    from boxloop.study.trials import Fittable


@dataclass(frozen=True)
class Builder:
    """How to build the model of a trial.

    Attributes
    ----------
    trial : Fittable
    classes : tuple of str
    task : str
    seed : tuple
        Root seed and the names of its use.
    threads : int
    user_code : tuple of str
        Paths of the study's own modules.
    """

    trial: "Fittable"
    classes: tuple[str, ...]
    task: str
    seed: tuple[Any, ...]
    threads: int
    user_code: tuple[str, ...]

    @property
    def registered_network(self) -> bool:
        """Whether it is known to be a network without building it."""
        return not self.trial["function"] and MODELS[str(self.trial["kind"])].network

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Shape of the output: a number, a probability for every class, or three a Gaussian.

        A network that reconstructs its inputs has the error of that as one number more.
        """
        target = 3 * self.components if self.components else len(self.classes) or 1
        return (target + self.reconstructs,)

    @property
    def reconstructs(self) -> bool:
        """Whether the last output is the error of a reconstruction, a part of the loss."""
        return not self.trial["function"] and MODELS[str(self.trial["kind"])].reconstructs

    @property
    def loss(self) -> Any:
        """The loss that its network is trained with."""
        named = {**FITTING, **self.trial["hyperparameters"]}["loss"]
        return loss_of(
            named, self.task, mixture=bool(self.components), reconstructs=self.reconstructs
        )

    @property
    def components(self) -> int | None:
        """Number of Gaussians of a registered model that predicts mixtures of them."""
        if self.trial["function"] or not MODELS[str(self.trial["kind"])].mixture:
            return None
        found = self.trial["hyperparameters"]["components"]
        if not isinstance(found, int) or found < 1:
            raise BoxloopError(
                f"models.{self.trial['model']}: components is the number of Gaussians; expected a "
                f"whole number from 1 on; found {found!r}"
            )
        return found

    @property
    def given(self) -> Hyperparameters:
        """The hyperparameters that the function which builds the model is given."""
        values = self.trial["hyperparameters"]
        if self.trial["function"]:
            return accepted(self._own(), values)
        return {k: v for k, v in values.items() if k not in FITTING}

    def estimator(self, recipe: "FittedRecipe", table: "Table") -> Any:
        """Return the scikit-learn estimator, or None where the model is a network.

        Only building it tells what a user's function returns; the recipe, fitted to all rows, says
        how long light curves are.
        """
        if self.trial["function"]:
            few = table.take(np.arange(min(2, len(table))))
            model = self.build(shape_of(recipe.transform(few)))
            return None if is_network(model) else self._seeded(model)
        known = MODELS[str(self.trial["kind"])]
        if known.network:
            return None
        seed = integer_seed(self.seed[0], *self.seed[1:], "estimator")
        build = known.builder()
        return build(self.task, seed, self.threads, **self.trial["hyperparameters"])

    def build(self, input_shape: Any) -> Any:
        """Build the user's model, or the uncompiled network, for inputs of a shape."""
        values = self.given
        if self.trial["function"]:
            own = self._own()
            with computing_in(self.trial.get("precision")):
                model = own(input_shape, self.output_shape, **values)
        else:
            if not self.components:
                values["output_activation"] = "softmax" if self.classes else "linear"
            with computing_in(self.trial.get("precision")):
                model = MODELS[str(self.trial["kind"])].builder()(
                    input_shape, self.output_shape, **values
                )
        if is_network(model) and tuple(model.output_shape[1:]) != self.output_shape:
            raise BoxloopError(
                f"the model {self.trial['model']} returns the shape {model.output_shape[1:]}; "
                f"expected {self.output_shape}"
            )
        return model

    def _own(self) -> Callable[..., Any]:
        """Return the user's function; where networks are built, Keras is ready for them."""
        files = [Path(p) for p in self.user_code]
        prepare_if_used(files, self.threads)
        with quiet_start():
            own = user_function(str(self.trial["function"]), files)
        prepare_if_used((), self.threads)  # a package that the module imports may import Keras
        return own

    def _seeded(self, model: Any) -> Any:
        """Give every random_state that the user left open a seed, also inside a pipeline."""
        values = model.get_params(deep=True) if hasattr(model, "get_params") else {}
        unset = [k for k, v in values.items() if k.endswith("random_state") and v is None]
        root, *use = self.seed
        seeds = {name: integer_seed(root, *use, "estimator", name) for name in sorted(unset)}
        return model.set_params(**seeds) if seeds else model


def is_network(model: Any) -> bool:
    """Return whether a model is a Keras network."""
    return hasattr(model, "stateless_call")


def shape_of(inputs: "Inputs") -> Any:
    """Return the input shape, without the batch axis; by name where there are several inputs."""
    shapes = {k: v.shape[1:] for k, v in inputs.items()}
    return shapes if len(shapes) > 1 else next(iter(shapes.values()))
