"""Functions that build the models one can name in a study.

`boxloop.study.known_models` lists them.
"""
