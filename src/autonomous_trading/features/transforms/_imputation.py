"""What is done about values that are missing: said once, learned from the training slice."""

from __future__ import annotations

from typing import Any, Literal, final

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from autonomous_trading.core import BoolArray, FloatArray, InvalidInput, unknown_name
from autonomous_trading.features.transforms._tables import names_of, read_table, refuse_empty

_POLICIES = ("refuse", "drop", "median", "forward_fill")


def complete_rows(X: FloatArray) -> BoolArray:
    """Which rows of [rows, features] have every value: for leaving out warm-up before a model is trained.

    >>> complete_rows(np.array([[1.0, np.nan], [1.0, 2.0]])).tolist()
    [False, True]
    """
    return _without_any(np.isnan(X), axis=1)


@final
class ImputationPolicy(TransformerMixin, BaseEstimator):
    """Missing values (NaN) refused, dropped or filled, by a rule that the training slice sets.

    - "refuse": NaN anywhere is an error that names the feature.
    - "drop": features with NaN in the training slice are left out; NaN in the others, later, is refused. (Rows cannot
      be left out by a transform, for the target would keep them: see `complete_rows`.)
    - "median": NaN becomes the feature's median of the training slice.
    - "forward_fill": NaN becomes the value of the row before, at most `limit` rows on; what is still missing becomes
      the median. Rows are bars in the order of time; the first rows of a table have none before them.

    With `indicator`, the last two add a column `missing_<name>` of 0 and 1 for every feature that had NaN in the
    training slice. Raises InvalidInput for a feature without a value in the training slice.
    """

    medians_: FloatArray
    kept_: BoolArray
    indicated_: BoolArray

    def __init__(
        self,
        policy: Literal["refuse", "drop", "median", "forward_fill"] = "median",
        *,
        limit: int = 5,
        indicator: bool = True,
    ) -> None:
        self.policy = policy
        self.limit = limit
        self.indicator = indicator

    def fit(self, X: object, y: object = None) -> ImputationPolicy:
        """Learn medians, and which features miss values, from the rows of X."""
        del y
        if self.policy not in _POLICIES:
            raise unknown_name("policy", self.policy, _POLICIES)
        if self.limit < 1:
            raise InvalidInput(f"limit must be at least 1 row, got {self.limit}", fix="use limit=5")
        table = read_table(self, X, fitting=True)
        whole = _without_any(np.isnan(table), axis=0)
        self.kept_ = whole if self.policy == "drop" else np.ones(table.shape[1], dtype=np.bool_)
        filling = self.policy in ("median", "forward_fill")
        self.indicated_ = ~whole & (filling and self.indicator)
        if not self.kept_.any():
            raise InvalidInput(
                "every feature misses values in the training slice", fix="train on a slice after their warm-up"
            )
        if filling:
            refuse_empty(table, names_of(self, None))
            self.medians_ = np.nanmedian(table, axis=0)
        elif self.policy == "refuse":
            self._refuse_missing(table)
        return self

    def transform(self, X: object) -> FloatArray:
        """The rows of X without NaN."""
        table = read_table(self, X, fitting=False)
        if self.policy in ("refuse", "drop"):
            self._refuse_missing(table)
            return table[:, self.kept_]
        filled = _forward_filled(table, self.limit) if self.policy == "forward_fill" else table
        filled = np.where(np.isnan(filled), self.medians_, filled)
        return np.hstack([filled, np.isnan(table[:, self.indicated_]).astype(np.float64)])

    def get_feature_names_out(self, input_features: Any = None) -> Any:
        """Names of the features that come out."""
        names = np.array(names_of(self, input_features), dtype=object)
        return np.concatenate([names[self.kept_], [f"missing_{name}" for name in names[self.indicated_]]])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = self.policy != "refuse"
        return tags

    def _refuse_missing(self, table: FloatArray) -> None:
        rows, columns = np.nonzero(np.isnan(table) & self.kept_)
        if len(rows):
            name = names_of(self, None)[int(columns[0])]
            raise InvalidInput(
                f"feature {name} is NaN in row {int(rows[0])}, and the policy {self.policy!r} allows none",
                fix='leave such rows out with complete_rows, or use the policy "median"',
            )


def _without_any(marks: BoolArray, axis: int) -> BoolArray:
    return np.asarray(~marks.any(axis=axis), dtype=np.bool_)


def _forward_filled(table: FloatArray, limit: int) -> FloatArray:
    rows = np.arange(len(table))[:, np.newaxis]
    last = np.maximum.accumulate(np.where(np.isnan(table), -1, rows), axis=0)
    near = (last >= 0) & (rows - last <= limit)
    return np.where(near, np.take_along_axis(table, np.maximum(last, 0), axis=0), np.nan)
