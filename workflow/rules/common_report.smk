# Functions of wildcards for what is told and kept: report and track.
from pathlib import Path
from shutil import which

from boxloop.study.load import owner
from boxloop.study.vocabulary import STAGES


def owners(wildcards):
    """Whose results folder holds each stage."""
    return {stage: owner(study_file(wildcards.study), stage) for stage in STAGES}


SCIENCE = "simulate assemble target split folds recipes plan chunk select fit predict evaluate apply catalogue"


def code_of_rules(wildcards):
    """Code hashes of the rules that make numbers."""
    return {rule: _code(rule, wildcards.study) for rule in SCIENCE.split()}


# Rules with one job a study, before and after the search.
EARLY = {"data": "assemble", "explore": "explore_all explore_training embed"}
LATE = {
    "evaluate": "predict evaluate "
    + " ".join(analysis.rule for analysis in COMPUTED.values()),
    "apply": "catalogue",
}


def benchmark_files(wildcards):
    """Where rules note their time and memory; not inputs, for a failed or pulled run may lack some."""
    chunks = [
        ("search", f"chunk-{model}-{i}")
        for model in models(wildcards)
        for i in range(len(_jobs(wildcards.study, model)))
    ]
    fits = [("train", f"fit-{model}") for model in models(wildcards)]
    file = study_file(wildcards.study)
    purposes = probes_of(file.study) if learns(wildcards) else []
    outer = range(file.study.split.outer if outer_files("json")(wildcards) else 0)
    more = [f"probe-{purpose}" for purpose in purposes] + [f"nested-{n}" for n in outer]
    numbers = range(parts_of_target(wildcards))
    targets = [("data", f"target-{n}") for n in numbers]
    targets += [("apply", f"apply-{n}") for n in numbers]
    early = [(stage, name) for stage, names in EARLY.items() for name in names.split()]
    late = [(stage, name) for stage, names in LATE.items() for name in names.split()]
    jobs = [
        *early,
        *targets,
        *chunks,
        *(("search", name) for name in more),
        *fits,
        *late,
    ]
    return [f"results/{owner(file, stage)}/logs/{name}.tsv" for stage, name in jobs]


def prose(wildcards):
    """The user's own texts by section, as they are now."""
    file = study_file(wildcards.study)
    folder = file.study.report.prose
    found = sorted((file.path.parent / folder).glob("*.tex")) if folder else []
    return {p.stem: p.read_text(encoding="utf-8") for p in found}


def bibliography(wildcards):
    """Text of the project's bibliography; its content counts, not its date."""
    return Path("config/references.bib").read_text(encoding="utf-8")


def attempt(wildcards):
    """A counter that makes the logging rule run again after a server did not answer.

    It stands in a file of its own: the rule's output is gone while its job runs.
    """
    path = Path(f"results/{wildcards.study}/track/attempt")
    return int(path.read_text()) if path.is_file() else 0


def reports(wildcards):
    """The report and the exploration as pages and, where LaTeX is installed, the report in print."""
    printed = ["report.pdf"] if which("latexmk") else []
    files = ["report.html", "exploration.html", *printed]
    return [where("report", file)(wildcards) for file in files]
