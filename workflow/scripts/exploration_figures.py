"""Draw the figures of the exploration: vector files, each with its numbers and its caption."""

from boxloop import store
from boxloop.analyses.exploration.figures import draw_exploration
from boxloop.job import job

with job(snakemake) as log:
    given = {name: path for name, path in snakemake.input.items() if path}
    files = draw_exploration({name: store.read_json(path) for name, path in given.items()})
    with store.writing(snakemake.output[0]) as folder:
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_bytes(content)
    log.info("%d figures", sum(name.endswith(".pdf") for name in files))
