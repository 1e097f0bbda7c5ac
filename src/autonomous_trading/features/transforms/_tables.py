"""How a table comes in: checked as scikit-learn checks it, float64, NaN allowed where a transform says so."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, validate_data

from autonomous_trading.core import FloatArray, InvalidInput


def read_table(estimator: BaseEstimator, X: object, *, fitting: bool, missing: bool = True) -> FloatArray:
    """X as [rows, features]; what scikit-learn refuses is refused in its words."""
    if not fitting:
        check_is_fitted(estimator)
    finite: bool | str = "allow-nan" if missing else True
    table: FloatArray = validate_data(estimator, X, dtype=np.float64, reset=fitting, ensure_all_finite=finite)
    return table


def names_of(estimator: BaseEstimator, given: Any) -> list[str]:
    """Names of the features that came in: as asked, as seen at fitting, or x0, x1, ..."""
    check_is_fitted(estimator)
    seen = getattr(estimator, "feature_names_in_", None)
    count = estimator.n_features_in_
    if given is None:
        return [f"x{number}" for number in range(count)] if seen is None else [str(name) for name in seen]
    names = [str(name) for name in given]
    if len(names) != count:
        raise InvalidInput(
            f"input_features should have length equal to number of features ({count}), got {len(names)}",
            fix="give one name per feature",
        )
    if seen is not None and names != [str(name) for name in seen]:
        raise InvalidInput("input_features is not equal to feature_names_in_", fix="leave input_features out")
    return names


def refuse_empty(table: FloatArray, names: list[str]) -> None:
    """Refuse a feature without a single value in the training slice."""
    empty = np.flatnonzero(np.isnan(table).all(axis=0))
    if len(empty):
        raise InvalidInput(
            f"feature {names[int(empty[0])]} has no value in the {len(table)} rows of the training slice",
            fix="leave it out, or train on a slice after its warm-up",
        )


def share(name: str, value: float) -> None:
    """Refuse what is no share."""
    if not 0.0 <= value <= 1.0:
        raise InvalidInput(f"{name} must lie between 0 and 1, got {value}", fix=f"use {name}=0.01")
