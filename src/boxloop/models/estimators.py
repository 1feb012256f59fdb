"""The registered scikit-learn estimators, each built by one short function."""

from typing import Any


def dummy(task: str, seed: int, threads: int) -> Any:
    """Predict the mean of the target, or the class frequencies: what any model has to beat."""
    from sklearn.dummy import DummyClassifier, DummyRegressor

    return DummyClassifier(strategy="prior") if task == "classification" else DummyRegressor()


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

    if task == "classification":
        return DecisionTreeClassifier(random_state=seed, **hyperparameters)
    hyperparameters.pop("class_weight")
    return DecisionTreeRegressor(random_state=seed, **hyperparameters)


def forest(task: str, seed: int, threads: int, **hyperparameters: Any) -> Any:
    """A random forest; ``max_features: default`` is the square root, for a regression all."""
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    if hyperparameters["max_features"] == "default":
        hyperparameters["max_features"] = "sqrt" if task == "classification" else 1.0
    if task == "classification":
        return RandomForestClassifier(random_state=seed, n_jobs=threads, **hyperparameters)
    hyperparameters.pop("class_weight")
    return RandomForestRegressor(random_state=seed, n_jobs=threads, **hyperparameters)


def boosting(task: str, seed: int, threads: int, **hyperparameters: Any) -> Any:
    """Gradient boosting of histogram trees, for a fixed number of iterations."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    kind = (
        HistGradientBoostingClassifier
        if task == "classification"
        else HistGradientBoostingRegressor
    )
    return kind(random_state=seed, early_stopping=False, **hyperparameters)


def svm(task: str, seed: int, threads: int, **hyperparameters: Any) -> Any:
    """A support vector machine with a radial kernel; `epsilon` is for numbers only.

    It gives no probabilities: those of scikit-learn's come from five further fits. `epsilon` is in
    units of the target's spread, and C is the price of leaving the tube, so the target is scaled.
    """
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC, SVR

    if task == "classification":
        hyperparameters.pop("epsilon")
        return SVC(kernel="rbf", **hyperparameters)
    hyperparameters.pop("class_weight")
    machine = SVR(kernel="rbf", **hyperparameters)
    return TransformedTargetRegressor(machine, transformer=StandardScaler())
