"""Stop the study where a finding matches one of its gates."""

from boxloop import store
from boxloop.explore import admit
from boxloop.job import job

with job(snakemake) as log:
    files, params = snakemake.input, snakemake.params
    findings = [f for path in files for f in store.read_json(path)["findings"]]
    content = admit(params.gates, findings, study=snakemake.wildcards.study)
    log.info("%d findings, none matches a gate", len(findings))
    store.write_json(content, snakemake.output[0])
