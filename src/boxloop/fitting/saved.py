"""Save and load fitted models: .keras and .skops files and JSON, never a pickle."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boxloop.errors import BoxloopError
from boxloop.fitting.backend import prepare_backend
from boxloop.fitting.external import external_model
from boxloop.fitting.fitted import Fitted
from boxloop.fitting.recipe import FittedRecipe
from boxloop.store import read_json, write_json
from boxloop.study.modules import PREFIX, load_modules

if TYPE_CHECKING:
    from types import FunctionType

    from boxloop.results.train import FitDescription

#: What stands for a model where predictions are read from the table.
GIVEN_FILE = "model.json"


def save_model(fitted: Fitted, folder: str | Path) -> None:
    """Write a fitted model into a folder: model, recipe.json, fit.json, history.csv."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if fitted.given:
        write_json(fitted.model.as_dict(), folder / GIVEN_FILE)
    elif fitted.network:
        # Without the loss: one of our own would be looked for by whoever loads the file.
        fitted.model.compiled = fitted.model.compiled and not callable(fitted.model.loss)
        fitted.model.save(folder / "model.keras")
    else:
        import zipfile

        import skops.io

        skops.io.dump(fitted.model, folder / "model.skops", compression=zipfile.ZIP_DEFLATED)
    write_json(fitted.recipe.as_dict(), folder / "recipe.json")
    write_json(fitted.description, folder / "fit.json")
    if fitted.history:
        with (folder / "history.csv").open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, fieldnames=list(fitted.history[-1]))
            writer.writeheader()
            writer.writerows(fitted.history)


def load_model(folder: str | Path, user_code: Sequence[str] = ()) -> Fitted:
    """Load what `save_model` wrote.

    Parameters
    ----------
    folder : path of ``train/<model>``
    user_code : paths of the study's own modules, which may define layers

    Raises
    ------
    BoxloopError
        The file holds types that do not come from scikit-learn, scipy or numpy.
    """
    folder = Path(folder)
    description: FitDescription = read_json(folder / "fit.json")
    if is_given_folder(folder):
        model: Any = external_model(read_json(folder / GIVEN_FILE))
    elif (folder / "model.keras").is_file():
        prepare_backend()
        import keras

        own = _not_of_keras(load_modules([Path(p) for p in user_code]))
        model = keras.saving.load_model(folder / "model.keras", own, compile=False)
        for layer in model._flatten_layers():
            if hasattr(layer, "use_cudnn"):  # it is not saved, and cuDNN refuses some curves
                layer.use_cudnn = False
    else:
        load_modules([Path(p) for p in user_code])
        model = _load_skops(folder / "model.skops", {Path(p).stem for p in user_code})
    recipe = FittedRecipe.from_dict(read_json(folder / "recipe.json"))
    centre, scale = description["scaling"]
    classes = tuple(description["classes"])
    return Fitted(description["model"], model, recipe, classes, (centre, scale), description)


def is_given_folder(folder: str | Path) -> bool:
    """Return whether a folder holds somebody else's predictions and no model."""
    return (Path(folder) / GIVEN_FILE).is_file()


def _not_of_keras(own: "dict[str, type | FunctionType]") -> "dict[str, type | FunctionType]":
    """Leave out what Keras has under that name: a model ``linear`` is not the activation."""
    import keras

    known = (keras.activations, keras.constraints, keras.initializers, keras.regularizers)
    return {k: v for k, v in own.items() if not any(hasattr(module, k) for module in known)}


def _load_skops(path: Path, own: set[str]) -> Any:
    import skops.io

    found = skops.io.get_untrusted_types(file=path)
    known = {"sklearn", "numpy", "scipy"}
    strange = [t for t in found if t.split(".")[0] not in known and not _own(t, own)]
    if strange:
        raise BoxloopError(f"{path}: holds types that are not trusted: {', '.join(strange)}")
    return skops.io.load(path, trusted=found)


def _own(name: str, modules: set[str]) -> bool:
    return any(name.startswith(f"{PREFIX}{module}.") for module in modules)
