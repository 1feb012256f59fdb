# The study files, and the functions of wildcards that rules are written with.
import sys
from functools import cache
from hashlib import sha256
from pathlib import Path
from shutil import which

from boxloop.analyses.registry import COMPUTED, modules
from boxloop.errors import BoxloopError, suggest
from boxloop.messages import tell
from boxloop.study.code import PACKAGE
from boxloop.study.delivered import delivered
from boxloop.study.load import load_study, owner
from boxloop.study.rule_code import rule_code
from boxloop.study.sources import read_sources
from boxloop.tasks import task_of

SCRIPTS = Path(workflow.current_basedir).parent / "scripts"
SYNTAX = Path(".snakemake/boxloop_syntax")
STUDIES = {p.stem: p for p in sorted(Path("config/studies").glob("*.yaml"))}


wildcard_constraints:
    study="[a-z][a-z0-9_]*",
    sample="[A-Za-z][A-Za-z0-9_]*",
    model="[A-Za-z][A-Za-z0-9_]*",
    chunk=r"\d+",
    part=r"\d+",
    round=r"\d+",
    purpose="[a-z_]+",
    outer=r"\d+",


def refuse(message):
    """End with a message that the user can act on, not with a traceback."""
    tell(message)
    sys.exit(2)


@cache
def study_file(name):
    """The validated study file of a name."""
    if name not in STUDIES:
        known = ", ".join(STUDIES)
        refuse(
            f"there is no config/studies/{name}.yaml; there are: {known}{suggest(name, STUDIES)}"
        )
    try:
        return load_study(STUDIES[name])
    except BoxloopError as error:
        refuse(f"the study {name} has faults:\n{error}")


def where(stage, file):
    """Path of a stage's file: the study's own, or its base's while nothing that matters differs."""
    return lambda wildcards: f"results/{owner(study_file(wildcards.study), stage)}/{stage}/{file}".format(
        **wildcards
    )


@cache
def _section(name, keys):
    return study_file(name).study.section(*keys)


def study(*keys):
    """A part of the study, for params; a rule names just the part that it uses."""
    return lambda wildcards: _section(wildcards.study, keys)


def sample(*keys):
    """A part of the sample that the wildcards name."""
    return lambda wildcards: _section(
        wildcards.study, ("samples", wildcards.sample, *keys)
    )


@cache
def _sources():
    try:
        return read_sources("config/sources.yaml")
    except BoxloopError as error:
        refuse(error)


@cache
def _code(script, name, further=(), calls=None, model=None):
    file = study_file(name) if name else None
    about = {"further": further, "calls": calls, "model": model}
    try:
        return rule_code(
            SCRIPTS / f"{script}.py", file, **about, memory=SYNTAX, sources=_sources
        )
    except BoxloopError as error:
        refuse(error)


def code(script, *further):
    """Hash of the code of a rule, of what it imports or calls, and of the study's own modules.

    Further files are modules that the script finds by their names.
    """
    return lambda wildcards: _code(
        script, wildcards.get("study"), further, None, wildcards.get("model")
    )


def params_of_analysis(analysis):
    """Values of the study that an analysis gets, by the last part of their keys."""
    known = {"group": group, "together": together}
    keys = ("seed", *analysis.params)
    return {k.split(".")[-1]: known.get(k, study(*k.split("."))) for k in keys}


def code_of_analysis(analysis):
    """Hash of the code of an analysis, of what it imports or calls, and of the study's modules."""
    compute = PACKAGE / "analyses" / analysis.name / "compute.py"
    return lambda wildcards: _code(
        "analysis", wildcards.study, (compute,), analysis.calls
    )


def template(*names):
    """Hash of templates: they are no Python, so the hash of the code does not see them."""
    files = [path for name in names for path in sorted(PACKAGE.glob(name))]
    content = b"".join(path.read_bytes() for path in files)
    return lambda wildcards: sha256(content).hexdigest()[:16]


def user_code(wildcards):
    """Paths of the study's own modules."""
    return [str(p) for p in study_file(wildcards.study).code_files()]


def source_entry(wildcards):
    """The entry of config/sources.yaml, with the list of its files and their checksums."""
    try:
        return _sources()[wildcards.source]
    except KeyError:
        refuse(
            f"config/sources.yaml has no source {wildcards.source!r}{suggest(wildcards.source, _sources())}"
        )


def sources_of_study(wildcards):
    """How to read every source the study's samples name; its survey, licence and citations."""
    named = {
        s.source for s in study_file(wildcards.study).study.samples.values() if s.source
    }
    keys = ("survey", "licence", "cite", "reader", "options")
    return {
        n: {k: _sources()[n][k] for k in keys} for n in sorted(named & set(_sources()))
    }


def raw(wildcards, name):
    """The file that stands for a sample's raw data: a manifest, a simulation, or the user's own."""
    entry = study_file(wildcards.study).study.samples[name]
    if entry.source:
        return f"data/raw/{entry.source}/MANIFEST.json"
    if entry.simulator:
        return f"data/raw/simulated/{wildcards.study}/{name}/table.parquet"
    return ancient(entry.path)


def raw_of_labelled(wildcards):
    """Raw data of all labelled samples, by sample name."""
    return {n: raw(wildcards, n) for n in study_file(wildcards.study).study.labelled()}


def raw_of_target(wildcards):
    """Raw data of the target sample."""
    return raw(wildcards, "target")


def has_target(wildcards):
    """Whether the study says which objects it is for."""
    return "target" in study_file(wildcards.study).study.samples


def parts_of_target(wildcards):
    """Number of jobs that read and predict the target sample; 0 where there is none."""
    samples = study_file(wildcards.study).study.samples
    return samples["target"].parts if "target" in samples else 0


def part_of_target(wildcards):
    """Which part of how many the wildcards name."""
    return int(wildcards.part), parts_of_target(wildcards)


def all_of_target(file):
    """The files of all parts of the target sample, each a {number}; none without it."""
    return lambda wildcards: [
        where("data", file.format(number=number))(wildcards)
        for number in range(parts_of_target(wildcards))
    ]


def applied(ending):
    """Files of the predictions of all parts; one part, without rows, where there is no target."""
    return lambda wildcards: [
        where("apply", f"parts/{number}.{ending}")(wildcards)
        for number in range(parts_of_target(wildcards) or 1)
    ]


target_tables, target_arrays = map(
    all_of_target, ("target/{number}.parquet", "target_arrays/{number}")
)


def group(wildcards):
    """Column of the independent unit, or None where every object is one."""
    return study_file(wildcards.study).study.group_column


def together(wildcards):
    """Columns whose equal values never stand in two sets or folds."""
    return study_file(wildcards.study).study.together


def in_time(wildcards):
    """Column in whose order sets and folds are cut, or None where they are drawn by lot."""
    ordered = study("split", "by")(wildcards) == "time"
    return study("columns", "time")(wildcards) if ordered else None


def models(wildcards):
    """Names of the study's models, simple to complex."""
    return [m.name for m in study_file(wildcards.study).study.models]


def seen_by_models(wildcards):
    """What a recipe rests on; no hyperparameters, so that a longer search keeps what it has."""
    keys = ("name", "kind", "function", "inputs", "features")
    return [{k: m[k] for k in keys} for m in _section(wildcards.study, ("models",))]


def candidates(wildcards):
    """Names of the models that may be selected."""
    return [m.name for m in study_file(wildcards.study).study.models if m.candidate]


def fitted(wildcards):
    """Folders of the final models."""
    return [where("train", name)(wildcards) for name in models(wildcards)]


def final(wildcards):
    """Whether the study may open its test set."""
    return study_file(wildcards.study).study.status == "final"


def learns(wildcards):
    """Whether anything is to be predicted; an exploration ends with its page."""
    return task_of(study_file(wildcards.study).study.task).predicts


def where_if(applies):
    """A function like `where`, of a file that is an input only where something applies."""
    return lambda stage, file: lambda wildcards: (
        where(stage, file)(wildcards) if applies(wildcards) else []
    )


if_final, if_target, if_learning = map(where_if, (final, has_target, learns))
if_gated = where_if(lambda wildcards: study_file(wildcards.study).study.gates)


def figures(wildcards):
    """Folder of the figures: it stands beside the report's."""
    return f"results/{owner(study_file(wildcards.study), 'report')}/figures"


def scientific_key(wildcards):
    """Hash of the sections that decide what the test set is asked; a title is not among them."""
    return study_file(wildcards.study).scientific_key()


def ledger(wildcards):
    """Where the openings of the test set are written down: beside the study file."""
    return str(study_file(wildcards.study).path.with_suffix(".ledger.jsonl"))


def outputs_of(name):
    """Everything a study is asked to deliver; looked up only where the study is asked for."""
    return lambda wildcards: delivered(
        study_file(name), pdf=bool(which("latexmk")), analyses=COMPUTED
    )
