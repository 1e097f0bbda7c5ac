"""What each feature has to do with a prediction: by permuting it, by SHAP values, or because it is the only one."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

import numpy as np

from autonomous_trading.core import FloatArray, IntArray, InvalidInput
from autonomous_trading.models.importance._out_of_sample import Parts, predicted


def no_parts(model: Any, features: FloatArray) -> FloatArray:
    """Nothing: only the model's score is wanted."""
    del model
    return np.zeros((len(features), 0))


def permuted_parts(groups: IntArray, repeats: int, rng: np.random.Generator) -> Parts:
    """The prediction less what it is on average when the features of a group come from another row of the test."""

    def parts(model: Any, features: FloatArray) -> FloatArray:
        rows, count = len(features), int(groups.max()) + 1
        says = predicted(model, features)
        found = np.empty((rows, count))
        for group in range(count):
            columns = np.flatnonzero(groups == group)
            copies = np.tile(features, (repeats, 1))
            donors = np.concatenate([rng.permutation(rows) for _ in range(repeats)])
            copies[:, columns] = features[donors][:, columns]
            found[:, group] = says - predicted(model, copies).reshape(repeats, rows).mean(axis=0)
        return found

    return parts


def shap_parts(groups: IntArray) -> Parts:
    """The SHAP values of a tree model, summed over the features of a group. Needs the library shap."""
    if importlib.util.find_spec("shap") is None:
        raise InvalidInput(
            "importance by SHAP needs the library shap, which is not installed",
            fix="pip install 'autonomous-trading[explain]', or use the method \"permutation\"",
        )
    shap = importlib.import_module("shap")

    def parts(model: Any, features: FloatArray) -> FloatArray:
        from sklearn.base import is_classifier

        values = np.asarray(shap.TreeExplainer(model).shap_values(features), dtype=np.float64)
        if is_classifier(model):  # [rows, features, classes]
            values = values @ np.asarray(model.classes_, dtype=np.float64)
        found = np.zeros((len(features), int(groups.max()) + 1))
        np.add.at(found.T, groups, values.T)
        return found

    return parts
