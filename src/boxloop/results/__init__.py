"""What stands in the JSON files of results/: a record for each, which readers and writers share.

A record is a TypedDict: what a function returns is what stands in the file, and mypy checks every
key. The docs (docs/outputs.md) and the JSON schema are made from the records and the lines of
`boxloop.results.registry`. Nothing here runs in a job: modules import records for typing alone.
"""
