"""Write the exploration as one web page."""

from boxloop import store
from boxloop.job import job
from boxloop.numbers.evidence import Evidence
from boxloop.report.exploration_page import write_exploration

with job(snakemake):
    params, files = snakemake.params, dict(snakemake.input.items())
    figures = files.pop("figures")
    given = {name: path for name, path in files.items() if path}
    evidence = Evidence.read(params.study, given, figures, svg=True)
    page = write_exploration(evidence, params.bibliography, snakemake.wildcards.study)
    store.write_text(page, snakemake.output[0])
