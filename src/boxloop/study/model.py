"""A study: one machine-learning question, from its data to its report, as typed sections."""

from typing import Any, Literal

from pydantic import Field, model_validator

from boxloop.study.judging import Degrader, Plausible, Prevalence, Probes
from boxloop.study.known_model import FITTING
from boxloop.study.known_models import GIVEN, MODELS
from boxloop.study.parts import (
    ByText,
    Columns,
    FunctionPath,
    Metadata,
    Name,
    Part,
    Sample,
)
from boxloop.study.searching import Budget, Hyperparameters, Range, Search
from boxloop.study.splitting import Split
from boxloop.study.vocabulary import SKY_BLOCK, SKY_OBJECT

Task = Literal["classification", "regression", "exploration"]


class Question(Part):
    """What is to be learnt, and what for."""

    what: str = Field(description="what do we want to learn?")
    why: str = Field(description="why does it matter?")
    use: Literal["predictions", "parameters"] = Field(
        "predictions", description="are predictions wanted, or the model's parameters?"
    )


class Model(Part):
    """A model to compare, with fixed parameters and a space to search."""

    name: Name = Field(description="its name in results; a registered model unless kind says so")
    kind: str | None = Field(None, description="the registered model, where name differs from it")
    function: FunctionPath | None = Field(
        None, description="your own (input_shape, output_shape, **hyperparameters) -> model"
    )
    inputs: list[str] | None = Field(
        None,
        description="which data it sees: table, image, light_curve, or a name of columns.own; "
        "absent: all the study has (registered: see Models)",
    )
    features: list[str] | None = Field(
        None, description="which features and derived columns it sees; absent: all"
    )
    candidate: bool = Field(
        True,
        description="false: shown beside the others, never selected (what a leak would do); always "
        "false for predictions",
    )
    precision: Literal["float32", "mixed_bfloat16", "mixed_float16"] = Field(
        "float32",
        description="of a network: in what its layers compute; mixed keeps weights in float32 and "
        "is for GPUs that are made for it",
    )
    parameters: dict[str, Metadata] = Field({}, description="hyperparameters held fixed")
    space: dict[str, list[Metadata] | Range] = Field({}, description="hyperparameters to search")
    column: str | None = Field(
        None,
        description="of predictions: the file's column with somebody else's class or number; null "
        "where there is none",
    )
    probabilities: ByText = Field(
        {},
        description="of predictions: class: column with its probability; of one class that is not "
        "named, what is left to 1",
    )
    sigma: str | None = Field(
        None,
        description="of predictions: column with their standard error; a Gaussian of that width is "
        "judged as their distribution",
    )
    labels: ByText = Field(
        {}, description="of predictions: their name of a class: the name that the target has for it"
    )
    missing: list[str | float] = Field(
        [], description="of predictions: values of the column that mean that there is none"
    )
    by: str | None = Field(
        None,
        description="of predictions: whose they are, a key of config/references.bib or words",
    )
    trained_on: str | None = Field(
        None,
        description="of predictions: column that is true, or 1, for objects they were trained on; "
        "these are judged apart",
    )

    @model_validator(mode="after")
    def _never_selected(self) -> "Model":
        """Take somebody else's predictions out of the choice."""
        if self.given and "candidate" not in self.model_fields_set:
            self.__dict__["candidate"] = False
        return self

    @property
    def registered(self) -> str | None:
        """Name of the registered model this is, or None for the user's own function."""
        return None if self.function else (self.kind or self.name)

    @property
    def given(self) -> bool:
        """Whether it is a column of somebody else's predictions."""
        return self.registered == GIVEN


class Published(Part):
    """A number from the literature to stand beside ours."""

    cite: str = Field(description="key in config/references.bib")
    metric: str = Field(description="name of the metric here")
    value: float = Field(description="the number as published, in the metric's unit")
    comparable: Literal["same_objects", "same_sample", "same_survey", "other"] = Field(
        description="what the two numbers have in common"
    )
    note: str = Field("", description="what to bear in mind when they are compared")


class Answer(Part):
    """A person's answer to an item of the checklist."""

    answer: str = Field(description="the answer, in your words")
    by: str = Field(description="who answers for it")
    date: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="YYYY-MM-DD")
    not_applicable: bool = Field(
        False, description="the question does not arise; the answer says why"
    )
    evidence: str | None = Field(
        None,
        pattern=r"^\S+ [0-9a-f]{12}(, \S+ [0-9a-f]{12})*$",
        description="files and hashes of the evidence it was given on, as boxloop answer writes "
        "them; the answer is stale once that evidence is another",
    )


class Report(Part):
    """What the report says on its title page, and where its prose is."""

    title: str = Field(description="title of the report")
    authors: list[str] = Field(min_length=1, description="names as they are to be printed")
    prose: str | None = Field(None, description="folder of .tex files by section, written by you")


class Study(Part):
    """One question, asked of data by models, judged by a metric."""

    schema_: Literal[2] = Field(
        alias="schema", description="version of this format; boxloop upgrade brings files to it"
    )
    extends: str | None = Field(None, description="name of a base study; mappings merge")
    status: Literal["draft", "final"] = Field(
        "draft", description="a draft never opens the test set; final does, and keeps a ledger"
    )
    seed: int = Field(0, ge=0, lt=2**32, description="root of all random numbers")
    task: Task = Field(
        description="what kind of target it is: classes or numbers; exploration: there is none"
    )
    question: Question = Field(description="what is to be learnt, and what for")
    code: list[str] = Field([], description="your own modules beside this file (.py)")
    samples: dict[Name, Sample] = Field(
        description="'target' holds the objects to predict; all others are labelled and pooled"
    )
    columns: Columns = Field(description="what the columns of the data mean")
    split: Split = Field(Split(), description="which objects train, calibrate and test")
    metric: str | None = Field(
        None, description="the one number by which models are chosen; names below"
    )
    margin: float = Field(0.0, ge=0, description="differences of the metric below it do not matter")
    gates: list[str] = Field(
        [], description="kinds of finding, or KIND:COLUMN, that stop the study before the search"
    )
    embedding: Literal["tsne", "umap"] = Field(
        "tsne",
        description="which map keeps neighbours together in the exploration; umap needs the extra "
        "of that name",
    )
    models: list[Model] = Field([], description="simple to complex")
    search: Search = Field(Search(), description="how hyperparameters are searched")
    budget: Budget = Field(Budget(), description="what the search of one model may cost")
    probes: Probes = Field(Probes(), description="further trials that test the result")
    groups: list[str | list[str]] = Field(
        [],
        description="columns by which errors are broken down; a list: several at once. "
        "Also sky (cells of the sky) and class (of a classification)",
    )
    protected: list[str] = Field(
        [], description="columns with attributes of people by which decisions must not differ"
    )
    recalibrate: Literal["none", "isotonic", "temperature"] = Field(
        "none",
        description="how probabilities are mended on calibration objects before they are used",
    )
    conformal: float = Field(
        0.9, gt=0.5, lt=1, description="probability with which conformal sets hold the truth"
    )
    prevalence: Prevalence = Field(
        "train",
        description="frequency of the classes where the model is used: train, estimate (from the "
        "target sample), or class: fraction",
    )
    degraders: list[Degrader] | None = Field(
        None, description="ways in which data get worse; absent: those that fit the data; []: none"
    )
    plausible: list[Plausible] = Field([], description="rules that predictions have to obey")
    published: list[Published] = Field([], description="numbers from the literature beside ours")
    checklists: list[Literal["boxloop", "deon"]] = Field(
        ["boxloop"], description="which questions are asked; deon adds those of its list"
    )
    checklist: dict[str, Answer] = Field(
        {}, description="your answers to the questions that no program can answer; items below"
    )
    report: Report = Field(description="title page and prose of the report")

    def section(self, *keys: str) -> Any:
        """Return the part under a key path as plain data, for a rule's params.

        Columns that models of somebody else's predictions name stand under ``columns.given``: the
        data stage carries them along.
        """
        value: Any = self.model_dump(mode="json", by_alias=True)
        if any(model.given for model in self.models):
            value["columns"]["given"] = self.given()
        if not self.columns.own:
            del value["columns"]["own"]
        for key in keys:
            value = value[key]
        return value

    def given(self) -> dict[str, dict[str, Any]]:
        """Return, for each model of somebody else's predictions, the columns it is read from."""
        keys = {"column", "probabilities", "sigma", "labels", "missing", "trained_on"}
        return {
            model.name: {"task": self.task, **model.model_dump(mode="json", include=keys)}
            for model in self.models
            if model.given and model.column
        }

    def labelled(self) -> list[str]:
        """Names of the samples that carry the target."""
        return [name for name in self.samples if name != "target"]

    @property
    def together(self) -> list[str]:
        """Columns of the table whose equal values never stand in two sets or folds."""
        columns = [self.split.group] if self.split.group else []
        if self.columns.sky and self.columns.sky.match:
            columns.append(SKY_OBJECT)
        if self.columns.sky and self.columns.sky.block:
            columns.append(SKY_BLOCK)
        return columns

    @property
    def group_column(self) -> str | None:
        """Column of the independent unit, or None where every object is one.

        Objects on the sky are joined with the groups of ``split.group`` where both are given; a
        cell of the sky holds whole objects.
        """
        return self.together[-1] if self.together else None


def hyperparameters(model: Model) -> Hyperparameters:
    """Return a model's hyperparameters before any search: the defaults, then its parameters."""
    defaults = FITTING if model.function else MODELS[str(model.registered)].defaults
    return {**defaults, **model.parameters}
