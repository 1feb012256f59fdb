"""Which trials have one architecture, so that their networks can be trained as one."""

import json
from typing import Any

from boxloop.fitting.stacked.rates import dropouts

#: Hyperparameters of the training that all members share.
SHARED = ("optimizer", "batch_size", "loss")


def likeness(model: Any, hyperparameters: dict[str, Any], given: dict[str, Any]) -> str:
    """Return a text that trials share if and only if their networks can be trained as one.

    Rates of learning, of weight decay and of plain dropout, schedule, epochs and patience may
    differ from member to member.

    Parameters
    ----------
    model : keras.Model
        Of the trial, uncompiled.
    hyperparameters : dict
        Those of the training.
    given : dict
        Those that the function which built the model was given.
    """
    shared = {name: hyperparameters[name] for name in SHARED}
    # What a layer of somebody else's was made with may not be in its description.
    about = _described(model) if tells_all(model) else given
    return json.dumps([shared, about], sort_keys=True, default=str)


def tells_all(model: Any) -> bool:
    """Whether the descriptions of a model's layers say everything about it."""
    import keras

    functional = type(model) in (keras.Model, keras.Sequential) or (
        type(model).__name__ == "Functional" and type(model).__module__.startswith("keras.")
    )
    layers = [layer for layer in model._flatten_layers() if layer is not model]
    return functional and all(
        type(layer).__module__.startswith("keras.") and type(layer) is not keras.layers.Lambda
        for layer in layers
    )


def _described(model: Any) -> Any:
    """Return a model as plain data, without names and rates of plain dropout."""
    layers = [layer for layer in model._flatten_layers() if layer is not model]
    names = {layer.name: f"layer {i}" for i, layer in enumerate(layers)}
    content = json.loads(model.to_json())
    content["config"]["name"] = ""
    return _renamed(content, names, {layer.name for layer in dropouts(model)})


def _renamed(content: Any, names: dict[str, str], dropped: set[str]) -> Any:
    if isinstance(content, dict):
        rate = {"rate": None} if content.get("name") in dropped and "rate" in content else {}
        return {k: _renamed(v, names, dropped) for k, v in {**content, **rate}.items()}
    if isinstance(content, list):
        return [_renamed(v, names, dropped) for v in content]
    return names.get(content, content) if isinstance(content, str) else content
