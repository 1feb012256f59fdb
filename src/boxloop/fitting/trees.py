"""The upper nodes of a fitted decision tree as plain data, for drawing it."""

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from boxloop.results.train import TreeNode

#: Deepest splits that are kept.
DEPTH = 8


def nodes_of(model: Any, columns: list[str], times: int = 1) -> "list[TreeNode] | None":
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
    list of TreeNode, or None
        ``rows`` are objects in the node, copies apart. None where the model is no single tree.
    """
    tree = getattr(model, "tree_", None)
    if tree is None or model.n_features_in_ != len(columns):
        return None
    return _walked(tree, columns, times)


def _walked(tree: Any, columns: list[str], times: int) -> "list[TreeNode]":
    found: list[TreeNode] = []
    waiting: list[tuple[int, int, int | None, Literal["left", "right"]]] = [(0, 0, None, "left")]
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


def _node(tree: Any, node: int, depth: int, columns: list[str], times: int) -> "TreeNode":
    value = np.asarray(tree.value[node], float).reshape(-1)
    about: TreeNode = {
        "depth": depth,
        "rows": int(tree.n_node_samples[node]) // times,
        "value": float(value[0]) if len(value) == 1 else (value / value.sum()).tolist(),
    }
    if tree.children_left[node] >= 0:
        about["column"] = columns[tree.feature[node]]
        about["cut"] = float(tree.threshold[node])
    return about
