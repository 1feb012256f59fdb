"""What jobs ask a cluster for, what its queue says, and how a killed run is cleaned up.

Snakemake sends the jobs; here it is only asked what has become of them.
"""

from boxloop.cluster.holding import Holder, hold, holders
from boxloop.cluster.killed import reasons
from boxloop.cluster.patience import keep_jobs
from boxloop.cluster.queue import QueuedJob, QueueError, largest, queued, told
from boxloop.cluster.recover import recover
from boxloop.cluster.requests import FITTING, OF_TARGET, Request, Taken, request, usual_seconds
from boxloop.cluster.sending import keep_sending, refusals
from boxloop.cluster.usage import past_usage, read_usage, taken

__all__ = [
    "FITTING",
    "OF_TARGET",
    "Holder",
    "QueueError",
    "QueuedJob",
    "Request",
    "Taken",
    "hold",
    "holders",
    "keep_jobs",
    "keep_sending",
    "largest",
    "past_usage",
    "queued",
    "read_usage",
    "reasons",
    "recover",
    "refusals",
    "request",
    "taken",
    "told",
    "usual_seconds",
]
