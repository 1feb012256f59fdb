"""A study: one machine-learning question, from its data to its report, as typed sections."""

from math import prod
from typing import Any, Literal

from pydantic import Field, model_validator

from boxloop.errors import listed, suggest
from boxloop.study.parts import Columns, FunctionPath, Metadata, Name, Part, Sample, Split
from boxloop.study.vocabulary import CHECKLIST, FITTING, METRICS, MODELS, ONLY_FOR

Task = Literal["classification", "regression"]


class Question(Part):
    """What is to be learnt, and what for."""

    what: str = Field(description="what do we want to learn?")
    why: str = Field(description="why does it matter?")
    use: Literal["predictions", "parameters"] = Field(
        "predictions", description="are predictions wanted, or the model's parameters?"
    )


class Range(Part):
    """A continuous range of a hyperparameter, searched at random."""

    low: float
    high: float
    log: bool = Field(False, description="uniform in the logarithm")
    integer: bool = False

    @model_validator(mode="after")
    def _ordered(self) -> "Range":
        if self.low >= self.high:
            raise ValueError(f"expected low < high; found low {self.low}, high {self.high}")
        if self.log and self.low <= 0:
            raise ValueError(f"a logarithmic range needs low > 0; found {self.low}")
        return self


class Model(Part):
    """A model to compare, with fixed parameters and a space to search."""

    name: Name = Field(description="its name in results; a registered model unless kind says so")
    kind: str | None = Field(None, description="the registered model, where name differs from it")
    function: FunctionPath | None = Field(
        None, description="your own (input_shape, output_shape, **hyperparameters) -> model"
    )
    inputs: list[Literal["table", "image", "light_curve"]] | None = Field(
        None, description="which data it sees; absent: all the study has (registered: table)"
    )
    parameters: dict[str, Metadata] = Field({}, description="hyperparameters held fixed")
    space: dict[str, list[Metadata] | Range] = Field({}, description="hyperparameters to search")

    @property
    def registered(self) -> str | None:
        """Name of the registered model this is, or None for the user's own function."""
        return None if self.function else (self.kind or self.name)

    @model_validator(mode="after")
    def _known(self) -> "Model":
        if self.function:
            return self
        kind = self.registered
        if kind not in MODELS:
            key = "kind" if self.kind else "name"
            raise ValueError(
                f"{key}: unknown model {kind!r}; expected one of {listed(MODELS)}, "
                f"or function: module:function{suggest(str(kind), MODELS)}"
            )
        for part in ("parameters", "space"):
            for key in getattr(self, part):
                if key not in MODELS[kind]:
                    raise ValueError(
                        f"{part}: {kind} has no hyperparameter {key!r}; expected one of "
                        f"{listed(MODELS[kind]) or 'none'}{suggest(key, MODELS[kind])}"
                    )
        return self


class Search(Part):
    """How hyperparameters are searched."""

    strategy: Literal["grid", "random"] = "grid"
    chunk: int = Field(10, ge=1, description="trials in one job")


class Budget(Part):
    """What the search of one model may cost."""

    trials: int = Field(20, ge=1, description="trials of a model at the most")
    minutes: float | None = Field(
        None, gt=0, description="no new trial of a model is begun after so much time in its chunks"
    )


class Published(Part):
    """A number from the literature to stand beside ours."""

    cite: str = Field(description="key in config/references.bib")
    metric: str
    value: float
    comparable: Literal["same_objects", "same_sample", "same_survey", "other"]
    note: str = ""


class Answer(Part):
    """A person's answer to an item of the checklist."""

    answer: str
    by: str
    date: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="YYYY-MM-DD")
    not_applicable: bool = False


class Report(Part):
    """What the report says on its title page, and where its prose is."""

    title: str
    authors: list[str] = Field(min_length=1)
    prose: str | None = Field(None, description="folder of .tex files by section, written by you")


class Study(Part):
    """One question, asked of data by models, judged by a metric."""

    schema_: Literal[1] = Field(alias="schema", description="version of this format")
    extends: str | None = Field(None, description="name of a base study; mappings merge")
    status: Literal["draft", "final"] = "draft"
    seed: int = Field(0, ge=0, lt=2**32)
    task: Task
    question: Question
    code: list[str] = Field([], description="your own modules beside this file (.py)")
    samples: dict[Name, Sample] = Field(
        description="'target' holds the objects to predict; all others are labelled and pooled"
    )
    columns: Columns
    split: Split = Split()
    metric: str
    margin: float = Field(0.0, ge=0, description="differences of the metric below it do not matter")
    models: list[Model] = Field(min_length=1, description="simple to complex")
    search: Search = Search()
    budget: Budget = Budget()
    groups: list[str] = Field([], description="columns by which errors are broken down")
    published: list[Published] = []
    checklist: dict[str, Answer] = {}
    report: Report

    def section(self, *keys: str) -> Any:
        """Return the part under a key path as plain data, for a rule's params."""
        value: Any = self.model_dump(mode="json", by_alias=True)
        for key in keys:
            value = value[key]
        return value

    def labelled(self) -> list[str]:
        """Names of the samples that carry the target."""
        return [name for name in self.samples if name != "target"]


def cross_checks(study: Study) -> list[tuple[tuple[str | int, ...], str]]:
    """Check what one section says against another; return (key path, message) pairs."""
    found: list[tuple[tuple[str | int, ...], str]] = []
    metrics = METRICS[study.task]
    for path, name in [
        (("metric",), study.metric),
        *((("published", i, "metric"), p.metric) for i, p in enumerate(study.published)),
    ]:
        if name not in metrics:
            other = next((t for t, m in METRICS.items() if name in m), None)
            why = f" ({name} is for {other})" if other else ""
            found.append(
                (
                    path,
                    f"expected a metric for {study.task}: {listed(metrics, 20)}; found "
                    f"{name!r}{why}{suggest(name, metrics)}",
                )
            )
    names = [m.name for m in study.models]
    for i, model in enumerate(study.models):
        if names.index(model.name) != i:
            message = f"the name {model.name!r} is taken; give this model another, and its kind"
            found.append((("models", i, "name"), message))
        needs = ONLY_FOR.get(str(model.registered))
        if needs and needs != study.task:
            message = f"{model.registered} is for {needs}; this study's task is {study.task}"
            found.append((("models", i, "name"), message))
        if model.registered and model.inputs not in (None, ["table"]):
            message = f"{model.registered} sees the table only; found {model.inputs}"
            found.append((("models", i, "inputs"), message))
        if model.registered not in (None, "dummy") and not study.columns.features:
            message = f"{model.registered} needs columns.features; this study has none"
            found.append((("models", i, "name"), message))
        ranges = [k for k, v in model.space.items() if isinstance(v, Range)]
        if ranges and study.search.strategy == "grid":
            message = f"{ranges[0]} is a range; a grid wants a list, or search.strategy: random"
            found.append((("models", i, "space", ranges[0]), message))
        elif study.search.strategy == "grid":
            points = prod(len(v) for v in model.space.values() if isinstance(v, list))
            if points > study.budget.trials:
                message = (
                    f"the grid of {model.name} has {points} points and budget.trials is "
                    f"{study.budget.trials}; raise it, shorten the lists, or take "
                    "search.strategy: random"
                )
                found.append((("models", i, "space"), message))
    if not study.labelled():
        found.append((("samples",), "expected a labelled sample, for example 'train'"))
    for item in study.checklist:
        if item not in CHECKLIST:
            message = f"unknown item; expected one of {listed(CHECKLIST, 20)}"
            found.append((("checklist", item), message + suggest(item, CHECKLIST)))
    known = set(study.columns.features) | set(study.columns.keep) | {study.columns.target.name}
    for i, group in enumerate(study.groups):
        if group not in known:
            message = f"expected a feature, the target or a column of columns.keep; found {group!r}"
            found.append((("groups", i), message + suggest(group, known)))
    return found


def hyperparameters(model: Model) -> dict[str, Any]:
    """Return a model's hyperparameters before any search: the defaults, then its parameters."""
    defaults = FITTING if model.function else MODELS[str(model.registered)]
    return {**defaults, **model.parameters}
