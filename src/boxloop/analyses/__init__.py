"""The analyses of what models predict: a folder each, and a line in `boxloop.analyses.registry`.

A folder holds

- ``compute.py`` with ``compute(evaluated, *, seed, ...)``: returns the content of a file of the
  evaluation, whose record is in `boxloop.results`;
- ``figures.py`` with ``figures(found, metrics, unit, provenance)``: draws it, where `found` is that
  content, `metrics` that of evaluate/metrics.json, `unit` the target's and `provenance` that of the
  data; returns a list of `boxloop.plots.Drawing`;
- ``section.py`` with ``section(evidence, n)``: returns what the templates ``page.html`` and
  ``report.tex`` print, every number through `n`, which notes where it was read.

``external`` tells a part of metrics.json, so that it has no ``compute``; ``scores``, which makes
metrics.json, is what all rest on, and has no line; ``exploration`` looks at data, and its rules
stand in explore.smk.
"""
