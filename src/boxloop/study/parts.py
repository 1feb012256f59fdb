"""The parts of a study file that say what the data are: samples and columns."""

import math
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from boxloop.study.known_modalities import MODALITIES
from boxloop.study.vocabulary import DERIVED, READERS

#: Epochs of a light curve to reckon with before a file was read.
EPOCHS = 100

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
FunctionPath = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_.]*:[A-Za-z_][A-Za-z0-9_]*$")
]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Provenance = Literal["real", "simulated", "mixed"]
State = Literal["not_observed", "not_detected", "masked"]
Metadata = Annotated[Any, Field(description="any value")]


class Part(BaseModel):
    """A mapping in which an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Cut(Part):
    """Limits on a column of the file; a row without a value is not kept."""

    low: float | None = Field(None, description="smallest value kept")
    below: float | None = Field(None, description="values from this one on are not kept")

    @model_validator(mode="after")
    def _cuts(self) -> "Cut":
        if self.low is None and self.below is None:
            raise ValueError("expected low, below or both; found neither")
        if self.low is not None and self.below is not None and self.low >= self.below:
            raise ValueError(f"expected low < below; found low {self.low}, below {self.below}")
        return self


class Sample(Part):
    """Where a set of objects comes from: a source, the user's own file, or a simulator."""

    source: str | None = Field(None, description="an entry of config/sources.yaml")
    files: str = Field("*", description="which files of the source or folder: a shell pattern")
    path: str | None = Field(None, description="your own file or folder, relative to the project")
    sha256: Sha256 | None = Field(
        None, description="checksum of your own file or folder; boxloop new writes it"
    )
    simulator: FunctionPath | None = Field(
        None, description="function (n, *, seed, **parameters) -> (table, arrays)"
    )
    n: int | None = Field(None, gt=0, description="number of objects to simulate")
    parameters: dict[str, Metadata] = Field({}, description="passed to the simulator")
    reader: str | None = Field(
        None,
        description=f"{', '.join(READERS)}, or module:function (paths, **options) -> table",
    )
    options: dict[str, Metadata] = Field({}, description="passed to the reader")
    where: dict[str, Cut] = Field(
        {}, description="rows to keep, by limits on columns of the file; others are not read"
    )
    provenance: Provenance = Field(description="real, simulated or mixed; follows every number")
    duplicates: Literal["drop", "keep", "error"] = Field(
        "drop", description="what to do with rows that repeat another in every column"
    )
    parts: int = Field(
        1,
        ge=1,
        le=10_000,
        description="number of jobs that read and predict the sample target, each some of its "
        "files, where it is larger than memory",
    )

    @model_validator(mode="after")
    def _one_origin(self) -> "Sample":
        given = [k for k in ("source", "path", "simulator") if getattr(self, k) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "none of them"
            raise ValueError(f"expected exactly one of source, path, simulator; found {found}")
        if self.simulator and self.n is None:
            raise ValueError("a simulator needs n, the number of objects")
        if self.simulator and self.provenance != "simulated":
            raise ValueError("what a simulator makes has provenance: simulated")
        if self.path and self.sha256 is None:
            raise ValueError("path needs sha256, the checksum of the file (sha256sum FILE)")
        if self.path and set(self.path) & set("{}"):
            raise ValueError(
                "expected a path without braces, which Snakemake takes for wildcards; found "
                f"{self.path!r}; rename the file"
            )
        return self


class Sky(Part):
    """Columns that hold a position on the sky."""

    ra: str = Field(description="column of right ascension [deg]")
    dec: str = Field(description="column of declination [deg]")
    match: str | None = Field(
        None, description="angle within which rows are one object and stay in one set and fold"
    )
    block: str | None = Field(
        None, description="side of the cells of the sky whose objects stay in one set and fold"
    )


class Measured(Part):
    """A column of the file and what is known about it."""

    from_: str | None = Field(None, alias="from", description="the file's name for the column")
    unit: str = Field("", description="unit as astropy writes it; empty: dimensionless")
    description: str = Field("", description="what it is, for axes and tables")


#: One column of symmetric errors, or two: that of the error downwards and that upwards.
Errors = str | tuple[str, str]


class Feature(Measured):
    """A measured quantity that models may use."""

    error: Errors | None = Field(
        None, description="column of its standard error; [down, up] where they differ"
    )
    use_error: Literal["none", "feature", "weight", "resample"] = Field(
        "none",
        description="feature: the error is offered to the models as well; weight: objects of large "
        "error teach less; resample: models also learn from copies scattered within the errors",
    )
    missing: dict[float, State] = Field(
        {}, description="values that mean 'missing', each with its meaning"
    )
    limit: str | None = Field(None, description="column of the limit where it was not detected")


class Target(Measured):
    """The quantity to predict."""

    name: Name = Field(description="its name in results and reports")
    error: Errors | None = Field(
        None, description="column of its standard error; [down, up] where they differ"
    )
    use_error: Literal["none", "weight"] = Field(
        "none", description="weight: objects of large error teach less"
    )


class Derived(BaseModel):
    """New columns computed by a registered function or one of your own."""

    model_config = ConfigDict(extra="allow", frozen=True)
    function: str = Field(description=f"{', '.join(DERIVED)}, or module:function")


class ModalityPart(Part):
    """What a study says of a modality: a kind of data of every object."""

    def seen(self) -> tuple[int, ...]:
        """Return the shape that a network sees of an object, as far as the study tells."""
        return ()

    def held(self) -> int:
        """Return how many numbers an object holds, as far as the study tells."""
        return 0


class LightCurve(ModalityPart):
    """Columns of a light curve: lists in the table, or the columns of a file for each object."""

    time: str = Field("time", description="time [d]; in a file without header, the column's number")
    value: str = Field("value", description="magnitude or flux")
    error: str | None = Field(None, description="its standard error")
    band: str | None = Field(None, description="name of the filter")
    path: str | None = Field(
        None,
        description="pattern of the file that holds an object's epochs, in the sample's folder, "
        "with columns of the table in braces; absent: lists in the table",
    )
    missing: Literal["error", "drop"] = Field(
        "error", description="drop: leave out objects whose file is missing or broken"
    )

    def seen(self) -> tuple[int, ...]:
        """Return epochs, and channels: step, value and mask, errors and bands where there are."""
        return EPOCHS, 3 + (self.error is not None) + (self.band is not None)


class Image(ModalityPart):
    """An image of every object."""

    path: str | None = Field(
        None,
        description="pattern of an object's image file, in the sample's folder, with columns of "
        "the table in braces; absent: from the simulator or reader",
    )
    shape: tuple[int, int, int] = Field(
        description="height, width, channels [pixel]; files are brought to it by averaging areas"
    )
    crop: int | None = Field(
        None, gt=0, description="side of the central square that is cut out of a file first [pixel]"
    )
    missing: Literal["error", "drop"] = Field(
        "error", description="drop: leave out objects whose file is missing or broken"
    )

    def seen(self) -> tuple[int, ...]:
        """Return height, width and channels."""
        return self.shape

    def held(self) -> int:
        """Return the number of pixels."""
        return math.prod(self.shape)


class OwnModality(ModalityPart):
    """Data of a kind of your own, of every object: an array that your class reads and prepares."""

    modality: FunctionPath = Field(
        description="your own class, a boxloop.modalities.Modality, as module:class"
    )
    path: str | None = Field(
        None,
        description="pattern of an object's file, in the sample's folder, with columns of the "
        "table in braces; absent: from the simulator or reader, an array of this name",
    )
    missing: Literal["error", "drop"] = Field(
        "error", description="drop: leave out objects whose file is missing or broken"
    )
    options: dict[str, Metadata] = Field({}, description="what the class finds as its options")


def _by_text(value: Any) -> Any:
    """Classes may be written as numbers."""
    if not isinstance(value, dict):
        return value
    plain = int | float | bool
    return {
        str(k) if isinstance(k, plain) else k: str(v) if isinstance(v, plain) else v
        for k, v in value.items()
    }


#: A mapping from text to text.
ByText = Annotated[dict[str, str], BeforeValidator(_by_text)]


def _named(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


def _bare(value: Any) -> Any:
    return {} if value is None else value


#: A feature of which nothing is said but its name: ``g_mag:``
BareFeature = Annotated[Feature, BeforeValidator(_bare, json_schema_input_type=Feature | None)]


#: A target of which nothing is said but its name: ``target: class``
NamedTarget = Annotated[Target, BeforeValidator(_named, json_schema_input_type=str | Target)]


class Columns(Part):
    """What the columns of the table mean."""

    id: str | list[str] | None = Field(
        None, description="column or columns that identify an object; absent: source:file:row"
    )
    sky: Sky | None = Field(None, description="position on the sky")
    features: dict[Name, BareFeature] = Field(
        {}, description="measured quantities that models may use"
    )
    derived: dict[Name, Derived] = Field(
        {}, description="quantities computed from them; further keys are passed to the function"
    )
    target: NamedTarget | None = Field(
        None,
        description="what to predict: a column name, or a mapping; absent: task exploration",
    )
    light_curve: LightCurve | None = Field(None, description="a light curve of every object")
    image: Image | None = Field(None, description="an image of every object")
    own: dict[Name, OwnModality] = Field(
        {}, description="data of other kinds, of every object: each with a class of your own"
    )
    excluded: dict[str, str] = Field(
        {}, description="columns of the file left out on purpose, each with the reason to print"
    )
    time: str | None = Field(
        None, description="column of the time of observation [d]; kept, not offered to models"
    )
    keep: list[str] = Field([], description="further columns to carry along, not offered to models")
    lineage: dict[str, list[str]] = Field({}, description="what was computed from what")

    def modalities(self) -> dict[str, ModalityPart]:
        """Return what is said of modalities beside the table, in the order of reading."""
        ours = {name: getattr(self, name, None) for name in MODALITIES}
        return {**{name: part for name, part in ours.items() if part}, **self.own}

    @model_validator(mode="after")
    def _something_to_learn_from(self) -> "Columns":
        if not (self.features or self.light_curve or self.image or self.own):
            raise ValueError("expected features, a light_curve or an image; found none of them")
        if self.target and self.target.name in self.features:
            raise ValueError(f"the target {self.target.name!r} is also listed as a feature")
        return self
