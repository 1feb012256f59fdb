"""Choose the best trial of each model and the best model, by cross-validation alone."""

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from boxloop.errors import BoxloopError
from boxloop.metrics import REGISTRY
from boxloop.metrics.folds import one_standard_error

if TYPE_CHECKING:
    from boxloop.results.search import ChosenTrial, Selected, SelectedModel, TrialResult


def select_models(
    trials: "Sequence[TrialResult]",
    metric: str,
    models: list[str],
    candidates: list[str] | None = None,
    choose: str = "best",
    repeats: int = 1,
) -> "tuple[pd.DataFrame, Selected]":
    """Choose by the mean score over folds; of equals the simpler model, named first, wins.

    A model's best trial is that of the best mean. Under the rule of one standard error the simplest
    model is selected that is not worse than the best by more than the corrected standard error of
    the best one's mean.

    Parameters
    ----------
    trials : sequence of TrialResult
        Of all chunks.
    metric : str
    models : list of str
        Names of the models, simple to complex.
    candidates : list of str, optional
        Those that may be selected; the others are shown only. All by default.
    choose : {"best", "one_standard_error"}
    repeats : int
        How often the objects were dealt into folds.

    Returns
    -------
    table : pandas.DataFrame
        All trials, lists as JSON text.
    selected : Selected

    Raises
    ------
    BoxloopError
        A model has no trial that succeeded; its reasons are given.
    """
    larger = REGISTRY[metric].larger_is_better
    candidates = models if candidates is None else candidates
    chosen: dict[str, SelectedModel] = {}
    for name in models:
        mine = [t for t in trials if t["model"] == name]
        done = [t for t in mine if t["status"] == "done"]
        if not done:
            reasons = "; ".join(sorted({f"{t['status']}: {t['reason']}" for t in mine}))
            raise BoxloopError(
                f"no trial of the model {name!r} succeeded ({reasons}); change models.{name} "
                "in the study, or leave the model out"
            )
        best = best_trial(done, metric)
        epochs = best["epochs"]
        chosen[name] = {
            **_chosen(best),
            "candidate": name in candidates,
            "epochs": max(1, round(float(np.median(epochs)))) if epochs else None,
        }
    rivals = {m: _known(chosen[m]["scores"]) for m in models if m in candidates}
    near = one_standard_error(rivals, larger=larger, repeats=repeats)
    selected = near["simplest"] if choose == "one_standard_error" else near["best"]
    return _table(trials), {
        "metric": metric,
        "selected": selected,
        "choose": choose,
        "repeats": repeats,
        "one_standard_error": near,
        "models": chosen,
    }


def _chosen(best: "TrialResult") -> "ChosenTrial":
    trial: ChosenTrial = {
        "trial": best["id"],
        "kind": best["kind"],
        "function": best["function"],
        "inputs": best["inputs"],
        "hyperparameters": best["hyperparameters"],
        "mean": best["mean"],
        "std": best["std"],
        "scores": best["scores"],
    }
    if best.get("precision"):
        trial["precision"] = best["precision"]
    return trial


def _known(scores: Sequence[float | None]) -> list[float]:
    return [score for score in scores if score is not None]


def best_trial(done: "Sequence[TrialResult]", metric: str) -> "TrialResult":
    """Return the trial of the best mean; of equals one that was not stopped early, then the first.

    Parameters
    ----------
    done : sequence of TrialResult
        Of trials that succeeded.
    metric : str
    """
    sign = 1 if REGISTRY[metric].larger_is_better else -1

    def gain(trial: "TrialResult") -> tuple[float, bool]:
        mean = -np.inf if trial["mean"] is None else sign * trial["mean"]
        return mean, not trial.get("rung")

    return max(done, key=gain)


def best_predictions(frames: Iterable[pd.DataFrame], selected: "Selected") -> pd.DataFrame:
    """Keep the out-of-fold predictions of the best trial of each model.

    Parameters
    ----------
    frames : iterable of pandas.DataFrame
        Of each chunk, those of its best trial.
    selected : Selected
    """
    best = {chosen["trial"]: name for name, chosen in selected["models"].items()}
    found = {}
    for frame in frames:
        trial = frame["trial"].iloc[0] if len(frame) else None
        if trial in best:
            frame.insert(0, "model", best[trial])
            found[best[trial]] = frame.drop(columns="trial")
    return pd.concat([found[name] for name in selected["models"]], ignore_index=True)


def _table(trials: "Sequence[TrialResult]") -> pd.DataFrame:
    plain = ("id", "model", "kind", "purpose", "status", "reason", "mean", "std", "seconds")
    lists = ("scores", "train_scores", "epochs", "hyperparameters")
    rows = [
        {
            **{k: t.get(k) for k in plain},
            "train_mean": t.get("train_mean"),
            "rung": t.get("rung"),
            **{k: json.dumps(t.get(k)) for k in lists},
        }
        for t in trials
    ]
    frame = pd.DataFrame(rows)
    return frame.astype({"mean": float, "std": float, "train_mean": float, "rung": float})
