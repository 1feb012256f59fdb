"""Write the exploration as one web page, with its figures and their numbers beside it."""

from boxloop import store
from boxloop.job import job
from boxloop.report import Evidence, draw_exploration, write_exploration

with job(snakemake) as log:
    params, made = snakemake.params, snakemake.output
    given = {name: path for name, path in snakemake.input.items() if path}
    files = draw_exploration({name: store.read_json(path) for name, path in given.items()})
    with store.writing(made.figures) as folder:
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_bytes(content)
    evidence = Evidence.read(params.study, given, made.figures, svg=True)
    page = write_exploration(evidence, params.bibliography, snakemake.wildcards.study)
    store.write_text(page, made.page)
    log.info("%d figures", sum(name.endswith(".pdf") for name in files))
