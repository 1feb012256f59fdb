"""Modalities: the kinds of data an object can have, a class for each of them."""

from boxloop.modalities.modality import Modality, Part, Summary

__all__ = ["Modality", "Part", "Summary"]
