# Functions of wildcards for the search: which trials each job runs, and on what it waits.
from boxloop.study.rounds import jobs_of, rounds_of, space_of
from boxloop.study.trials import probes_of


@cache
def _jobs(name, model):
    return jobs_of(study_file(name).study, _model(name, model))


def _model(name, model):
    return next(m for m in study_file(name).study.models if m.name == model)


def _job(wildcards):
    return _jobs(wildcards.study, wildcards.model)[int(wildcards.chunk)]


def trials(wildcards):
    """The trials of one chunk, or None where a round is planned first."""
    return _job(wildcards).trials


def part(wildcards):
    """Where a chunk begins and ends in its round."""
    return _job(wildcards).part


def plan_file(wildcards):
    """The plan of a chunk's round; the first round needs none."""
    number = _job(wildcards).round
    if number == 0:
        return []
    return where("search", f"plans/{wildcards.model}-{number}.json")(wildcards)


def earlier_rounds(wildcards):
    """Results of all rounds of a model before one that is to be planned."""
    return [
        where("search", f"chunks/{wildcards.model}-{i}.json")(wildcards)
        for i, job in enumerate(_jobs(wildcards.study, wildcards.model))
        if job.round < int(wildcards.round)
    ]


def round_size(wildcards):
    """How many trials a round has, at the most."""
    jobs = _jobs(wildcards.study, wildcards.model)
    return max(job.part[1] for job in jobs if job.round == int(wildcards.round))


def space(wildcards):
    """What the rounds of a model are planned from."""
    return space_of(_model(wildcards.study, wildcards.model))


def sampler(wildcards):
    """Name of the sampler that plans the rounds."""
    return study_file(wildcards.study).study.search.plans_by


def rounds(wildcards):
    """What all rounds of a study are planned from, or None where all trials are known."""
    return rounds_of(study_file(wildcards.study).study)


def halving(wildcards):
    """How networks are thinned out, and among how many; None where each trains to its end."""
    search = study("search")(wildcards)
    if search["strategy"] != "halving":
        return None
    return {**search["halving"], "among": search["chunk"]}


def all_trials(wildcards):
    """The trials of all models that the study file gives."""
    jobs = [job for name in models(wildcards) for job in _jobs(wildcards.study, name)]
    return [trial for job in jobs for trial in job.trials or []]


def outer_files(ending):
    """Files of the outer folds; none in a draft, or under another protocol."""

    def files(wildcards):
        study = study_file(wildcards.study).study
        if study.status != "final" or study.split.protocol != "outer_folds":
            return []
        numbers = range(study.split.outer)
        return [where("search", f"outer/{n}.{ending}")(wildcards) for n in numbers]

    return files


def chunk_files(ending):
    """Files of all chunks of the search."""

    def files(wildcards):
        return [
            where("search", f"chunks/{model}-{i}.{ending}")(wildcards)
            for model in models(wildcards)
            for i in range(len(_jobs(wildcards.study, model)))
        ]

    return files


def probes(wildcards):
    """Files of the probes that the study asks for."""
    purposes = probes_of(study_file(wildcards.study).study)
    return [where("search", f"probes/{p}.json")(wildcards) for p in purposes]
