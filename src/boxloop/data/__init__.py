"""Stage *data*: what was measured, by whom, under which licence?"""

from boxloop.data.assemble import Assembled, assemble, assemble_target, columns_of_text
from boxloop.data.fetch import fetch_source
from boxloop.data.read import RawSample, read_sample
from boxloop.data.seal import draw_test
from boxloop.data.simulate import simulate_sample

__all__ = [
    "Assembled",
    "RawSample",
    "assemble",
    "assemble_target",
    "columns_of_text",
    "draw_test",
    "fetch_source",
    "read_sample",
    "simulate_sample",
]
