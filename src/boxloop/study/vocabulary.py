"""The names a study file may use: stages, readers, findings, states of values.

Plain data, so that a study can be checked without importing numpy, scikit-learn or TensorFlow.
Metrics, models and degraders have tables of their own: `known_metrics`, `known_models`,
`known_degraders`. Tests hold `boxloop.features` to these names.
"""

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

#: Samplers of optuna that plan a round from the trials of earlier ones, and the package that each
#: needs besides. The others of optuna remember only what they asked for themselves.
SAMPLERS: dict[str, str | None] = {"TPESampler": None, "GPSampler": "torch"}

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
