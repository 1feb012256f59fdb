"""The models one can name in a study, from a constant to a network: a line each.

Plain data, so that a study can be checked without importing numpy, scikit-learn or TensorFlow. What
builds a model is named, and imported where it is built. Estimators are built by
``function(task, seed, threads, **hyperparameters)``, networks, like the user's own models, by
``function(input_shape, output_shape, **hyperparameters)``.

No rule rests on this file as a whole, but on the lines of the models that its study names
(`boxloop.study.references.table_lines`): a new line reruns nothing. So there is no code here.
"""

from typing import Any

from boxloop.study.known_model import FITTING, KnownModel

#: The model that is none of ours: a column of somebody else's predictions. Nothing is trained.
GIVEN = "predictions"

_TREE: dict[str, Any] = {"max_depth": None, "min_samples_leaf": 1, "max_features": None}
_FOREST: dict[str, Any] = {**_TREE, "n_estimators": 100, "max_features": "default"}
_LAYERS: dict[str, Any] = {"activation": "relu", "dropout": 0.0, **FITTING}
_CLASSES: dict[str, Any] = {"class_weight": None}
_BOOSTING: dict[str, Any] = {
    "learning_rate": 0.1,
    "max_iter": 100,
    "max_leaf_nodes": 31,
    "min_samples_leaf": 20,
    "l2_regularization": 0.0,
}
_AUTOENCODER: dict[str, Any] = {"units": [64], "latent_dim": 4, "reconstruction_weight": 1.0}
_FILTERS: dict[str, Any] = {"filters": [16, 32], "kernel_size": 3, "units": [64]}


def _estimator(name: str, **about: Any) -> KnownModel:
    return KnownModel(f"boxloop.models.estimators:{name}", **about)


#: By name, simple to complex.
MODELS: dict[str, KnownModel] = {
    "dummy": _estimator("dummy", defaults={}, sees="table", keeps_missing=True),
    "linear": _estimator("linear", defaults={"alpha": 0.0}, task="regression"),
    "logistic": _estimator("logistic", defaults={"C": 1.0, **_CLASSES}, task="classification"),
    "tree": _estimator("tree", defaults={**_TREE, **_CLASSES}, keeps_missing=True),
    "forest": _estimator(
        "forest", defaults={**_FOREST, **_CLASSES}, keeps_missing=True, grows="n_estimators"
    ),
    "boosting": _estimator("boosting", defaults=_BOOSTING, keeps_missing=True, grows="max_iter"),
    "svm": _estimator(
        "svm",
        defaults={"C": 1.0, "gamma": "scale", "epsilon": 0.1, **_CLASSES},
        probabilities=False,
    ),
    "dense": KnownModel(
        "boxloop.models.networks:dense", {"units": [64, 64], **_LAYERS}, sees="table"
    ),
    "mdn": KnownModel(
        "boxloop.models.networks:mdn",
        {"units": [64, 64], "components": 5, **_LAYERS},
        task="regression",
        sees="table",
        mixture=True,
    ),
    "autoencoder": KnownModel(
        "boxloop.models.autoencoders:autoencoder",
        {**_AUTOENCODER, **_LAYERS},
        sees="table",
        reconstructs=True,
    ),
    "cnn": KnownModel("boxloop.models.convolutional:cnn", {**_FILTERS, **_LAYERS}, sees="image"),
    "cnn1d": KnownModel(
        "boxloop.models.convolutional:cnn1d",
        {**_FILTERS, "kernel_size": 5, **_LAYERS},
        sees="light_curve",
    ),
    "gru": KnownModel(
        "boxloop.models.recurrent:gru",
        {"units": [32], "dropout": 0.0, **FITTING},
        sees="light_curve",
    ),
    GIVEN: KnownModel("", {}, keeps_missing=True),
}
