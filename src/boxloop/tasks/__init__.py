"""What a study asks of its data: one object for each task, one file each, and a line here."""

from boxloop.tasks.base import Conformal, Task
from boxloop.tasks.classification import CLASSIFICATION
from boxloop.tasks.exploration import EXPLORATION
from boxloop.tasks.regression import REGRESSION

__all__ = ["TASKS", "Conformal", "Task", "task_of"]

#: By the name that a study file has.
TASKS: dict[str, Task] = {
    task.name: task
    for task in (
        CLASSIFICATION,
        REGRESSION,
        EXPLORATION,
    )
}


def task_of(name: str) -> Task:
    """Return the task of that name."""
    return TASKS[name]
