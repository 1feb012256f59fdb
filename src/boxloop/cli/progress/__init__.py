"""What `boxloop run` shows while Snakemake runs."""
