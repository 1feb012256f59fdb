"""The loss that a network is trained with."""

from collections.abc import Callable
from typing import Any

from boxloop.errors import BoxloopError
from boxloop.fitting.mixtures import negative_log_likelihood
from boxloop.tasks import task_of

#: The default loss, and the shape in which it wants the truth, by the kind of the target.
_HEADS: dict[str, tuple[str, tuple[int, ...]]] = {
    "classes": ("sparse_categorical_crossentropy", (-1,)),
    "number": ("mse", (-1, 1)),
}


def loss_of(named: str | None, task: str, *, mixture: bool, reconstructs: bool = False) -> Any:
    """Return the loss that a network is trained with.

    Parameters
    ----------
    named : str or None
        The hyperparameter ``loss``: a name that Keras knows.
    task : str
    mixture : bool
        Whether the network predicts distributions; it then learns by their likelihood.
    reconstructs : bool
        Whether its last output is the error of a reconstruction, which adds to the loss.

    Returns
    -------
    str or callable
        What Keras calls the loss, or a function (truth, output) -> (n,).

    Raises
    ------
    BoxloopError
        A loss is named for a network that learns by the likelihood.
    """
    if mixture and named is not None:
        raise BoxloopError(
            f"a mixture density network learns by the likelihood; found loss {named!r}: "
            "leave loss out"
        )
    if mixture:
        return negative_log_likelihood
    if named is None:
        named = _HEADS[task_of(task).kind_of_target][0]
    return with_reconstruction(named, task) if reconstructs else named


def with_reconstruction(named: str, task: str) -> Callable[[Any, Any], Any]:
    """Return the loss of a network whose last output is the error of a reconstruction.

    Parameters
    ----------
    named : str
        What Keras calls the loss of the outputs before it.
    task : str

    Returns
    -------
    callable
        (truth (n,) or (n, 1), output (n, outputs + 1)) -> (n,)
    """
    shape = _HEADS[task_of(task).kind_of_target][1]

    def loss(truth: Any, outputs: Any) -> Any:
        from keras import ops

        each = by_row(named)(ops.reshape(truth, shape), outputs[:, :-1])
        return each + outputs[:, -1]

    return loss


def by_row(loss: Any) -> Callable[[Any, Any], Any]:
    """Return a loss as a function (truth, output) -> one value a row.

    Parameters
    ----------
    loss : str or callable
        What Keras calls it, or such a function.
    """
    import keras

    if callable(loss):
        own: Callable[[Any, Any], Any] = loss
        return own
    found = keras.losses.get(loss)
    function: Callable[[Any, Any], Any] = getattr(found, "call", found)
    return function
