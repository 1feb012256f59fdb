"""What jobs ask a cluster for, what its queue says, and how a killed run is cleaned up.

Snakemake sends the jobs; here it is only asked what has become of them.
"""

from boxloop.slurm.folder_lock import Holder, hold, holders
from boxloop.slurm.job_watch import watch_jobs
from boxloop.slurm.killed import reasons
from boxloop.slurm.queue import QueuedJob, QueueError, largest, queued, told
from boxloop.slurm.recover import recover
from boxloop.slurm.requests import FITTING_RULES, OF_TARGET, Request, Taken, request, usual_seconds
from boxloop.slurm.sending import keep_sending, refusals
from boxloop.slurm.usage import Usage, past_usage, read_usage, taken

__all__ = [
    "FITTING_RULES",
    "OF_TARGET",
    "Holder",
    "QueueError",
    "QueuedJob",
    "Request",
    "Taken",
    "Usage",
    "hold",
    "holders",
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
    "watch_jobs",
]
