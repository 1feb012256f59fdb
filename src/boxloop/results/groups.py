"""evaluate/groups.json: for whom the model fails."""

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from boxloop.results.common import ClassName, Estimate, FindingEntry, ModelName, Score, Verdict

#: How objects are grouped.
Kind = Literal["bins", "categories", "sky", "class", "crossed"]


class Difference(Estimate):
    """A group against all objects outside it: group minus rest, in the metric's unit."""

    rest: float | None
    """The score of the objects outside the group."""
    p: float | None
    """Probability of such a difference by chance; null without an interval."""
    p_holm: float | None
    """The same, corrected for all groups of all groupings."""


RateName = Literal["selection_rate", "recall", "false_positive_rate"]


class ClassErrors(TypedDict):
    """How often a class is given to the objects of a group."""

    members: int
    """Objects of the group that are of the class."""
    share: float | None
    """Their fraction of the group."""
    selection_rate: float | None
    """Fraction of the group that the model puts into the class."""
    recall: float | None
    """Fraction of the members that it puts there."""
    false_positive_rate: float | None
    """Fraction of the other objects that it puts there."""
    reason: str
    """Why a rate is null."""


class NumberErrors(TypedDict):
    """How a predicted number errs in a group, in the target's unit."""

    bias: Estimate
    """Mean of prediction minus truth."""
    spread: float | None
    """Standard deviation of prediction minus truth."""


class Group(TypedDict):
    """A group of objects."""

    label: str
    """Its name: a class, a value, or the limits of a bin."""
    low: float | None
    """Lower limit of a bin; else null."""
    high: float | None
    """Upper limit of a bin; else null."""
    n: int
    """Objects."""
    n_units: int
    """Units."""
    score: Score
    """Score of the selected model."""
    difference: Difference
    """Group minus rest."""
    models: dict[ModelName, float | None]
    """Score of each of our models."""
    errors: dict[ClassName, ClassErrors] | NumberErrors
    """Kinds of error: by class in a classification."""
    verdict: Verdict
    """Whether the group is better or worse off than the rest, beyond the margin."""
    stands_out: bool
    """Whether it is worse off beyond chance and margin, and its error larger by a tenth."""


class RateDifference(TypedDict):
    """A rate of a group against that of the others."""

    value: float | None
    """The rate in the group."""
    rest: float | None
    """The rate outside it."""
    difference: float | None
    """Group minus rest."""
    low: float | None
    """Lower limit of the difference."""
    high: float | None
    """Upper limit of the difference."""
    p: float | None
    """Probability of such a difference by chance."""
    p_holm: float | None
    """The same, corrected for all rates of all attributes."""
    reason: str
    """Why there is no interval."""


class Rates(TypedDict):
    """Rates by which a class is given to a group."""

    selection_rate: RateDifference
    """Fraction that is put into the class."""
    recall: RateDifference
    """Fraction of the class's members that is put there."""
    false_positive_rate: RateDifference
    """Fraction of the other objects that is put there."""


class GroupRates(Rates):
    """Rates by which a class is given to a group, and how many are of it."""

    label: str
    """The group."""
    share: float | None
    """Fraction of the group that is truly of the class."""
    rest_share: float | None
    """The same of the objects outside it."""


DisparityName = Literal[
    "demographic_parity_difference",
    "demographic_parity_ratio",
    "equalized_odds_difference",
    "equalized_odds_ratio",
]


class Disparities(TypedDict):
    """Disparities of the decision for one class, as fairlearn defines them."""

    demographic_parity_difference: Estimate
    """Largest difference of selection rates."""
    demographic_parity_ratio: Estimate
    """Smallest ratio of selection rates."""
    equalized_odds_difference: Estimate
    """Largest difference of recall or false-positive rate."""
    equalized_odds_ratio: Estimate
    """Smallest ratio of recall or false-positive rate."""


class ClassDecisions(Disparities):
    """Disparities of the decision for one class, and its rates by group."""

    groups: list[GroupRates]
    """Rates by group."""


class Decisions(TypedDict):
    """Do decisions differ between groups of people?"""

    left_out: list[str]
    """Groups of too few units."""
    classes: dict[ClassName, ClassDecisions]
    """By class; of two classes the second."""


class Grouping(TypedDict):
    """Objects grouped by one column, or by columns that are crossed."""

    name: str
    """Its name."""
    columns: list[str]
    """The columns it is made from."""
    kind: Kind
    """How objects are grouped."""
    protected: bool
    """Whether the column is an attribute of people."""
    metric: str
    """The metric it is judged by."""
    note: str
    """Why it is another than the study's."""
    overall: float
    """Score of all objects."""
    n_judged: int
    """Number of groups with an interval."""
    groups: list[Group]
    """The groups."""
    worst: int | None
    """Index of the group that stands out most."""
    decisions: NotRequired[Decisions]
    """Of an attribute of people in a classification."""


class Groups(TypedDict):
    """For whom does the model fail? Scores, differences and kinds of error by groups of objects."""

    split: str
    """The split that is shown."""
    model: str
    """The selected model."""
    metric: str
    """The study's metric."""
    margin: float
    """Differences of the metric below it do not matter."""
    coverage: float
    """Of all intervals of a grouping together."""
    correction: str
    """How intervals and p values are corrected, in words."""
    false_alarm: float
    """p below which a group may stand out."""
    fewest_units: int
    """Below it there is no interval."""
    resamples: int
    """Number of bootstrap resamples."""
    n: int
    """Objects."""
    n_units: int
    """Units."""
    groupings: list[Grouping]
    """The groupings, in the order of the study."""
    findings: list[FindingEntry]
    """What stands out."""
