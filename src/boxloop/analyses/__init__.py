"""The analyses of what models predict: a folder each, and a line in `boxloop.analyses.registry`.

A folder holds `compute` (its function ``compute`` makes the content of a file of the evaluation),
`figures` and `section` (what the report draws and prints of it, functions of the same names), and
the templates ``page.html`` and ``report.tex``. ``external`` tells a part of metrics.json, so that
it has no `compute`; ``scores``, which makes metrics.json, is what all rest on, and has no line.
"""
