"""The parts of a study file that say how results are judged: probes, degraders, plausibility."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from boxloop.study.parts import Cut, FunctionPath, Metadata, Name, Part

Fraction = Annotated[float, Field(gt=0, lt=1)]


class Probes(Part):
    """Further trials of the selected model's hyperparameters, which choose nothing."""

    shuffled: int = Field(
        1, ge=0, le=100, description="runs on shuffled labels: their score has to be that of chance"
    )
    learning_curve: list[Fraction] = Field(
        [0.25, 0.5], description="fractions of the training units to learn from"
    )
    seeds: int = Field(
        2, ge=0, le=100, description="runs with other seeds: what another training would change"
    )
    reweight: bool = Field(
        True, description="a run with objects weighted to look like the target sample, if any"
    )


class Degrader(Part):
    """One way in which data get worse, in steps."""

    name: Name = Field(description="its name in results; a registered degrader unless function")
    function: FunctionPath | None = Field(
        None, description="your own (table, strength, *, rng, **parameters) -> table"
    )
    strengths: list[float] = Field([], description="in increasing order; absent: a usual range")
    columns: list[str] | None = Field(None, description="features it touches; absent: all it can")
    parameters: dict[str, Metadata] = Field({}, description="passed to the function")


class Plausible(Part):
    """A rule that predictions have to obey, from physics or common sense."""

    name: Name = Field(description="its name in results")
    low: float | None = Field(None, description="smallest plausible prediction")
    high: float | None = Field(None, description="largest plausible prediction")
    classes: list[str] | None = Field(None, description="the only plausible classes")
    where: dict[str, Cut] = Field(
        {}, description="the objects it holds for, by limits on columns of the table; absent: all"
    )
    function: FunctionPath | None = Field(
        None, description="your own (table, predictions) -> array of bool, true where plausible"
    )

    @model_validator(mode="after")
    def _says_something(self) -> "Plausible":
        limits = self.low is not None or self.high is not None
        given = [bool(limits), self.classes is not None, self.function is not None]
        if sum(given) != 1:
            raise ValueError("expected low and/or high, or classes, or function, and one kind only")
        return self


Prevalence = Literal["train", "estimate"] | dict[str, Fraction]
