"""The upper nodes of a fitted decision tree as plain data, for drawing it."""

from typing import Any

import numpy as np

#: Deepest splits that are kept.
DEPTH = 8


def nodes_of(model: Any, columns: list[str], times: int = 1) -> list[dict[str, Any]] | None:
    """Return the nodes of one decision tree down to `DEPTH`, the root first.

    Parameters
    ----------
    model : estimator or network
    columns : list of str
        Of the table input, in order.
    times : int
        How often each object stands among the fitting rows, scattered copies included.

    Returns
    -------
    list of dict, or None
        ``depth``, ``rows`` (objects in the node, copies apart), ``value`` (mean of the target,
        or share of each class); and for a split ``column``, ``cut``, ``left`` (number of the child
        of values up to the cut), ``right``. None where the model is no single tree of them.
    """
    tree = getattr(model, "tree_", None)
    if tree is None or model.n_features_in_ != len(columns):
        return None
    return _walked(tree, columns, times)


def _walked(tree: Any, columns: list[str], times: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    waiting: list[tuple[int, int, int | None, str]] = [(0, 0, None, "")]
    while waiting:
        node, depth, parent, side = waiting.pop(0)
        if parent is not None:
            found[parent][side] = len(found)
        found.append(_node(tree, node, depth, columns, times))
        if tree.children_left[node] >= 0 and depth < DEPTH:
            here = len(found) - 1
            waiting.append((int(tree.children_left[node]), depth + 1, here, "left"))
            waiting.append((int(tree.children_right[node]), depth + 1, here, "right"))
    return found


def _node(tree: Any, node: int, depth: int, columns: list[str], times: int) -> dict[str, Any]:
    value = np.asarray(tree.value[node], float).reshape(-1)
    about: dict[str, Any] = {"depth": depth, "rows": int(tree.n_node_samples[node]) // times}
    about["value"] = float(value[0]) if len(value) == 1 else (value / value.sum()).tolist()
    if tree.children_left[node] >= 0:
        about |= {"column": columns[tree.feature[node]], "cut": float(tree.threshold[node])}
    return about
