"""A boxloop model as MLflow serves it: this file is logged as code, the fitted model as files.

Whoever loads it needs boxloop installed; nothing is unpickled.
"""

from pathlib import Path
from typing import Any

import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel

from boxloop.fitting import load_model
from boxloop.store import Table


class Served(PythonModel):
    """Load the files of ``train/<model>`` and predict rows of a data frame."""

    def load_context(self, context: Any) -> None:
        """Load the model and the study's own modules it may need."""
        folder = Path(context.artifacts["model"])
        own = context.artifacts.get("code")
        modules = sorted(str(p) for p in Path(own).glob("*.py")) if own else []
        self.fitted = load_model(folder, modules)

    def predict(
        self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        """Predict rows that have the columns of ``data/table.parquet`` which the model uses.

        Returns
        -------
        pandas.DataFrame
            ``id`` (the row's number where the input has none), ``prediction``, ``p_<class>``.
        """
        frame = model_input.reset_index(drop=True)
        if "id" not in frame:
            frame = frame.assign(id=frame.index.astype(str))
        return self.fitted.predict(Table(frame, {}))


set_model(Served())
