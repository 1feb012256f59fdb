"""Train a stack to its end, or from rung to rung."""

from collections.abc import Callable, Generator, Sequence
from typing import Any, TypeVar

from boxloop.fitting.checkpoint import Checkpoint
from boxloop.fitting.stacked.members import Data, Member, StackedResult
from boxloop.fitting.stacked.rows import Rows
from boxloop.fitting.stacked.stack import Stack
from boxloop.signals import end_if_asked, safe_places

#: Waits at each rung with the losses of the members, to be told which of them stop.
Training = Generator[list[float], set[int], list[StackedResult]]
Result = TypeVar("Result")


def train_stacked(
    build: Callable[[Member], Any],
    members: Sequence[Member],
    data: Sequence[Data],
    *,
    loss: Callable[[Any, Any], Any],
    optimizer: Any,
    batch_size: int,
    driver: str = "vmap_outer",
    width: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    checkpoint: Checkpoint | None = None,
) -> list[StackedResult]:
    """Train networks of one architecture together.

    Each member learns as it would alone: its own weights, statistics, optimiser, learning rate,
    order of the rows (`boxloop.fitting.network.epoch_order`) and early stopping.

    Parameters
    ----------
    build : callable
        Returns the uncompiled keras.Model of a member; all have the same variables.
    members : sequence of Member
    data : sequence of Data
        All have the same inputs.
    loss : callable
        (truth, output) -> one value a row.
    optimizer : keras.optimizers.Optimizer
        Its settings are those of all members, the learning rate apart, and the weight decay where
        the members' hyperparameters name one.
    batch_size : int
        Or the number of rows of the smallest data, if that is less.
    driver : str
        How a step is taken for all members; see `boxloop.fitting.stacked.steps`.
    width : int, optional
        With the driver ``unroll`` the number of members in one graph.
    progress : callable, optional
        Told after each epoch its number and how many members still train.
    checkpoint : Checkpoint, optional
        Where the stack is kept while it trains; a resumed one gives the same bytes.

    Returns
    -------
    list of StackedResult, in the order of the members
    """
    training = train_by_rungs(
        build, members, data, (), loss=loss, optimizer=optimizer, batch_size=batch_size,
        driver=driver, width=width, progress=progress, checkpoint=checkpoint,
    )  # fmt: skip
    return ended(training)


def ended(training: Generator[Any, set[int], Result], told: set[int] | None = None) -> Result:
    """Return what a training returns after its last rung, of which it is `told`.

    Raises
    ------
    RuntimeError
        It waits at one more.
    """
    try:
        training.send(told)  # type: ignore[arg-type]
    except StopIteration as end:
        result: Result = end.value
        return result
    raise RuntimeError("a training waits at a rung that it was not given")


def train_by_rungs(
    build: Callable[[Member], Any],
    members: Sequence[Member],
    data: Sequence[Data],
    rungs: Sequence[int],
    *,
    loss: Callable[[Any, Any], Any],
    optimizer: Any,
    batch_size: int,
    driver: str = "vmap_outer",
    width: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    checkpoint: Checkpoint | None = None,
) -> Training:
    """Train a stack, and wait after some epochs to be told which members stop there.

    A resumed stack waits at the rungs behind it as well, and does not listen: what it was told is
    among what it had kept.

    Parameters
    ----------
    rungs : sequence of int
        In increasing order. The others are those of `train_stacked`.

    Yields
    ------
    list of float
        Each member's best loss on its inner slice up to the rung; infinite after a failure, NaN
        without a slice. Is sent the places of those that stop.

    Returns
    -------
    list of StackedResult, in the order of the members
    """
    kept = checkpoint or Checkpoint(None, "")
    stack = Stack(build, members, Rows(data, batch_size), loss, optimizer, driver, width)
    stack.resume(kept)
    for rung in (*rungs, None):
        behind = rung is not None and stack.done >= rung
        with safe_places():
            while stack.rows and (rung is None or stack.done < rung):
                stack.epoch()
                if progress:
                    progress(stack.done, len(stack.rows))
                if stack.rows and stack.done != rung:
                    stack.save(kept)
                    end_if_asked()
        if rung is not None:
            told = yield stack.losses(rung)
            if not behind:
                stack.stop(told)
            if stack.rows:
                stack.save(kept)
    kept.remove()
    return stack.results
