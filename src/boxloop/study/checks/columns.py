"""Check what a study says about its columns: units, errors, positions, what models see of them."""

from collections.abc import Iterator

from boxloop.errors import listed, suggest
from boxloop.study.checks import Mismatch
from boxloop.study.checks.external import columns_of
from boxloop.study.known_modalities import MODALITIES
from boxloop.study.known_modality import TAKEN
from boxloop.study.known_models import MODELS
from boxloop.study.model import Study
from boxloop.study.parts import Errors
from boxloop.study.quantities import angle_fault, unit_fault


def column_checks(study: Study) -> Iterator[Mismatch]:
    """Yield what does not fit together, as (key path, message) pairs."""
    yield from _units(study)
    yield from _sky(study)
    yield from _time(study)
    yield from _target_error(study)
    yield from _excluded(study)
    yield from _own(study)
    for i in range(len(study.models)):
        yield from _seen(study, i)


def _own(study: Study) -> Iterator[Mismatch]:
    """Refuse names that have a meaning of their own in tables and recipes."""
    columns = study.columns
    taken = {*TAKEN, *MODALITIES, *columns.features, *columns.derived, *columns.keep}
    for name in columns.own:
        if name in taken:
            yield ("columns", "own", name), f"the name {name!r} is taken; choose another"


def _units(study: Study) -> Iterator[Mismatch]:
    named: dict[tuple[str | int, ...], str] = {
        ("columns", "features", name, "unit"): feature.unit
        for name, feature in study.columns.features.items()
    }
    if study.columns.target:
        named["columns", "target", "unit"] = study.columns.target.unit
    for at, unit in named.items():
        fault = unit_fault(unit)
        if fault:
            yield at, fault


def _sky(study: Study) -> Iterator[Mismatch]:
    sky = study.columns.sky
    for key in ("match", "block") if sky else ():
        angle = getattr(sky, key)
        fault = angle_fault(angle) if angle is not None else None
        if fault:
            yield ("columns", "sky", key), fault
    if sky and sky.block and study.split.group:
        yield (
            ("columns", "sky", "block"),
            f"the groups of split.group ({study.split.group}) may lie in two cells of the sky; "
            "keep one of the two",
        )


def _time(study: Study) -> Iterator[Mismatch]:
    if study.split.by != "time":
        return
    if study.columns.time is None:
        yield (
            ("split", "by"),
            "the order of time needs times; expected columns.time: COLUMN beside the features",
        )
    if study.split.protocol == "outer_folds":
        yield (
            ("split", "by"),
            "in outer folds every object tests, the earliest too, which has no past to learn from; "
            "take protocol: holdout",
        )


def _target_error(study: Study) -> Iterator[Mismatch]:
    target = study.columns.target
    if target and target.error and study.task == "classification":
        yield (
            ("columns", "target", "error"),
            "a class has no standard error; leave it out, or take task: regression",
        )


def _excluded(study: Study) -> Iterator[Mismatch]:
    """Find columns that are left out and used as well."""
    for name in study.columns.excluded:
        for key in [key for key, columns in _used(study).items() if name in columns][:1]:
            yield (
                ("columns", "excluded", name),
                f"the column is used by {key}; expected a column that the study does not use; "
                "take it out in one of the two places",
            )


def _used(study: Study) -> dict[str, list[str]]:
    """Return the columns of the file that each key names."""
    columns, target = study.columns, study.columns.target
    own = [columns.id] if isinstance(columns.id, str) else list(columns.id or [])
    sky = [columns.sky.ra, columns.sky.dec] if columns.sky else []
    used = {"columns.id": own, "columns.sky": sky, "columns.keep": columns.keep}
    used |= {f"models.{name}": columns_of(given) for name, given in study.given().items()}
    used["columns.time"] = [columns.time] if columns.time else []
    used["split.group"] = [study.split.group] if study.split.group else []
    if target:
        used["columns.target"] = [target.from_ or target.name, *_errors(target.error)]
    for name, feature in columns.features.items():
        limit = [feature.limit] if feature.limit else []
        used[f"columns.features.{name}"] = [
            feature.from_ or name,
            *_errors(feature.error),
            *limit,
        ]
    return used


def _errors(given: Errors | None) -> list[str]:
    return [given] if isinstance(given, str) else list(given or [])


def _seen(study: Study, i: int) -> Iterator[Mismatch]:
    """Check what a model is to see; names of derived columns are known only from the data."""
    model, at = study.models[i], ("models", i, "features")
    if model.features is None:
        return
    known = [*study.columns.features, *study.columns.derived]
    if not model.features:
        yield at, f"expected at least one of {listed(known)}, or leave features out; found none"
    registered = MODELS.get(model.registered or "")
    sees = (registered.sees if registered else "") or "table"
    inputs: list[str] = [*model.inputs] if model.inputs else [sees]
    if "table" not in inputs:
        found = "inputs is" if model.inputs else f"{model.registered} sees"
        yield at, f"features stand in the table, and {found} {listed(inputs)}; leave features out"
    for j, name in enumerate(model.features):
        if model.features.index(name) != j:
            yield (*at, j), f"{name!r} stands twice; keep one"
        elif name not in known and not study.columns.derived:
            yield (
                (*at, j),
                f"expected one of the features {listed(known)}; found {name!r}"
                f"{suggest(name, known)}",
            )
