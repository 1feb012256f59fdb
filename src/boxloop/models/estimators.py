"""The registered scikit-learn estimators, each built by one short function."""

from typing import Any

from boxloop.tasks import task_of

#: Hyperparameters that only the estimators of one kind of target have.
_OWN = {"class_weight": "classes", "epsilon": "number"}


def dummy(task: str, seed: int, threads: int) -> Any:
    """Predict the mean of the target, or the class frequencies: what any model has to beat."""
    from sklearn.dummy import DummyClassifier, DummyRegressor

    kinds = {"classes": DummyClassifier(strategy="prior"), "number": DummyRegressor()}
    return kinds[task_of(task).kind_of_target]


def linear(task: str, seed: int, threads: int, *, alpha: float) -> Any:
    """Linear least squares, with an L2 penalty where `alpha` > 0 (ridge)."""
    from sklearn.linear_model import LinearRegression, Ridge

    return Ridge(alpha=alpha, random_state=seed) if alpha > 0 else LinearRegression()


def logistic(task: str, seed: int, threads: int, *, C: float, class_weight: str | None) -> Any:
    """Multinomial logistic regression with an L2 penalty of inverse strength `C`."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=C, class_weight=class_weight, max_iter=2000, random_state=seed)


def tree(task: str, seed: int, threads: int, **hyperparameters: Any) -> Any:
    """One decision tree (CART)."""
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    kind = task_of(task).kind_of_target
    build = {"classes": DecisionTreeClassifier, "number": DecisionTreeRegressor}[kind]
    return build(random_state=seed, **_known(kind, hyperparameters))


def forest(task: str, seed: int, threads: int, **hyperparameters: Any) -> Any:
    """A random forest; ``max_features: default`` is the square root, for a regression all."""
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    kind = task_of(task).kind_of_target
    if hyperparameters["max_features"] == "default":
        hyperparameters["max_features"] = {"classes": "sqrt", "number": 1.0}[kind]
    build = {"classes": RandomForestClassifier, "number": RandomForestRegressor}[kind]
    return build(random_state=seed, n_jobs=threads, **_known(kind, hyperparameters))


def boosting(task: str, seed: int, threads: int, **hyperparameters: Any) -> Any:
    """Gradient boosting of histogram trees, for a fixed number of iterations."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    kinds = {"classes": HistGradientBoostingClassifier, "number": HistGradientBoostingRegressor}
    build = kinds[task_of(task).kind_of_target]
    return build(random_state=seed, early_stopping=False, **hyperparameters)


def svm(task: str, seed: int, threads: int, **hyperparameters: Any) -> Any:
    """A support vector machine with a radial kernel; `epsilon` is for numbers only.

    It gives no probabilities: those of scikit-learn's come from five further fits. `epsilon` is in
    units of the target's spread, and C is the price of leaving the tube, so the target is scaled.
    """
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC, SVR

    kind = task_of(task).kind_of_target
    build = {"classes": SVC, "number": SVR}[kind]
    machine = build(kernel="rbf", **_known(kind, hyperparameters))
    if kind == "classes":
        return machine
    return TransformedTargetRegressor(machine, transformer=StandardScaler())


def _known(kind: str, hyperparameters: dict[str, Any]) -> dict[str, Any]:
    """Return the hyperparameters that the estimators of a kind of target have."""
    return {k: v for k, v in hyperparameters.items() if _OWN.get(k, kind) == kind}
