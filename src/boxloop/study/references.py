"""The functions a study names as ``module:function``, and the code that stands behind them.

They are looked up when a job runs, so that no import statement leads to them. Nothing is imported
here: the workflow asks for this each time it is read.
"""

import importlib.util
import platform
import sys
import sysconfig
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

from boxloop.study.known_degraders import DEGRADERS
from boxloop.study.known_modalities import MODALITIES
from boxloop.study.known_models import MODELS
from boxloop.study.model import Study
from boxloop.tasks.known import TASKS

_DATA = ("simulator", "reader", "derived")
_MODEL = ("model",)

#: Rules that rest on what is known of models, though they build none.
_OF_MODELS = ("plan", "recipes")

#: Tables of which the lines count that a study uses, by the names of their modules.
MODELS_TABLE = "boxloop.study.known_models"
DEGRADERS_TABLE = "boxloop.study.known_degraders"
MODALITIES_TABLE = "boxloop.study.known_modalities"
TASKS_TABLE = "boxloop.tasks.known"
#: The module that loads the classes of modalities.
REGISTRY = "boxloop.modalities.registry"

#: Which functions that a study names are called by which rule; what an analysis calls, its line in
#: `boxloop.analyses.registry` says.
CALLS: dict[str, tuple[str, ...]] = {
    "simulate": ("simulator",),
    "assemble": _DATA,
    "target": _DATA,
    "chunk": _MODEL,
    "nested": _MODEL,
    "probe": _MODEL,
    "fit": _MODEL,
    "predict": _MODEL,
    "apply": _MODEL,
}


def function_references(study: Study) -> dict[str, list[str]]:
    """Return the functions a study names, by use: simulator, model, plausible and so on."""
    samples = study.samples.values()
    found: dict[str, Iterable[str | None]] = {
        "simulator": (s.simulator for s in samples),
        "reader": (s.reader for s in samples),
        "derived": (d.function for d in study.columns.derived.values()),
        "model": (m.function for m in study.models),
        "degrader": (d.function for d in study.degraders or []),
        "plausible": (p.function for p in study.plausible),
        "modality": (m.modality for m in study.columns.own.values()),
    }
    return {use: sorted({r for r in named if r and ":" in r}) for use, named in found.items()}


def sources_of(
    study: Study,
    uses: Sequence[str],
    model: str | None = None,
    readers: Mapping[str, str | None] | None = None,
) -> list[Path | str]:
    """Return what the functions rest on that a study names for some uses.

    Those that build the models of `boxloop.study.known_models` are among them, with `model` of
    that one of the study's models only.

    The study's own modules are not among them: every rule with a study rests on those.
    """
    own = {Path(name).stem for name in study.code}
    named = function_references(study)
    called = [r for use in uses for r in named[use]]
    if "reader" in uses:
        of_sources = {(readers or {}).get(s.source or "") for s in study.samples.values()}
        called += sorted(r for r in of_sources if r and ":" in r)
    if "model" in uses:
        known = [MODELS.get(m.registered or "") for m in study.models if model in (None, m.name)]
        called += sorted({of.build for of in known if of and of.build})
    found = [source_of(r) for r in called if r.partition(":")[0] not in own]
    return [source for source in found if source is not None]


def table_lines(
    study: Study, rule: str, uses: Sequence[str], model: str | None = None
) -> dict[str, str]:
    """Return which lines of tables a rule rests on, by module: other lines rerun nothing.

    Parameters
    ----------
    study : Study
    rule : str
    uses : sequence of str
        Of functions that it calls.
    model : str, optional
        The one of its models that a rule is about; without, all of them.
    """
    rests = rule in _OF_MODELS or "model" in uses
    named = (m.registered for m in study.models if rests and model in (None, m.name))
    known = sorted({name for name in named if name in MODELS})
    seen = {name: MODALITIES[name] for name in _modalities(study)}
    return {
        MODELS_TABLE: "\n".join(f"{name} {MODELS[name]!r}" for name in known),
        DEGRADERS_TABLE: "\n".join(f"{name} {DEGRADERS[name]!r}" for name in _degraders(study)),
        MODALITIES_TABLE: "\n".join(f"{name} {of!r}" for name, of in seen.items()),
        TASKS_TABLE: f"{study.task} {TASKS[study.task]}",
    }


def loaded_by(study: Study) -> dict[str, list[Path | str]]:
    """Return what modules load by name, for every rule whose code has one of them.

    That is the study's task, and the classes of the modalities that it uses: a rule that loads none
    rests on none, and one of images changes nothing for a study without.
    """
    built = [MODALITIES[name].build for name in _modalities(study)]
    own = {Path(name).stem for name in study.code}
    named = function_references(study)["modality"]
    built += [r for r in named if r.partition(":")[0] not in own]
    loaded = {REGISTRY: built, TASKS_TABLE: [TASKS[study.task]]}
    return {m: [s for s in map(source_of, of) if s is not None] for m, of in loaded.items()}


def _modalities(study: Study) -> list[str]:
    there = study.columns.modalities()
    return [name for name in MODALITIES if name == "table" or name in there]


def _degraders(study: Study) -> list[str]:
    """Return the registered degraders that a study names, or gets because they fit its data."""
    if study.degraders is not None:
        return [d.name for d in study.degraders if not d.function and d.name in DEGRADERS]
    there = {*_modalities(study)}
    return [n for n, of in DEGRADERS.items() if study.columns.own or there & set(of.touches)]


@cache
def source_of(reference: str) -> Path | str | None:
    """Return what a function rests on.

    Returns
    -------
    Path, str or None
        The file of its module; for an installed package its name and version; None where there is
        no such module.
    """
    module = reference.partition(":")[0]
    top = module.partition(".")[0]
    if top in sys.stdlib_module_names:
        return f"python {platform.python_version()}"
    spec = _spec(module)
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin)
    folders = {Path(sysconfig.get_path(name)) for name in ("purelib", "platlib")}
    if path.suffix != ".py" or any(path.is_relative_to(folder) for folder in folders):
        return _version(top)
    return path


def _spec(module: str) -> ModuleSpec | None:
    """Find a module; asked for it directly, `find_spec` would import the packages above it."""
    name, *parts = module.split(".")
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None
    for part in parts:
        if spec is None:
            return None
        name = f"{name}.{part}"
        spec = PathFinder.find_spec(name, list(spec.submodule_search_locations or ()))
    return spec


def _version(top: str) -> str:
    """Return name and version of the distributions that a package comes from.

    `importlib.metadata` answers the same in five times the time, which each start would pay.
    """
    folders = {sysconfig.get_path(name) for name in ("purelib", "platlib")}
    records = [r for folder in folders for r in Path(folder).glob("*.dist-info/RECORD")]
    starts = (f"\n{top}/".encode(), f"\n{top}.".encode())
    found = [r.parent.stem for r in records if any(s in b"\n" + r.read_bytes() for s in starts)]
    return " ".join([top, *sorted(set(found))])
