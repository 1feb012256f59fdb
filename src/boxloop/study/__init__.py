"""Stage *study*: what do we want to learn, and why? Typed study files.

Import from its modules (`boxloop.study.load`, `boxloop.study.seeds`, ...): this page stays empty
so that a stage which draws random numbers does not rerun when the study format grows.
"""
