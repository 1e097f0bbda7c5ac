"""Features left out, by what the training slice shows: those that repeat others, and those that say least."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Literal, final

import numpy as np
from scipy import stats
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from autonomous_trading.core import BoolArray, FloatArray, InvalidInput, unknown_name
from autonomous_trading.features.transforms._tables import names_of, read_table

_METHODS = ("correlation", "mutual_information", "forest")


class _Selector(TransformerMixin, BaseEstimator):
    """What both selectors share: the features that are kept, and their names."""

    kept_: BoolArray

    @abstractmethod
    def fit(self, X: object, y: object = None) -> Any:
        """Choose the features from the rows of X."""

    def transform(self, X: object) -> FloatArray:
        """The chosen features of the rows of X."""
        return read_table(self, X, fitting=False, missing=False)[:, self.kept_]

    def get_support(self) -> BoolArray:
        """Which of the features that came in are kept."""
        check_is_fitted(self)
        return self.kept_

    def get_feature_names_out(self, input_features: Any = None) -> Any:
        """Names of the features that are kept."""
        return np.array(names_of(self, input_features), dtype=object)[self.kept_]


@final
class CorrelationSelector(_Selector):
    """Features that do not repeat one before them: in their order, each is kept unless it resembles one that is kept.

    `threshold`: rank correlation in size from which on two features say the same. A feature that never changes in the
    training slice is left out. Put the ones you would rather keep first.
    """

    def __init__(self, threshold: float = 0.95) -> None:
        self.threshold = threshold

    def fit(self, X: object, y: object = None) -> CorrelationSelector:
        """Choose the features from the rows of X."""
        del y
        if not 0.0 < self.threshold <= 1.0:
            raise InvalidInput(f"threshold must be above 0 and at most 1, got {self.threshold}", fix="use 0.95")
        table = read_table(self, X, fitting=True, missing=False)
        moves = np.ptp(table, axis=0) > 0.0
        ranks = stats.rankdata(table, axis=0)
        ranks = (ranks - ranks.mean(axis=0)) / np.where(moves, ranks.std(axis=0), 1.0)
        alike = np.abs(ranks.T @ ranks) / len(table)
        kept: list[int] = []
        for feature in np.flatnonzero(moves).tolist():
            if not kept or float(alike[feature, kept].max()) < self.threshold:
                kept.append(feature)
        self.kept_ = np.zeros(table.shape[1], dtype=np.bool_)
        self.kept_[kept or [0]] = True
        return self


@final
class ImportanceSelector(_Selector):
    """The `keep` features that say most about the target in the training slice.

    `method` "correlation": rank correlation in size; "mutual_information": scikit-learn's estimate, which sees any
    dependence; "forest": how much a random forest uses them. `seed` fixes what is random. A ranking within the training
    slice, not a claim: see `feature_importance` in `models.importance` for that.
    """

    scores_: FloatArray

    def __init__(
        self,
        keep: int = 10,
        *,
        method: Literal["correlation", "mutual_information", "forest"] = "correlation",
        seed: int = 0,
    ) -> None:
        self.keep = keep
        self.method = method
        self.seed = seed

    def fit(self, X: object, y: object = None) -> ImportanceSelector:
        """Choose the features from the rows of X and the target y."""
        if self.keep < 1:
            raise InvalidInput(f"keep must be at least 1, got {self.keep}", fix="use keep=10")
        table, target = validate_data(self, X, y, dtype=np.float64, reset=True, y_numeric=True)
        self.scores_ = _scores(table, np.asarray(target, dtype=np.float64), self.method, self.seed)
        best = np.argsort(-self.scores_, kind="stable")[: self.keep]
        self.kept_ = np.zeros(table.shape[1], dtype=np.bool_)
        self.kept_[best] = True
        return self

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags


def _scores(table: FloatArray, target: FloatArray, method: str, seed: int) -> FloatArray:
    if method == "correlation":
        ranks, wanted = stats.rankdata(table, axis=0), stats.rankdata(target)
        ranks, wanted = ranks - ranks.mean(axis=0), wanted - wanted.mean()
        scale = np.sqrt((ranks**2).sum(axis=0) * (wanted**2).sum())
        sizes: FloatArray = np.divide(np.abs(wanted @ ranks), scale, out=np.zeros(table.shape[1]), where=scale > 0.0)
        return sizes
    if method == "mutual_information":
        from sklearn.feature_selection import mutual_info_regression

        return np.asarray(mutual_info_regression(table, target, random_state=seed), dtype=np.float64)
    if method == "forest":
        from sklearn.ensemble import RandomForestRegressor

        forest = RandomForestRegressor(100, min_samples_leaf=5, max_features="sqrt", random_state=seed, n_jobs=1)
        return np.asarray(forest.fit(table, target).feature_importances_, dtype=np.float64)
    raise unknown_name("method", method, _METHODS)
