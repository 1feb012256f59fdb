"""What a study asks of its data: an object for each task, a file each; `known` has the table."""

from importlib import import_module

from boxloop.tasks.base import Conformal, Task
from boxloop.tasks.known import TASKS

__all__ = ["TASKS", "Conformal", "Task", "task_of"]


def task_of(name: str) -> Task:
    """Return the task of that name."""
    module, _, constant = TASKS[name].partition(":")
    found: Task = getattr(import_module(module), constant)
    return found
