"""Check what one section of a study says against another, and names against the vocabulary."""

import re
from collections.abc import Iterator
from importlib.util import find_spec

from boxloop.errors import listed, suggest
from boxloop.study.checks import Mismatch
from boxloop.study.checks.checklist import checklist_checks
from boxloop.study.checks.columns import column_checks
from boxloop.study.checks.external import external_checks
from boxloop.study.checks.judging import judging_checks
from boxloop.study.checks.search import search_checks
from boxloop.study.known_metrics import METRICS, metrics_of
from boxloop.study.known_modality import SEEN
from boxloop.study.known_models import MODELS
from boxloop.study.model import Model, Study
from boxloop.study.parts import Feature, Image, LightCurve, Target
from boxloop.study.vocabulary import (
    DERIVED,
    FINDINGS,
    READERS,
)

_FUNCTION = re.compile(r"^[A-Za-z_][A-Za-z0-9_.]*:[A-Za-z_][A-Za-z0-9_]*$")


def cross_checks(study: Study) -> list[Mismatch]:
    """Return everything that does not fit together, as (key path, message) pairs."""
    return [
        *_samples(study),
        *_task(study),
        *_columns(study),
        *column_checks(study),
        *_gates(study),
        *_embedding(study),
        *_metrics(study),
        *_judged(study),
        *(f for i in range(len(study.models)) for f in _model(study, i)),
        *search_checks(study),
        *external_checks(study),
        *judging_checks(study),
        *checklist_checks(study),
    ]


def _samples(study: Study) -> Iterator[Mismatch]:
    if not study.labelled():
        yield ("samples",), "expected a labelled sample, for example 'train'; found only 'target'"
    for name, sample in study.samples.items():
        reader = sample.reader
        if reader and reader not in READERS and not _FUNCTION.match(reader):
            yield (
                ("samples", name, "reader"),
                f"expected {', '.join(READERS)}, or module:function; found {reader!r}"
                f"{suggest(reader, READERS)}",
            )
        if sample.parts > 1 and name != "target":
            yield (
                ("samples", name, "parts"),
                "only the sample target is read and predicted in parts: what trains is held in "
                "memory; leave it out here",
            )


def _task(study: Study) -> Iterator[Mismatch]:
    """Check that a target, a metric and models are there, or that nothing is to be predicted."""
    given = {
        ("columns", "target"): study.columns.target is not None,
        ("metric",): study.metric is not None,
        ("models",): bool(study.models),
    }
    for at, there in given.items():
        key = at[-1]
        if study.task == "exploration" and there:
            yield at, f"an exploration predicts nothing; leave {key} out, or name another task"
        elif study.task != "exploration" and not there:
            yield (
                at[:-1],
                f"the key {key!r} is missing; {study.task} needs it. To look at data without "
                "predicting anything take task: exploration",
            )


def _gates(study: Study) -> Iterator[Mismatch]:
    for i, gate in enumerate(study.gates):
        kind = gate.partition(":")[0]
        if kind not in FINDINGS:
            yield (
                ("gates", i),
                f"expected a kind of finding ({listed(FINDINGS, 30)}), or KIND:COLUMN; found "
                f"{gate!r}{suggest(kind, FINDINGS)}",
            )


def _embedding(study: Study) -> Iterator[Mismatch]:
    if study.embedding == "umap" and find_spec("umap") is None:
        yield (
            ("embedding",),
            "umap needs the package umap-learn, which is not installed; install it (in a clone: "
            ".venv/uv/bin/uv pip install umap-learn), or take tsne",
        )


def _columns(study: Study) -> Iterator[Mismatch]:
    features = study.columns.features
    own = any(":" in d.function for d in study.columns.derived.values())
    measured: list[tuple[tuple[str | int, ...], Feature | Target]] = [
        (("columns", "features", name), feature) for name, feature in features.items()
    ]
    measured += [(("columns", "target"), study.columns.target)] if study.columns.target else []
    for at, column in measured:
        if column.use_error != "none" and column.error is None:
            yield (
                (*at, "use_error"),
                f"the error is to be used ({column.use_error}), but no column is named; expected "
                "error: COLUMN beside it",
            )
    for name, derived in study.columns.derived.items():
        if derived.function not in DERIVED and not _FUNCTION.match(derived.function):
            yield (
                ("columns", "derived", name, "function"),
                f"expected {', '.join(DERIVED)}, or module:function; found {derived.function!r}"
                f"{suggest(derived.function, DERIVED)}",
            )
        bands = (derived.model_extra or {}).get("bands")
        if derived.function == "colours":
            if not isinstance(bands, list):
                yield (
                    ("columns", "derived", name),
                    "colours needs bands, a list of features from blue to red",
                )
                continue
            for i, band in enumerate(bands):
                if band not in features and not own:  # an own function may have made it
                    yield (
                        ("columns", "derived", name, "bands", i),
                        f"expected one of the features {listed(features)}; found {band!r}"
                        f"{suggest(str(band), features)}",
                    )


def _metrics(study: Study) -> Iterator[Mismatch]:
    metrics = metrics_of(study.task)
    named: list[tuple[tuple[str | int, ...], str]] = []
    named += [(("metric",), study.metric)] if study.metric else []
    named += [(("published", i, "metric"), p.metric) for i, p in enumerate(study.published)]
    for at, name in named:
        if name in metrics:
            if at == ("metric",) and METRICS[name].never:
                yield at, f"{name} {METRICS[name].never}; choose models by another metric"
            continue
        other = METRICS[name].task if name in METRICS else None
        why = f", which is for {other}" if other else ""
        yield (
            at,
            f"expected a metric for {study.task}: {listed(metrics, 20)}; found "
            f"{name!r}{why}{suggest(name, metrics)}",
        )


def _judged(study: Study) -> Iterator[Mismatch]:
    """Check that the metric can judge every model, and that one of them may be selected."""
    metric, target = study.metric, study.columns.target
    needs = METRICS[metric].needs if metric in METRICS else ""
    if study.models and not any(m.candidate for m in study.models):
        yield (
            ("models",),
            "no model is a candidate; leave candidate: false away from one at least, or add a "
            "model: somebody else's predictions are never selected",
        )
    if metric == "chi2" and target and target.error is None:
        yield (
            ("metric",),
            "chi2 counts in errors of the target; expected error: COLUMN in columns.target",
        )
    for i, model in enumerate(study.models):
        named = ("models", i, "kind" if model.kind else "function" if model.function else "name")
        if model.given:  # shown beside the others, also where it has no score to show
            continue
        known = MODELS.get(model.registered or "")
        if needs == "distribution" and not (known and known.mixture):
            yield (
                named,
                f"gives no distribution, and {metric} judges nothing else; expected "
                f"{listed(name for name, of in MODELS.items() if of.mixture)}, or another metric",
            )
        if needs == "probability" and known is not None and not known.probabilities:
            yield (
                named,
                f"{model.registered} gives no probabilities, and {metric} judges nothing else; "
                "leave it out, or take another metric",
            )


def _model(study: Study, i: int) -> Iterator[Mismatch]:
    model, at = study.models[i], ("models", i)
    kind = model.registered
    if [m.name for m in study.models].index(model.name) != i:
        message = f"the name {model.name!r} is taken; give this model another, and its kind"
        yield (*at, "name"), message
    if model.given:
        return
    if kind is not None:
        named = (*at, "kind" if model.kind else "name")
        if kind not in MODELS:
            yield (
                named,
                f"expected one of {listed(MODELS)}, or your own by function: module:function; "
                f"found {kind!r}{suggest(kind, MODELS)}",
            )
            return
        needs = MODELS[kind].task
        if needs and needs != study.task:
            yield named, f"{kind} is for {needs}; this study's task is {study.task}"
        only = MODELS[kind].sees
        inputs: list[str] = [*model.inputs] if model.inputs else [only or "table"]
        if only and inputs != [only]:
            yield (
                (*at, "inputs"),
                f"{kind} sees the {only} only; expected [{only}], or leave inputs out; found "
                f"{listed(inputs)}",
            )
        elif kind != "dummy" and "table" in inputs and not study.columns.features:
            yield named, f"{kind} needs columns.features; this study has none"
        elif only in _arrays(study) and _arrays(study)[only] is None and model.inputs is None:
            yield (
                named,
                f"{kind} needs columns.{only}; this study has none. Describe its data there, or "
                "take a model that sees the table",
            )
    yield from _inputs(study, model, i)
    yield from _hyperparameters(model, i)


def _inputs(study: Study, model: Model, i: int) -> Iterator[Mismatch]:
    """Check that the data a model is to see are there."""
    there = _arrays(study)
    known = [*SEEN, *study.columns.own]
    for j, name in enumerate(model.inputs or []):
        if name not in known:
            yield (
                ("models", i, "inputs", j),
                f"expected {' or '.join([', '.join(known[:-1]), known[-1]])}; found {name!r}"
                f"{suggest(name, known)}",
            )
        if name in there and there[name] is None:
            yield (
                ("models", i, "inputs"),
                f"{model.name} is to see {name}, and the study has no columns.{name}",
            )


def _arrays(study: Study) -> dict[str | None, Image | LightCurve | None]:
    return {"image": study.columns.image, "light_curve": study.columns.light_curve}


def _hyperparameters(model: Model, i: int) -> Iterator[Mismatch]:
    """Check names of hyperparameters; what a user's own function takes is checked on import."""
    known = MODELS.get(model.registered or "")
    network = known is None or known.network
    if model.precision != "float32" and not network:
        yield (
            ("models", i, "precision"),
            f"{model.precision} is for networks, and {model.registered} is none; leave it out",
        )
    for part in ("parameters", "space"):
        for key in getattr(model, part):
            if known is not None and key not in known.defaults:
                yield (
                    ("models", i, part, key),
                    f"{model.registered} has no such hyperparameter; expected one of "
                    f"{listed(known.defaults, 20) or 'none'}{suggest(key, known.defaults)}",
                )
            elif part == "space" and key in model.parameters:
                yield ("models", i, part, key), "held fixed in parameters as well; keep one"
