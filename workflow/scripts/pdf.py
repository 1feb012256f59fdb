"""Make the PDF of the report."""

from pathlib import Path

from boxloop.job import job
from boxloop.report.pdf import compile_pdf

with job(snakemake) as log:
    compile_pdf(
        Path(snakemake.input.tex),
        [Path(snakemake.input.macros), Path(snakemake.input.bibliography)],
        Path(snakemake.input.figures),
        Path(snakemake.output[0]),
        Path(snakemake.log.latex),
    )
