"""The section `split` of a study file: which objects test, calibrate and train, and the folds."""

from typing import Literal

from pydantic import Field, model_validator

from boxloop.study.parts import Part


class Split(Part):
    """Which objects test, calibrate and train, and the folds."""

    protocol: Literal["holdout", "outer_folds"] = Field(
        "holdout",
        description="holdout: one test set, drawn once and kept sealed; outer_folds: every object "
        "tests once, in a search of its own (for few objects)",
    )
    outer: int = Field(5, ge=2, le=20, description="number of outer folds")
    by: Literal["chance", "time"] = Field(
        "chance",
        description="how units are drawn; time: the latest test, and folds learn from their past",
    )
    test: float = Field(0.2, gt=0, lt=1, description="fraction of the units that test")
    calibration: float = Field(0.1, ge=0, lt=1, description="fraction of the units that calibrate")
    folds: int = Field(5, ge=2, le=50, description="folds of the cross-validation")
    repeats: int = Field(
        1,
        ge=1,
        le=20,
        description="how often the training objects are dealt into folds anew; scores are means "
        "over the folds of all",
    )
    group: str | None = Field(
        None, description="column whose equal values stay together (field, source, night)"
    )
    stratify: bool = Field(
        True, description="keep class fractions equal, also of groups that are of one class each"
    )

    @model_validator(mode="after")
    def _repeats_by_chance(self) -> "Split":
        if self.repeats > 1 and (self.by == "time" or self.protocol == "outer_folds"):
            other = "by: time" if self.by == "time" else "protocol: outer_folds"
            raise ValueError(
                f"repeats: {self.repeats} goes with folds that are drawn by chance in a study of "
                f"protocol holdout; found {other}; take repeats: 1"
            )
        return self

    @model_validator(mode="after")
    def _something_left_to_train(self) -> "Split":
        if self.test + self.calibration > 0.9:
            raise ValueError(
                f"test and calibration together take {self.test + self.calibration:.2f} of the "
                "units; expected at most 0.9, so that something is left to train on"
            )
        return self
