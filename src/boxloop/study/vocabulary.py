"""The names a study file may use: stages, metrics, models, and their defaults.

Plain data, so that a study can be checked without importing numpy, scikit-learn or TensorFlow.
Tests hold `boxloop.metrics`, `boxloop.models` and `boxloop.features` to these names.
"""

from typing import Any

#: The stages in the order of the workflow, each with the sections of the study it is the first
#: to use. A variant reads its base's files for a stage while all sections up to it are equal.
STAGES: dict[str, tuple[str, ...]] = {
    "data": ("seed", "task", "code", "samples", "columns", "split"),
    "explore": (),
    "prepare": ("models",),
    "search": ("metric", "search", "budget"),
    "train": (),
    "evaluate": ("status", "margin", "groups", "published"),
    "apply": (),
    "ethics": ("question", "checklist"),
    "report": ("report",),
    "track": (),
}

#: Metrics by task. True: larger is better.
METRICS: dict[str, dict[str, bool]] = {
    "classification": {
        "accuracy": True,
        "balanced_accuracy": True,
        "f1_macro": True,
        "precision": True,
        "recall": True,
        "specificity": True,
        "mcc": True,
        "roc_auc": True,
        "average_precision": True,
        "log_loss": False,
        "brier": False,
    },
    "regression": {
        "mse": False,
        "rmse": False,
        "mae": False,
        "median_squared_error": False,
        "mad": False,
        "r2": True,
        "nmad": False,
        "bias": False,
        "outlier_fraction": False,
    },
}

#: Metrics that models cannot be chosen by: more and less are both worse.
NOT_TO_CHOOSE_BY: tuple[str, ...] = ("bias",)

#: What every network takes besides the parameters of its architecture.
FITTING: dict[str, Any] = {
    "optimizer": "adam",
    "learning_rate": 1e-3,
    "schedule": "cosine",
    "batch_size": 256,
    "epochs": 30,
    "patience": 5,
    "loss": None,
}

_TREE: dict[str, Any] = {"max_depth": None, "min_samples_leaf": 1, "max_features": None}

#: Models, each with its hyperparameters and their defaults.
MODELS: dict[str, dict[str, Any]] = {
    "dummy": {},
    "linear": {"alpha": 0.0},
    "logistic": {"C": 1.0, "class_weight": None},
    "tree": {**_TREE, "class_weight": None},
    "forest": {**_TREE, "n_estimators": 100, "max_features": "default", "class_weight": None},
    "boosting": {
        "learning_rate": 0.1,
        "max_iter": 100,
        "max_leaf_nodes": 31,
        "min_samples_leaf": 20,
        "l2_regularization": 0.0,
    },
    "dense": {"units": [64, 64], "activation": "relu", "dropout": 0.0, **FITTING},
}

#: Models that take missing values as they are; the others get them imputed and scaled.
KEEPS_MISSING: tuple[str, ...] = ("dummy", "tree", "forest", "boosting")

#: The tasks a model can be used for, where not both.
ONLY_FOR: dict[str, str] = {"linear": "regression", "logistic": "classification"}

#: Formats that a sample's files may have; any other needs a reader of the user's own.
READERS: tuple[str, ...] = ("csv", "fits", "parquet")

#: Registered functions of `columns.derived`.
DERIVED: tuple[str, ...] = ("colours",)

#: Meanings of a missing value and the code they get in the column ``<name>__state``.
STATES: dict[str, int] = {"measured": 0, "not_observed": 1, "not_detected": 2, "masked": 3}

#: The checklist: identifier, question, and whether the pipeline measures it itself.
CHECKLIST: dict[str, tuple[str, bool]] = {
    "misuse": ("How could the model be attacked or misused, and what was done about it?", False),
    "representative": (
        "Is the training sample a fair and representative picture of the objects the model "
        "will be used on?",
        True,
    ),
    "bias_sources": ("Which sources of bias are in the data, and are they understood?", True),
    "team": ("Who worked on this, and which points of view were missing?", False),
    "consent_needed": ("Does anybody have to agree to this use of the data?", False),
    "consent_given": ("Where agreement is needed, was it given?", False),
    "consent_understood": ("Was it explained what the agreement covers?", False),
    "redress": ("What can somebody do who is wronged by a result?", False),
    "shutdown": ("Can the model be withdrawn once others use it, and by whom?", False),
    "group_fairness": ("Does the model work equally well for all groups of objects?", True),
    "group_errors": ("Are the kinds of error equally frequent in all groups?", True),
    "drift": ("Is it watched whether new data drift away from the training data?", True),
    "data_protection": ("How are the data protected, and may they be passed on?", False),
}
