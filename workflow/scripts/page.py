"""Write the report as one web page that needs nothing but itself."""

from boxloop import store
from boxloop.job import job
from boxloop.numbers.evidence import Evidence
from boxloop.report.page import write_page

with job(snakemake) as log:
    evidence = Evidence.read(
        snakemake.params.study, dict(snakemake.input.items()), snakemake.input.figures, svg=True
    )
    store.write_text(write_page(evidence, snakemake.params.bibliography), snakemake.output[0])
