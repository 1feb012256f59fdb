"""Stage *track*: what ran, from what, where, at which cost; and the MLflow runs that show it.

Import from its modules: `boxloop.track.record`, `boxloop.track.mlflow_log`. This page stays empty
so that a change in how runs are shown does not write run.json anew, and the report after it.
"""
