"""What analyses begin with: what was predicted, what is true, and what else they ask for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from boxloop.analyses.external.models import own_models
from boxloop.analyses.scores.compute import Truth, judged_by_model
from boxloop.errors import BoxloopError, listed
from boxloop.fitting import Fitted, load_model
from boxloop.metrics import Judged
from boxloop.store import Table, read_batches, read_frame, read_json, read_parts, read_table

if TYPE_CHECKING:
    from boxloop.results.details import Opening
    from boxloop.results.metrics import Metrics


class Evaluated:
    """What was predicted, and what is true; a file is read when it is first asked for.

    Parameters
    ----------
    files : mapping of str to str or sequence of str
        Paths by name: the inputs of an analysis.
    user_code : sequence of str
        Paths of the study's own modules.
    **known
        What need not be read, by the names of the properties.
    """

    def __init__(
        self, files: Mapping[str, Any] | None = None, user_code: Sequence[str] = (), **known: Any
    ) -> None:
        self._files, self.user_code = dict(files or {}), list(user_code)
        self.__dict__.update(known)

    def _file(self, name: str) -> Any:
        if name not in self._files:
            raise BoxloopError(
                f"an analysis asks for {name}, which is not among its inputs "
                f"({listed(self._files)}); boxloop/analyses/registry.py names them"
            )
        return self._files[name]

    @cached_property
    def metrics(self) -> "Metrics":
        """Content of evaluate/metrics.json."""
        found: Metrics = read_json(self._file("metrics"))
        return found

    @cached_property
    def truth(self) -> Truth:
        """The targets that may be known: in a draft without those of the test objects."""
        return Truth(read_frame(self._file("truth")), self.classes)

    @cached_property
    def cross_validated(self) -> pd.DataFrame:
        """Predictions out of fold: ``model, id, fold, prediction`` and more."""
        return read_frame(self._file("cross_validated"))

    @cached_property
    def predictions(self) -> pd.DataFrame:
        """Predictions by the final models: ``model, id, set, prediction`` and more."""
        return read_frame(self._file("predictions"))

    @cached_property
    def table(self) -> Table:
        """All labelled objects; their targets are not for looking at."""
        return read_table(self._file("table"), self._files.get("arrays"))

    @cached_property
    def labelled(self) -> Iterator[Table]:
        """The same in batches, once: for what holds few objects at a time."""
        return read_batches(self._file("table"), self._files.get("arrays"))

    @cached_property
    def target(self) -> Iterable[Table] | None:
        """The objects that the model is for, in batches, once; None without a target sample."""
        files = self._file("target")
        return read_parts(files, self._file("target_arrays")) if files else None

    @cached_property
    def split(self) -> pd.DataFrame:
        """To which set each object belongs: ``id, set``."""
        return read_frame(self._file("split"))

    @cached_property
    def folds(self) -> pd.DataFrame:
        """In which fold each training object is: ``id, fold``."""
        return read_frame(self._file("folds"))

    @cached_property
    def models(self) -> Mapping[str, Fitted]:
        """The final models, simple to complex; each is loaded when it is asked for."""
        return _Models(self._file("models"), self.user_code)

    @cached_property
    def selection(self) -> Mapping[str, Any]:
        """Content of search/selected.json."""
        found: Mapping[str, Any] = read_json(self._file("selection"))
        return found

    @cached_property
    def openings(self) -> Sequence["Opening"]:
        """Entries of the ledgers about the test set."""
        found: Sequence[Opening] = read_json(self._file("openings"))["openings"]
        return found

    @cached_property
    def probes(self) -> Mapping[str, Mapping[str, Any]]:
        """Contents of search/probes/<purpose>.json by purpose."""
        return {Path(path).stem: read_json(path) for path in self._file("probes")}

    @property
    def classes(self) -> tuple[str, ...]:
        """Sorted; empty for a regression."""
        return tuple(self.metrics["classes"])

    @property
    def shown(self) -> str:
        """The split that results are shown of: test in a final study, cv in a draft."""
        return str(self.metrics["shown"])

    @property
    def selected(self) -> str:
        """Name of the selected model."""
        return str(self.metrics["selected"])

    @property
    def names(self) -> list[str]:
        """Our models, simple to complex; somebody else's predictions are not among them."""
        return own_models(self.metrics)

    @property
    def rows(self) -> pd.DataFrame:
        """Predictions of all models for the split that is shown."""
        if self.shown == "cv":
            return self.cross_validated
        return self.predictions[self.predictions["set"] == self.shown]

    @property
    def every(self) -> pd.DataFrame:
        """Predictions of all sets; those out of fold are set ``cv``."""
        rows = [self.cross_validated.assign(set="cv"), self.predictions]
        return pd.concat(rows, ignore_index=True)

    def judged(self) -> tuple[pd.DataFrame, dict[str, Judged]]:
        """Return the objects of the split that is shown, and our models' predictions of them."""
        return judged_by_model(self.rows, self.names, self.truth)


class _Models(Mapping[str, Fitted]):
    """Models by name, loaded when they are asked for."""

    def __init__(self, folders: Sequence[str], user_code: Sequence[str]) -> None:
        self._folders = {Path(folder).name: folder for folder in folders}
        self._user_code = user_code
        self._loaded: dict[str, Fitted] = {}

    def __getitem__(self, name: str) -> Fitted:
        if name not in self._loaded:
            self._loaded[name] = load_model(self._folders[name], self._user_code)
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._folders)

    def __len__(self) -> int:
        return len(self._folders)
