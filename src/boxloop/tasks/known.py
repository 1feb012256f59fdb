"""The tasks that a study may have, a line each. There is no code here.

No rule rests on this file as a whole, but on the line of its study's task and on what that names
(`boxloop.study.references`): a new task reruns nothing.
"""

#: By the name that a study file has, ``module:object``.
TASKS: dict[str, str] = {
    "classification": "boxloop.tasks.classification:CLASSIFICATION",
    "regression": "boxloop.tasks.regression:REGRESSION",
    "exploration": "boxloop.tasks.exploration:EXPLORATION",
}
