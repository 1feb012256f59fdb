"""The names a study file may use: stages, metrics, models, and their defaults.

Plain data, so that a study can be checked without importing numpy, scikit-learn or TensorFlow.
Tests hold `boxloop.metrics`, `boxloop.models` and `boxloop.features` to these names.
"""

from typing import Any

#: The stages in the order of the workflow, each with the sections of the study it is the first
#: to use. A variant reads its base's files for a stage while all sections up to it are equal.
STAGES: dict[str, tuple[str, ...]] = {
    "data": ("seed", "task", "code", "samples", "columns", "split"),
    "explore": ("gates", "embedding"),
    "prepare": ("models",),
    "search": ("metric", "search", "budget", "probes"),
    "train": (),
    "evaluate": (
        *("status", "margin", "groups", "protected", "published"),
        *("recalibrate", "conformal", "prevalence", "degraders", "plausible"),
    ),
    "apply": (),
    "ethics": ("question", "checklists", "checklist"),
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
        "ece": False,
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
        "chi2": False,
        "nll": False,
        "crps": False,
        "pit": False,
        "coverage": True,
    },
    "exploration": {},
}

#: Metrics that models cannot be chosen by, and why.
NOT_TO_CHOOSE_BY: dict[str, str] = {
    "bias": "has a sign and no best value",
    "ece": "says how honest the probabilities are, not how sharp",
    "pit": "says how honest the distributions are, not how sharp",
    "coverage": "is best at its nominal value, which a vague model reaches too",
}

#: Metrics that judge probabilities of classes, or whole distributions of a number.
OF_PROBABILITIES: tuple[str, ...] = (
    *("roc_auc", "average_precision", "log_loss", "brier"),
    "ece",
)
OF_DISTRIBUTIONS: tuple[str, ...] = ("nll", "crps", "pit", "coverage")

#: Samplers of optuna that plan a round from the trials of earlier ones, and the package that each
#: needs besides. The others of optuna remember only what they asked for themselves.
SAMPLERS: dict[str, str | None] = {"TPESampler": None, "GPSampler": "torch"}

#: What every network takes besides the parameters of its architecture.
FITTING: dict[str, Any] = {
    "optimizer": "adam",
    "learning_rate": 1e-3,
    "schedule": "cosine",
    "weight_decay": None,
    "batch_size": 256,
    "epochs": 30,
    "patience": 5,
    "loss": None,
}

_TREE: dict[str, Any] = {"max_depth": None, "min_samples_leaf": 1, "max_features": None}
_LAYERS: dict[str, Any] = {"activation": "relu", "dropout": 0.0, **FITTING}

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
    "svm": {"C": 1.0, "gamma": "scale", "epsilon": 0.1, "class_weight": None},
    "dense": {"units": [64, 64], **_LAYERS},
    "mdn": {"units": [64, 64], "components": 5, **_LAYERS},
    "autoencoder": {"units": [64], "latent_dim": 4, "reconstruction_weight": 1.0, **_LAYERS},
    "cnn": {"filters": [16, 32], "kernel_size": 3, "units": [64], **_LAYERS},
    "cnn1d": {"filters": [16, 32], "kernel_size": 5, "units": [64], **_LAYERS},
    "gru": {"units": [32], "dropout": 0.0, **FITTING},
    "predictions": {},
}

#: The model that is none of ours: a column of somebody else's predictions. Nothing is trained.
GIVEN = "predictions"

#: Models that take missing values as they are; the others get them imputed and scaled.
KEEPS_MISSING: tuple[str, ...] = ("dummy", "tree", "forest", "boosting", GIVEN)

#: The one kind of data that a model sees, where it is not for all: the other models see the table,
#: or what `inputs` names, images and light curves as rows of numbers.
SEES: dict[str, str] = {
    **dict.fromkeys(("dummy", "dense", "mdn", "autoencoder"), "table"),
    "cnn": "image",
    **dict.fromkeys(("cnn1d", "gru"), "light_curve"),
}

#: The tasks a model can be used for, where not both.
ONLY_FOR: dict[str, str] = {
    "linear": "regression",
    "logistic": "classification",
    "mdn": "regression",
}

#: Models that predict a distribution, and those that give no probabilities of classes.
GIVES_DISTRIBUTIONS: tuple[str, ...] = ("mdn",)
NO_PROBABILITIES: tuple[str, ...] = ("svm",)

#: Formats that a sample's files may have; any other needs a reader of the user's own.
#: With the last two every file is an object: an image, or a light curve.
READERS: tuple[str, ...] = (
    *("csv", "fits", "parquet", "votable", "ecsv", "cds"),
    *("images", "light_curves"),
)

#: Registered functions of `columns.derived`.
DERIVED: tuple[str, ...] = ("colours", "luminosity")

#: Column that says which rows are one object on the sky (`columns.sky.match`).
SKY_OBJECT = "sky_object"

#: Column that says in which cell of the sky an object lies (`columns.sky.block`).
SKY_BLOCK = "sky_block"

#: Names in `groups` that stand for cells of the sky, and for the classes of a classification, where
#: no column of the study has the name.
SKY_GROUP, CLASS_GROUP = "sky", "class"

#: Kinds of finding of the exploration, for `gates`.
FINDINGS: dict[str, str] = {
    "impossible_value": "values that cannot be: a magnitude of 99, a negative redshift",
    "negative_error": "errors below zero",
    "zero_error": "errors of exactly zero",
    "marker_value": "a number that catalogues write where they have none",
    "capped": "many values at one end of a column, as if they were cut off there",
    "rounded": "values that lie on a coarse grid",
    "missing": "a column that is often not measured",
    "missing_pattern": "columns missing together, or in one class more than in another",
    "empty": "a column without any value",
    "constant": "a column of one value",
    "duplicates": "rows, or positions on the sky, that occur more than once",
    "no_target": "rows without a target",
    "small_class": "a class of few objects",
    "imbalance": "classes of very different size",
    "outliers": "objects far from all others in several columns",
    "heavy_tail": "a column with few values very far out; a transform may help",
    "same_column": "two columns that say the same",
    "batch": "a column that differs between files, plates, fields or dates",
    "class_is_sample": "a class that comes from one sample only",
    "leak": "a column that gives the target away",
    "leak_pair": "two columns that together give the target away",
    "lineage": "a column that was computed from the target, or the target from it",
    "excluded": "a column of the file that the study leaves out, and why",
    "blank_image": "images without content",
    "shift": "a column distributed otherwise in the target sample",
    "missing_shift": "a column missing more often in one of labelled and target sample",
}

#: Kinds of finding of the evaluation. They come after the search, so that no gate can name them.
REMARKS: dict[str, str] = {
    "duplicate_across_sets": "an object of one set or fold that stands again in another",
    "group_across_sets": "a group of which rows stand in two sets or folds",
    "nothing_learnt": "no model is better than one that has learnt nothing",
    "null_beaten": "a model that scores better than chance on shuffled labels",
    "time_leak": "a score that falls when the past has to predict the future",
    "opened_often": "a test set that was opened more than once",
    "miscalibrated": "probabilities, errors or distributions that are not what they say",
    "unfair_group": "a group for which the model is worse than for the others",
    "unequal_decisions": "decisions that differ between groups of people",
    "unlike_target": "training objects unlike those that the model is for",
    "prevalence_shift": "classes of another frequency among the target objects",
    "degrades": "a score that falls quickly where data get worse",
    "implausible": "predictions that a law of nature or a rule of the study forbids",
    "unstable": "a score that hangs on the seed of the training",
}

#: Degraders, each with what it does, its usual strengths, the strength that is still mild, the
#: largest that makes sense, what it touches, and its parameters with their defaults.
DEGRADERS: dict[str, dict[str, Any]] = {
    "noise": {
        "does": "adds noise of `strength` times the errors of features and light curves; where "
        "features have no errors, of `strength` times `of_spread` of their spread; in images, of "
        "`strength` times the noise they have",
        "strengths": (0.5, 1.0, 2.0, 4.0),
        "mild": 1.0,
        "most": None,
        "touches": ("table", "light_curve", "image"),
        "parameters": {"of_spread": 0.1},
    },
    "fainter": {
        "does": "makes all magnitudes fainter by `strength` mag, with noise to match",
        "strengths": (0.1, 0.2, 0.5, 1.0),
        "mild": 0.2,
        "most": None,
        "touches": ("table",),
        "parameters": {},
    },
    "missing": {
        "does": "takes one feature, by chance, away from the fraction `strength` of the objects",
        "strengths": (0.05, 0.1, 0.25, 0.5),
        "mild": 0.1,
        "most": 1.0,
        "touches": ("table",),
        "parameters": {},
    },
    "dropped_epochs": {
        "does": "takes the fraction `strength` of its epochs away from each light curve; two stay",
        "strengths": (0.1, 0.25, 0.5, 0.75),
        "mild": 0.25,
        "most": 1.0,
        "touches": ("light_curve",),
        "parameters": {},
    },
    "blur": {
        "does": "convolves images with a Gaussian of sigma `strength` pixels",
        "strengths": (0.5, 1.0, 2.0, 4.0),
        "mild": 1.0,
        "most": None,
        "touches": ("image",),
        "parameters": {},
    },
    "shift": {
        "does": "moves each image by `strength` pixels in a direction of its own",
        "strengths": (0.5, 1.0, 2.0, 4.0),
        "mild": 1.0,
        "most": None,
        "touches": ("image",),
        "parameters": {},
    },
}

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
