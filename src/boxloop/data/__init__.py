"""Stage *data*: what was measured, by whom, under which licence?

The modules are imported one by one, so that a change of one reruns only the rules that use it.
"""
