"""Simulators: what a study may name as ``simulator: boxloop.simulate.<module>:<function>``."""
