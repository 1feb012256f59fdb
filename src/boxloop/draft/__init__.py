"""Draft a study file from a table, images or light curves that nobody has described yet."""

from boxloop.draft.make import Drafted, draft_study
from boxloop.draft.request import Request

__all__ = ["Drafted", "Request", "draft_study"]
