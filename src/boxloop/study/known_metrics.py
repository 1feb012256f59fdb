"""The metrics one can name in a study: a line each.

Plain data, so that a study can be checked without importing numpy or scikit-learn. What computes a
metric is named as ``module:function`` of `boxloop.metrics`, whose registry finds it.
"""

from dataclasses import dataclass
from typing import Literal

Needs = Literal["label", "probability", "point", "error", "distribution"]


@dataclass(frozen=True)
class KnownMetric:
    """A metric, and what has to be known of it.

    Attributes
    ----------
    task : str
    function : str
    needs : {"label", "probability", "point", "error", "distribution"}
        ``error``: a point, and the error of the truth.
    wants : str
        The point of the predictive distribution that optimises it.
    larger_is_better : bool
    unit : str
        ``target`` for the target's unit, ``target2`` for its square, empty for a pure number.
    label : str
        As it is printed; empty: as it is written.
    each : str
        Of a distribution: a function (truth, mixture) -> a number (n,) for each object, which
        `function` sums up.
    never : str
        Why models cannot be chosen by it; empty where they can.
    """

    task: str
    function: str
    needs: Needs
    wants: str
    larger_is_better: bool = False
    unit: str = ""
    label: str = ""
    each: str = ""
    never: str = ""


METRICS: dict[str, KnownMetric] = {
    "accuracy": KnownMetric(
        "classification",
        "classification:accuracy",
        needs="label",
        wants="most probable class",
        larger_is_better=True,
    ),
    "balanced_accuracy": KnownMetric(
        "classification",
        "classification:recall",
        needs="label",
        wants="class of largest probability over prevalence",
        larger_is_better=True,
        label="balanced accuracy",
    ),
    "f1_macro": KnownMetric(
        "classification",
        "classification:f1_macro",
        needs="label",
        wants="class above its threshold",
        larger_is_better=True,
        label="macro F1",
    ),
    "precision": KnownMetric(
        "classification",
        "classification:precision",
        needs="label",
        wants="class above its threshold",
        larger_is_better=True,
    ),
    "recall": KnownMetric(
        "classification",
        "classification:recall",
        needs="label",
        wants="class of largest probability over prevalence",
        larger_is_better=True,
    ),
    "specificity": KnownMetric(
        "classification",
        "classification:specificity",
        needs="label",
        wants="class above its threshold",
        larger_is_better=True,
    ),
    "mcc": KnownMetric(
        "classification",
        "classification:mcc",
        needs="label",
        wants="class above its threshold",
        larger_is_better=True,
        label="Matthews coefficient",
    ),
    "roc_auc": KnownMetric(
        "classification",
        "classification:roc_auc",
        needs="probability",
        wants="ranking",
        larger_is_better=True,
        label="area under ROC",
    ),
    "average_precision": KnownMetric(
        "classification",
        "classification:average_precision",
        needs="probability",
        wants="ranking",
        larger_is_better=True,
        label="average precision",
    ),
    "log_loss": KnownMetric(
        "classification",
        "classification:log_loss",
        needs="probability",
        wants="probability",
        label="log loss",
    ),
    "brier": KnownMetric(
        "classification",
        "classification:brier",
        needs="probability",
        wants="probability",
        label="Brier score",
    ),
    "ece": KnownMetric(
        "classification",
        "calibration_metrics:ece",
        needs="probability",
        wants="probability",
        label="calibration error",
        never="says how honest the probabilities are, not how sharp",
    ),
    "mse": KnownMetric(
        "regression", "regression:mse", needs="point", wants="mean", unit="target2", label="MSE"
    ),
    "rmse": KnownMetric(
        "regression", "regression:rmse", needs="point", wants="mean", unit="target", label="RMSE"
    ),
    "mae": KnownMetric(
        "regression", "regression:mae", needs="point", wants="median", unit="target", label="MAE"
    ),
    "median_squared_error": KnownMetric(
        "regression",
        "regression:median_squared_error",
        needs="point",
        wants="half-sample mode",
        unit="target2",
        label="median squared error",
    ),
    "mad": KnownMetric(
        "regression", "regression:mad", needs="point", wants="median", unit="target", label="MAD"
    ),
    "r2": KnownMetric(
        "regression",
        "regression:r2",
        needs="point",
        wants="mean",
        larger_is_better=True,
        label="R²",
    ),
    "nmad": KnownMetric(
        "regression", "regression:nmad", needs="point", wants="median", label="NMAD"
    ),
    "bias": KnownMetric(
        "regression",
        "regression:bias",
        needs="point",
        wants="mean",
        never="has a sign and no best value",
    ),
    "outlier_fraction": KnownMetric(
        "regression",
        "regression:outlier_fraction",
        needs="point",
        wants="mode",
        label="outlier fraction",
    ),
    "chi2": KnownMetric(
        "regression", "regression:chi2", needs="error", wants="mean", label="chi squared per object"
    ),
    "nll": KnownMetric(
        "regression",
        "weighted:mean",
        needs="distribution",
        wants="distribution",
        label="negative log likelihood",
        each="predictive:negative_log_likelihood",
    ),
    "crps": KnownMetric(
        "regression",
        "weighted:mean",
        needs="distribution",
        wants="distribution",
        unit="target",
        label="CRPS",
        each="predictive:ranked_probability",
    ),
    "pit": KnownMetric(
        "regression",
        "predictive:distance_from_uniform",
        needs="distribution",
        wants="distribution",
        label="PIT distance",
        each="predictive:integral_transform",
        never="says how honest the distributions are, not how sharp",
    ),
    "coverage": KnownMetric(
        "regression",
        "weighted:mean",
        needs="distribution",
        wants="distribution",
        larger_is_better=True,
        label="coverage of one sigma",
        each="predictive:covered",
        never="is best at its nominal value, which a vague model reaches too",
    ),
}


def metrics_of(task: str) -> dict[str, KnownMetric]:
    """Return the metrics of a task by name, in their order; none of one that predicts nothing."""
    return {name: metric for name, metric in METRICS.items() if metric.task == task}
