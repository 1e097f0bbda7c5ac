"""A model fitted on each training slice and asked about its test: what it says, and what each feature does for that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autonomous_trading.core import FloatArray, IntArray
from autonomous_trading.models.importance._table import FeatureTable, Folds

Parts = Callable[[Any, FloatArray], FloatArray]
"""From a fitted model and the features of a test to what each group has to do with each prediction, [rows, groups]."""


class OutOfSample(NamedTuple):
    """Rows that were tested, in order, with the mean over the folds that tested them.

    `surprise`: target less its training mean. `prediction`: less its training mean. `parts` [rows, groups]. `fold`: the
    last one that tested the row. `models`: fitted, one per fold. `in_sample`: mean correlation on the training slices.
    """

    rows: IntArray
    fold: IntArray
    surprise: FloatArray
    prediction: FloatArray
    parts: FloatArray
    models: list[Any]
    in_sample: float

    @property
    def score(self) -> float:
        """Correlation of surprise and prediction; 0 where the model says the same about every row."""
        return correlation(self.surprise, self.prediction)

    @property
    def hit_rate(self) -> float:
        """Share of rows where surprise and prediction are on the same side of their training means."""
        sided = (self.surprise != 0.0) & (self.prediction != 0.0)
        same = np.sign(self.surprise[sided]) == np.sign(self.prediction[sided])
        return float(same.mean()) if len(same) else float("nan")


def out_of_sample(table: FeatureTable, target: FloatArray, folds: Folds, model: Any, parts: Parts) -> OutOfSample:
    """The model on every fold."""
    from sklearn.base import clone

    n = len(table)
    times, fold = np.zeros(n), np.full(n, -1)
    surprise, prediction, models, learned = np.zeros(n), np.zeros(n), [], []
    summed: FloatArray | None = None
    for number, (train, test) in enumerate(folds.folds(n)):
        fitted = fitted_on(clone(model), table, target, train)
        seen = predicted(fitted, table.values[train])
        says = predicted(fitted, table.values[test])
        each = parts(fitted, table.values[test])
        summed = np.zeros((n, each.shape[1])) if summed is None else summed
        summed[test] += each
        surprise[test] += target[test] - target[train].mean()
        prediction[test] += says - seen.mean()
        times[test] += 1.0
        fold[test] = number
        models.append(fitted)
        learned.append(correlation(target[train] - target[train].mean(), seen - seen.mean()))
    rows = np.flatnonzero(times)
    count = times[rows]
    shares = np.zeros((n, 0)) if summed is None else summed
    return OutOfSample(
        rows,
        fold[rows],
        surprise[rows] / count,
        prediction[rows] / count,
        shares[rows] / count[:, np.newaxis],
        models,
        float(np.mean(learned)),
    )


def fitted_on(model: Any, table: FeatureTable, target: FloatArray, rows: IntArray) -> Any:
    """The model fitted to some rows, which count by the weights of their labels."""
    from sklearn.pipeline import Pipeline

    weight = table.labels.weight[rows]
    learned = target[rows]
    if float(np.ptp(weight)) == 0.0:
        return model.fit(table.values[rows], learned)
    name = f"{model.steps[-1][0]}__sample_weight" if isinstance(model, Pipeline) else "sample_weight"
    return model.fit(table.values[rows], learned, **{name: weight})


def predicted(model: Any, features: FloatArray) -> FloatArray:
    """What a fitted model expects: of a classifier, the mean of its classes by their probabilities."""
    from sklearn.base import is_classifier

    if is_classifier(model):
        return np.asarray(model.predict_proba(features) @ model.classes_, dtype=np.float64)
    return np.asarray(model.predict(features), dtype=np.float64)


def usual_model(rng: np.random.Generator) -> Any:
    """A random forest whose leaves hold a fiftieth of the rows or more, on one thread, its seed drawn from `rng`."""
    from sklearn.ensemble import RandomForestRegressor

    return RandomForestRegressor(
        n_estimators=100, min_samples_leaf=0.02, max_features="sqrt", random_state=int(rng.integers(2**31)), n_jobs=1
    )


def correlation(one: FloatArray, other: FloatArray) -> float:
    """Of two series that were centred before; 0 where one of them stands still."""
    size = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float(one @ other) / size if size > 0.0 else 0.0
