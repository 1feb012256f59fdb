"""The parts of a study file that say which hyperparameters are tried, and at what cost."""

from typing import Any, Literal

from pydantic import Field, model_validator

from boxloop.study.parts import Part

#: Values by hyperparameter, of whatever kind the function that builds a model takes.
Hyperparameters = dict[str, Any]


class Range(Part):
    """A continuous range of a hyperparameter, searched at random."""

    low: float = Field(description="smallest value")
    high: float = Field(description="largest value")
    log: bool = Field(False, description="uniform in the logarithm")
    integer: bool = Field(False, description="whole numbers only")

    @model_validator(mode="after")
    def _ordered(self) -> "Range":
        if self.low >= self.high:
            raise ValueError(f"expected low < high; found low {self.low}, high {self.high}")
        if self.log and self.low <= 0:
            raise ValueError(f"a logarithmic range needs low > 0; found {self.low}")
        return self


class Halving(Part):
    """How the trials of networks in a chunk are thinned out while they train."""

    first: int | None = Field(
        None,
        ge=1,
        description="epochs after which the worse ones stop for the first time; absent: those of "
        "the longest training, divided by factor twice and rounded up",
    )
    factor: int = Field(
        3, ge=2, description="one trial of so many goes on, for so many times the epochs"
    )


class Search(Part):
    """How hyperparameters are searched."""

    choose: Literal["best", "one_standard_error"] = Field(
        "best",
        description="best: the best mean over folds; one_standard_error: the simplest model not "
        "worse by more than one corrected standard error",
    )
    strategy: Literal["grid", "random", "sobol", "tpe", "optuna", "halving"] = Field(
        "grid",
        description="grid: every combination of the lists; random: budget.trials draws; sobol: so "
        "many points that fill the space more evenly; tpe: in rounds, each planned from the "
        "results of those before; optuna: the same by another sampler; "
        "halving: draws, of which the worse networks stop early",
    )
    sampler: str | None = Field(
        None, description="of strategy optuna: the sampler of optuna.samplers that plans the rounds"
    )
    round: int = Field(
        5,
        ge=1,
        description="of strategies tpe and optuna: trials of a round, which are planned together; "
        "a larger budget.trials adds rounds",
    )
    halving: Halving = Field(
        Halving(), description="of strategy halving: when networks stop, and how many"
    )
    chunk: int = Field(10, ge=1, description="trials in one job")

    @property
    def plans_by(self) -> str | None:
        """Name of the sampler that plans the rounds; None where the file alone gives all trials."""
        named = self.sampler if self.strategy == "optuna" else None
        return "TPESampler" if self.strategy == "tpe" else named


class Budget(Part):
    """What the search of one model may cost."""

    trials: int = Field(20, ge=1, description="trials of a model at the most")
    minutes: float | None = Field(
        None, gt=0, description="a chunk of trials that has run so long begins no new trial"
    )
