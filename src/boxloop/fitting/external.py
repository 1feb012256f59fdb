"""Somebody else's predictions, read from the table: they are judged like a model's, never trained.

*data* carries them along in columns ``<model>__prediction``, ``<model>__p_<class>``,
``<model>__sigma`` and ``<model>__trained_on``, with the names of classes that the target has.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.fitting.mixtures import columns_of
from boxloop.metrics import Mixture
from boxloop.study.known_models import GIVEN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.results.train import ExternalPredictions
    from boxloop.store import Table
    from boxloop.study.trials import AboutModel

#: Column of predictions that says which objects they were trained on; our own have it empty.
TRAINED_ON = "trained_on"


def is_external(trial: "AboutModel") -> bool:
    """Return whether a trial stands for somebody else's predictions."""
    return not trial.get("function") and trial.get("kind") == GIVEN


@dataclass(frozen=True)
class ExternalModel:
    """A column of predictions in the place of a model.

    Attributes
    ----------
    name : str
        The model's name; the columns begin with it.
    classes : tuple of str
        Empty for a regression.
    """

    name: str
    classes: tuple[str, ...]

    def predict(self, table: "Table") -> pd.DataFrame:
        """Read the predictions of every row of a table.

        Returns
        -------
        pandas.DataFrame
            ``id``, ``prediction`` (null where there is none), ``trained_on`` (bool), and where the
            columns are there ``p_<class>``, or a Gaussian of the width sigma as a mixture of one.
        """
        of = f"{self.name}__"
        prediction = table.column(f"{of}prediction")
        columns: dict[str, Any] = {
            "id": table.ids,
            "prediction": prediction,
            TRAINED_ON: np.zeros(len(table), bool),
        }
        if f"{of}trained_on" in table.frame:
            columns[TRAINED_ON] = table.column(f"{of}trained_on").astype(bool)
        for name in self.classes:
            if f"{of}p_{name}" in table.frame:
                columns[f"p_{name}"] = table.column(f"{of}p_{name}").astype(float)
        if f"{of}sigma" in table.frame:
            columns |= _gaussian(prediction, table.column(f"{of}sigma"))
        return pd.DataFrame(columns)

    def as_dict(self) -> "ExternalPredictions":
        """Return plain data for JSON."""
        return {"kind": GIVEN, "name": self.name, "classes": list(self.classes)}


def external_model(content: "ExternalPredictions") -> ExternalModel:
    """Rebuild what `ExternalModel.as_dict` wrote."""
    return ExternalModel(content["name"], tuple(content["classes"]))


def _gaussian(mean: Any, sigma: Any) -> "dict[str, NDArray[np.float64]]":
    mean, sigma = mean.astype(float), sigma.astype(float)
    known = np.isfinite(mean) & np.isfinite(sigma) & (sigma > 0)
    weight, centre, width = (np.where(known, x, np.nan) for x in (np.ones(len(mean)), mean, sigma))
    return dict(columns_of(Mixture(weight[:, None], centre[:, None], width[:, None])))
