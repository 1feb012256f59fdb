"""Write the report in LaTeX: every number is a macro that says where it was read."""

from boxloop import store
from boxloop.job import job
from boxloop.numbers.evidence import Evidence
from boxloop.report.tex import write_report

with job(snakemake) as log:
    evidence = Evidence.read(
        snakemake.params.study, dict(snakemake.input.items()), snakemake.input.figures, svg=False
    )
    report = write_report(evidence, snakemake.params.prose, snakemake.params.bibliography)
    store.write_text(report.tex, snakemake.output.tex)
    store.write_text(report.macros, snakemake.output.macros)
    store.write_json(report.traced, snakemake.output.traced)
    store.write_text(report.bibliography, snakemake.output.bibliography)
    log.info("%d numbers, each with its source", len(report.traced))
