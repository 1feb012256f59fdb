"""The models one can name in a study, from a constant to a network.

Estimators are built by ``function(task, seed, threads, **hyperparameters)``, networks, like the
user's own models, by ``function(input_shape, output_shape, **hyperparameters)``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from boxloop.models import autoencoders, convolutional, estimators, networks, recurrent


@dataclass(frozen=True)
class Architecture:
    """A registered model.

    Attributes
    ----------
    build : callable
    network : bool
        Whether it is a Keras network and not a scikit-learn estimator.
    keeps_missing : bool
        Whether it takes NaN as it is; else its recipe imputes and scales.
    mixture : bool
        Whether it predicts a mixture of Gaussians (`components` of them) and not a number.
    reconstructs : bool
        Whether its last output is the error of a reconstruction of its inputs, a part of the loss.
    trained : bool
        False where predictions are read from the table, and there is nothing to build.
    """

    build: Callable[..., Any]
    network: bool = False
    keeps_missing: bool = False
    mixture: bool = False
    reconstructs: bool = False
    trained: bool = True


def _nothing(*_: Any, **__: Any) -> Any:
    raise TypeError("somebody else's predictions are read from the table: nothing is built")


REGISTRY: dict[str, Architecture] = {
    "dummy": Architecture(estimators.dummy, keeps_missing=True),
    "linear": Architecture(estimators.linear),
    "logistic": Architecture(estimators.logistic),
    "tree": Architecture(estimators.tree, keeps_missing=True),
    "forest": Architecture(estimators.forest, keeps_missing=True),
    "boosting": Architecture(estimators.boosting, keeps_missing=True),
    "svm": Architecture(estimators.svm),
    "dense": Architecture(networks.dense, network=True),
    "mdn": Architecture(networks.mdn, network=True, mixture=True),
    "autoencoder": Architecture(autoencoders.autoencoder, network=True, reconstructs=True),
    "cnn": Architecture(convolutional.cnn, network=True),
    "cnn1d": Architecture(convolutional.cnn1d, network=True),
    "gru": Architecture(recurrent.gru, network=True),
    "predictions": Architecture(_nothing, keeps_missing=True, trained=False),
}

__all__ = ["REGISTRY", "Architecture"]
