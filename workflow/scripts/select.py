"""Choose the best trial of each model, and the best model."""

from boxloop import store
from boxloop.job import job
from boxloop.search import best_predictions, select_models

with job(snakemake):
    trials = [t for path in snakemake.input.trials for t in store.read_json(path)]
    params = snakemake.params
    names = params.models, params.candidates
    how = params.choose, params.repeats
    table, selected = select_models(trials, params.metric, *names, *how)
    frames = (store.read_frame(path) for path in snakemake.input.predictions)
    store.write_frame(best_predictions(frames, selected), snakemake.output.predictions)
    store.write_frame(table, snakemake.output.trials)
    store.write_json(selected, snakemake.output.selected)
