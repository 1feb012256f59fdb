"""What stands in the files of *explore*: columns, correlations, gaps, sky, and what is odd."""

from typing import NotRequired

from typing_extensions import TypedDict

from boxloop.results.common import FindingEntry, Histogram


class Moments(TypedDict):
    """Moments, quantiles and histogram of the finite values of a column; null without any."""

    n_finite: int
    """Finite values."""
    mean: float | None
    """Mean."""
    std: float | None
    """Standard deviation."""
    min: float | None
    """Smallest value."""
    q01: float | None
    """1 % of the values lie below."""
    q05: float | None
    """5 % of the values lie below."""
    q25: float | None
    """25 % of the values lie below."""
    median: float | None
    """Median."""
    q75: float | None
    """75 % of the values lie below."""
    q95: float | None
    """95 % of the values lie below."""
    q99: float | None
    """99 % of the values lie below."""
    max: float | None
    """Largest value."""
    histogram: Histogram | None
    """Counts over the central 99 % of the values and a margin."""


class States(TypedDict):
    """How often a column was measured, and why not where it was not."""

    measured: int
    """Objects with a value."""
    not_observed: int
    """Objects that nobody observed."""
    not_detected: int
    """Objects that were observed and not detected."""
    masked: int
    """Objects whose value is masked."""


class ColumnMeaning(TypedDict):
    """What a column is."""

    role: str
    """feature, derived, feature_error, error, sky, light_curve or image."""
    unit: str
    """Its unit; empty where there is none."""
    description: str
    """What the study or the file says of it."""
    n: int
    """Objects."""


class DescribedColumn(ColumnMeaning, States, Moments):
    """A column as the exploration describes it."""

    n_unique: int
    """Different values."""


class Correlation(TypedDict):
    """Rank correlations of all pairs of columns."""

    columns: list[str]
    """The columns, in the order of the matrix."""
    rows: int
    """Objects of the sample drawn."""
    spearman: list[list[float | None]]
    """Matrix of Spearman's coefficients; null where a column is constant."""


class Pattern(TypedDict):
    """Columns that are missing together."""

    columns: list[str]
    """The columns; none for complete rows."""
    rows: int
    """Objects in which just these are missing."""


class Sky(TypedDict):
    """Where on the sky the objects are, in cells of equal area."""

    ra_edges: list[float]
    """Edges of the cells in right ascension [deg]."""
    sin_dec_edges: list[float]
    """Edges of the cells in the sine of the declination."""
    counts: dict[str, list[list[int]]]
    """Objects by sample: a matrix, right ascension by sine of declination."""
    footprint: float
    """Fraction of the cells with an object."""
    placed: int
    """Objects with a position."""


class TargetSample(TypedDict):
    """The objects that the model is for."""

    rows: int
    """Objects."""
    columns: dict[str, DescribedColumn]
    """Their columns, by name."""


class Explored(TypedDict):
    """What both looks at the data say."""

    rows: int
    """Objects that were looked at."""
    columns: dict[str, DescribedColumn]
    """Columns, by name."""
    correlation: Correlation
    """Rank correlations of the columns that models may use."""


class LookedAt(Explored):
    """What the look at all objects says besides."""

    missing_patterns: list[Pattern]
    """Columns that are missing together: the ten commonest patterns."""
    sky: Sky | None
    """Where the objects are on the sky; null without positions."""
    target_sample: NotRequired[TargetSample]
    """The same of the target sample, where there is one."""


class AllObjects(LookedAt):
    """The content of explore/all.json: all objects, features only."""

    samples: dict[str, int]
    """Objects by sample."""
    findings: list[FindingEntry]
    """What is remarkable, by severity and then by the objects touched."""


class ExploredTarget(TypedDict):
    """The target among the training objects."""

    name: str
    """Its name."""
    unit: str
    """Its unit; empty where there is none."""
    classes: NotRequired[dict[str, int]]
    """Objects by class, of a classification."""
    histogram: NotRequired[Histogram]
    """Its histogram, of a number."""


class TrainingObjects(Explored):
    """The content of explore/training.json: training objects only, target included."""

    target: ExploredTarget
    """The target."""
    with_target: dict[str, float | None]
    """Rank correlation of each feature with the target, or one of two classes; null for more."""
    findings: list[FindingEntry]
    """What is remarkable, by severity and then by the objects touched."""


class Components(TypedDict):
    """The objects along their first two principal components."""

    x: NotRequired[list[float]]
    """Places along the first component."""
    y: NotRequired[list[float]]
    """Places along the second component."""
    explained: NotRequired[list[float]]
    """Share of the variance along each of the two."""
    loadings: NotRequired[dict[str, list[float]]]
    """Both components' loadings, by column."""
    reason: NotRequired[str]
    """Why there are no places."""


class Neighbours(TypedDict):
    """A map that keeps neighbours together."""

    method: str
    """t-SNE or UMAP."""
    rows: NotRequired[int]
    """Objects on the map, evenly drawn from the others."""
    x: NotRequired[list[float]]
    """First coordinate of each."""
    y: NotRequired[list[float]]
    """Second coordinate of each."""
    labels: NotRequired[list[str | float | None] | None]
    """Their classes or numbers; null where there are none."""
    reason: NotRequired[str]
    """Why there is no map."""


class DrawnObjects(TypedDict):
    """Which objects and columns are embedded."""

    rows: int
    """Objects drawn."""
    rows_of: int
    """Objects that they were drawn from."""
    columns: list[str]
    """Columns that place them."""
    left_out: list[str]
    """Columns that do not vary."""
    scaled: str
    """How the columns are scaled, in words."""
    imputed: dict[str, int]
    """Values that count as medians, by column."""
    labels: list[str | float | None] | None
    """Classes or numbers of the rows; null where there are none."""


class Embedding(DrawnObjects):
    """The content of explore/embedding.json."""

    pca: Components
    """Principal components."""
    neighbours: Neighbours
    """A map that keeps neighbours together."""


class Admitted(TypedDict):
    """The content of explore/admitted.json: the study goes on."""

    gates: list[str]
    """Kinds of finding with which it would have stopped."""
    findings: list[FindingEntry]
    """None: a finding stops the study."""
