"""Fetch and verify the files of a source."""

import os
from pathlib import Path

from boxloop import store
from boxloop.data.fetch import fetch_source
from boxloop.job import job

with job(snakemake) as log:
    manifest = fetch_source(
        snakemake.params.source,
        Path(snakemake.output[0]).parent,
        mirror=os.environ.get("BOXLOOP_MIRROR") or snakemake.config.get("mirror"),
        log=log,
    )
    store.write_json(manifest, snakemake.output[0])
