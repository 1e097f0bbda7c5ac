"""Outliers pulled in to limits that the training slice sets."""

from __future__ import annotations

from typing import Any, Literal, final

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin

from autonomous_trading.core import FloatArray, InvalidInput, unknown_name
from autonomous_trading.features.transforms._tables import names_of, read_table, refuse_empty, share

_METHODS = ("quantile", "mad")
_NORMAL = 1.482602218505602  # deviations of a normal variable in its median absolute deviation


@final
class Winsorizer(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Values cut to limits learned from the training slice; NaN stays NaN.

    `method` "quantile": between the quantiles `lower` and `upper` of each feature. "mad": within `width` robust
    deviations (1.4826 x the median absolute deviation) of its median; a feature that mostly stands still has a
    deviation of 0 and is not cut. After fitting, `lower_limits_` and `upper_limits_` [features].

    >>> Winsorizer(lower=0.0, upper=0.75).fit_transform([[1.0], [2.0], [3.0], [4.0], [99.0]]).ravel().tolist()
    [1.0, 2.0, 3.0, 4.0, 4.0]
    """

    lower_limits_: FloatArray
    upper_limits_: FloatArray

    def __init__(
        self,
        *,
        method: Literal["quantile", "mad"] = "quantile",
        lower: float = 0.01,
        upper: float = 0.99,
        width: float = 5.0,
    ) -> None:
        self.method = method
        self.lower = lower
        self.upper = upper
        self.width = width

    def fit(self, X: object, y: object = None) -> Winsorizer:
        """Learn the limits of the rows of X."""
        del y
        self._check()
        table = read_table(self, X, fitting=True)
        refuse_empty(table, names_of(self, None))
        if self.method == "quantile":
            self.lower_limits_, self.upper_limits_ = np.nanquantile(table, [self.lower, self.upper], axis=0)
            return self
        middle = np.nanmedian(table, axis=0)
        reach = self.width * _NORMAL * np.nanmedian(np.abs(table - middle), axis=0)
        reach[reach == 0.0] = np.inf
        self.lower_limits_, self.upper_limits_ = middle - reach, middle + reach
        return self

    def transform(self, X: object) -> FloatArray:
        """The rows of X, cut."""
        table = read_table(self, X, fitting=False)
        return np.clip(table, self.lower_limits_, self.upper_limits_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def _check(self) -> None:
        if self.method not in _METHODS:
            raise unknown_name("method", self.method, _METHODS)
        share("lower", self.lower)
        share("upper", self.upper)
        if self.lower >= self.upper:
            raise InvalidInput(f"lower ({self.lower}) must be below upper ({self.upper})", fix="use 0.01 and 0.99")
        if not self.width > 0.0:
            raise InvalidInput(f"width must be above 0, got {self.width}", fix="use width=5")
