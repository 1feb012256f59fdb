"""What stands in prepare/recipes.json: what is to be done to the table before a model sees it."""

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict


class ErrorUse(TypedDict):
    """How an error is used in training."""

    use: Literal["weight", "resample"]
    """What for: to weigh objects, or to learn from scattered copies too."""
    low: str
    """Column of the error downwards."""
    high: str
    """Column of the error upwards; the same where both are one."""


class TargetErrorUse(TypedDict):
    """How the target's error is used in training."""

    low: str
    """Column of the error downwards."""
    high: str
    """Column of the error upwards."""
    use: Literal["none", "weight"]
    """What for: to weigh objects, or nothing."""


class TableSteps(TypedDict):
    """What is done to the columns of the table."""

    columns: list[str]
    """Columns that the model sees."""
    indicators: list[str]
    """Columns of states, candidates for indicators of what is missing."""
    impute: bool
    """Whether missing values are filled in and all columns scaled."""
    errors: NotRequired[dict[str, ErrorUse]]
    """Errors that training uses, by feature; where there are any."""
    derived: NotRequired[dict[str, Any]]
    """Section `columns.derived` of the study, where an error is resampled."""


class ImageSteps(TypedDict):
    """What is done to images."""

    scale: Literal["channel"]
    """Each channel is scaled by itself."""


class LightCurveSteps(TypedDict):
    """What of light curves the model sees."""

    errors: bool
    """Whether there are errors."""
    bands: bool
    """Whether there are bands."""


class Recipe(TypedDict):
    """An unfitted recipe."""

    inputs: list[str]
    """table, image, light_curve: those that the model sees."""
    table: NotRequired[TableSteps]
    """What is done to the columns of the table."""
    image: NotRequired[ImageSteps]
    """What is done to images."""
    light_curve: NotRequired[LightCurveSteps]
    """What of light curves the model sees."""
    target_error: NotRequired[TargetErrorUse]
    """How the target's error is used, where it has one."""


#: The content of prepare/recipes.json: a recipe a model.
Recipes = dict[str, Recipe]
