"""What do the data look like? Nothing is predicted."""

from boxloop.tasks.base import Task

EXPLORATION = Task(name="exploration", kind_of_target="none")
