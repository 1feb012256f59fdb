"""A fitted model with its recipe: it predicts from a table."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.fitting.build import is_network
from boxloop.fitting.estimator import matrix_of
from boxloop.fitting.external import ExternalModel
from boxloop.fitting.mixtures import columns_of, mixture_columns, mixture_of
from boxloop.fitting.recipe import FittedRecipe

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.fitting.recipe import Inputs
    from boxloop.results.train import FitDescription
    from boxloop.store import Table


@dataclass(frozen=True)
class Fitted:
    """A fitted model with all it needs to predict from a table.

    Attributes
    ----------
    name : str
    model : estimator, keras.Model or Given
    recipe : FittedRecipe
    classes : tuple of str
        Empty for a regression.
    scaling : (float, float)
        Centre and scale a network's target was brought to.
    description : FitDescription
        Content of ``fit.json``.
        ``components`` is the number of Gaussians of a model that predicts mixtures, ``point`` what
        of a distribution is its ``prediction`` (mean or median).
    history : list of dict
        By epoch, networks only.
    """

    name: str
    model: Any
    recipe: FittedRecipe
    classes: tuple[str, ...]
    scaling: tuple[float, float]
    description: "FitDescription"
    history: list[dict[str, float]] = field(default_factory=list)

    @property
    def network(self) -> bool:
        """Whether it is a Keras network."""
        return is_network(self.model)

    @property
    def given(self) -> bool:
        """Whether it is a column of somebody else's predictions, which no data change."""
        return isinstance(self.model, ExternalModel)

    @property
    def further_columns(self) -> list[str]:
        """Columns of predictions besides ``id`` and ``prediction``."""
        return [f"p_{c}" for c in self.classes] + mixture_columns(
            self.description.get("components")
        )

    def predict(self, table: "Table", inputs: "Inputs | None" = None) -> pd.DataFrame:
        """Predict every row of a table.

        Parameters
        ----------
        table : Table
        inputs : dict of str to ndarray, optional
            What the recipe makes of it, where that is known.

        Returns
        -------
        pandas.DataFrame
            ``id``, ``prediction`` (a number or the class), ``p_<class>`` and the columns of a
            mixture, in table order.
        """
        if self.given:
            found: pd.DataFrame = self.model.predict(table)
            return found
        ids = table.ids
        inputs = self.recipe.transform(table) if inputs is None else inputs
        if self.network:
            return predictions_of(
                _forward(self.model, inputs),
                ids,
                classes=self.classes,
                scaling=self.scaling,
                components=self.description.get("components"),
                point=self.description.get("point", "median"),
            )
        matrix = matrix_of(inputs)
        if not self.classes:
            point = np.asarray(self.model.predict(matrix), float).reshape(-1)
            return pd.DataFrame({"id": ids, "prediction": point})
        return _of_classes(ids, *self._codes(matrix), self.classes)

    def _codes(self, matrix: "NDArray[Any]") -> tuple["NDArray[Any]", "NDArray[Any]"]:
        """Return codes and probabilities of the classes; NaN where the model gives none."""
        if not hasattr(self.model, "predict_proba"):
            codes = np.asarray(self.model.predict(matrix)).reshape(-1).astype(int)
            return codes, np.full((len(codes), len(self.classes)), np.nan)
        found = np.asarray(self.model.predict_proba(matrix), float)
        # A class that the fitting rows lack has probability 0.
        probability = np.zeros((len(found), len(self.classes)))
        seen = getattr(self.model, "classes_", range(len(self.classes)))
        probability[:, np.asarray(seen, int)] = found
        return probability.argmax(axis=1), probability


def predictions_of(
    output: "NDArray[Any]",
    ids: "NDArray[Any]",
    *,
    classes: tuple[str, ...],
    scaling: tuple[float, float],
    components: int | None,
    point: str,
) -> pd.DataFrame:
    """Return the predictions that the output of a network stands for.

    Parameters
    ----------
    output : ndarray, shape (n, outputs)
        A number in units of the scaled target, probabilities, or the numbers of a mixture; what
        stands behind them, as the error of a reconstruction, is no prediction.
    ids : ndarray, shape (n,)
    classes : tuple of str
        Empty for a regression.
    scaling : (float, float)
        Centre and scale of the target.
    components : int or None
        The number of Gaussians of a mixture.
    point : {"median", "mean"}
        What is predicted of a mixture.

    Returns
    -------
    pandas.DataFrame
        As of `Fitted.predict`.
    """
    output = np.asarray(output, float)
    frame = pd.DataFrame({"id": ids})
    if components:
        mixture = mixture_of(output, *scaling)
        number = mixture.expectation() if point == "mean" else mixture.quantile(0.5)
        return frame.assign(prediction=number, **columns_of(mixture))
    if classes:
        probability = output[:, : len(classes)]
        return _of_classes(ids, probability.argmax(axis=1), probability, classes)
    centre, scale = scaling
    return frame.assign(prediction=output.reshape(len(output), -1)[:, 0] * scale + centre)


def _of_classes(
    ids: "NDArray[Any]",
    codes: "NDArray[Any]",
    probability: "NDArray[Any]",
    classes: tuple[str, ...],
) -> pd.DataFrame:
    frame = pd.DataFrame({"id": ids, "prediction": np.asarray(classes, dtype=object)[codes]})
    for j, name in enumerate(classes):
        frame[f"p_{name}"] = probability[:, j]
    return frame


def _forward(model: Any, inputs: "Inputs") -> "NDArray[np.float64]":
    data = inputs if len(inputs) > 1 else next(iter(inputs.values()))
    return np.asarray(model.predict(data, batch_size=4096, verbose=0), dtype=float)
