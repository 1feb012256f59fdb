"""Compute an analysis of what the models predict: a line of boxloop.analyses.registry."""

from importlib import import_module

from boxloop import store
from boxloop.analyses.evaluated import Evaluated
from boxloop.job import job

with job(snakemake):
    params = dict(snakemake.params.items())
    name, user_code, _ = (params.pop(key) for key in ("analysis", "user_code", "code"))
    evaluated = Evaluated(dict(snakemake.input.items()), user_code)
    compute = import_module(f"boxloop.analyses.{name}.compute").compute
    found = compute(evaluated, **params)
    assert isinstance(found, dict), f"{name}: expected a mapping; found {found!r}"
    store.write_json(found, snakemake.output[0])
