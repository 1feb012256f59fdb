"""Purity of a class at a stated prevalence: what a test set says of another sample."""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from boxloop.metrics.weighted import Floats


def purity_at(tpr: "ArrayLike", fpr: "ArrayLike", prevalence: "ArrayLike") -> "NDArray[Any]":
    """Purity (precision) where a fraction `prevalence` of the objects are members of the class.

    It is pi TPR / (pi TPR + (1 - pi) FPR), Bayes' theorem. Arguments are numbers or arrays that
    broadcast together.

    Parameters
    ----------
    tpr : array_like
        Fraction of the members that are found (completeness, recall).
    fpr : array_like
        Fraction of the other objects that are taken for members (1 - specificity).
    prevalence : array_like
        Fraction of members, pi, among the objects to classify.

    Returns
    -------
    ndarray
        NaN where nothing at all is taken for a member.

    Raises
    ------
    ValueError
        A rate or a prevalence lies outside 0 to 1.
    """
    true, false, pi = (np.asarray(x, dtype=float) for x in (tpr, fpr, prevalence))
    for name, values in (("tpr", true), ("fpr", false), ("prevalence", pi)):
        if np.any((values < 0) | (values > 1)):
            raise ValueError(f"{name}: expected a fraction from 0 to 1, found {values}")
    right, wrong = pi * true, (1 - pi) * false
    named = right + wrong
    return np.where(named > 0, right / np.where(named > 0, named, 1.0), np.nan)


def rates(matrix: "Floats") -> tuple["Floats", "Floats"]:
    """Return true and false positive rate of every class from a confusion matrix.

    Parameters
    ----------
    matrix : ndarray, shape (..., k, k)
        Counts or weights; rows are the truth, columns the prediction.

    Returns
    -------
    tpr, fpr : ndarray, shape (..., k)
        NaN for a class without members, and without others.
    """
    hit = np.diagonal(matrix, axis1=-2, axis2=-1)
    members, named = matrix.sum(axis=-1), matrix.sum(axis=-2)
    others = matrix.sum(axis=(-2, -1))[..., None] - members
    tpr = np.where(members > 0, hit / np.where(members > 0, members, 1.0), np.nan)
    fpr = np.where(others > 0, (named - hit) / np.where(others > 0, others, 1.0), np.nan)
    return tpr, fpr
