"""Stop the study where a finding matches one of its gates."""

from boxloop import store
from boxloop.explore import admit
from boxloop.job import job

with job(snakemake) as log:
    files, params = snakemake.input, snakemake.params
    looks = [store.read_json(path) for path in files]
    findings = [f for look in looks for f in look["findings"]]
    columns = {c for look in looks for c in look["columns"]}
    content = admit(params.gates, findings, study=snakemake.wildcards.study, columns=columns)
    log.info("%d findings, none matches a gate", len(findings))
    store.write_json(content, snakemake.output[0])
