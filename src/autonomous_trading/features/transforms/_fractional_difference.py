"""Series made stationary while they keep as much memory as they can: differences of an order that is no whole number.

    (1 - B)^d x[t] = sum over k of w[k] x[t - k],   w[0] = 1,   w[k] = -w[k - 1] (d - k + 1) / k

All rows use the same number of weights (a fixed width), so no row knows more than another.

Sources: Hosking, "Fractional Differencing" (1981); Lopez de Prado, "Advances in Financial Machine Learning" (2018),
section 5.5.
"""

from __future__ import annotations

from typing import Any, Literal, final

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin

from autonomous_trading.core import FloatArray, InvalidInput, unknown_name
from autonomous_trading.features.transforms._tables import read_table

_BORDERS = ("warm_up", "continue")
_MOST_WEIGHTS = 10_000


def fractional_weights(order: float, *, threshold: float = 1e-4, width: int | None = None) -> FloatArray:
    """Weights of the newest value and those before it: `width` of them, or up to the first below `threshold` in size.

    Raises InvalidInput for an order that is not above 0, and where more than 10,000 weights would be needed.

    >>> [round(float(weight), 6) for weight in fractional_weights(0.4, width=6)]
    [1.0, -0.4, -0.12, -0.064, -0.0416, -0.029952]
    """
    if not 0.0 < order <= 10.0:
        raise InvalidInput(f"order must be above 0 and at most 10, got {order}", fix="use 0.4")
    if width is not None and not 1 <= width <= _MOST_WEIGHTS:
        raise InvalidInput(f"width must be between 1 and {_MOST_WEIGHTS:,}, got {width}", fix="use width=100")
    if width is None and not threshold > 0.0:
        raise InvalidInput(f"threshold must be above 0, got {threshold}", fix="use 1e-4")
    weights = [1.0]
    while len(weights) != width:
        number = len(weights)
        following = -weights[-1] * (order - number + 1.0) / number
        if width is None and abs(following) < threshold:
            break
        if number >= _MOST_WEIGHTS:
            raise InvalidInput(
                f"order {order} has more than {_MOST_WEIGHTS:,} weights above {threshold:g}", fix="raise the threshold"
            )
        weights.append(following)
    return np.array(weights)


@final
class FractionalDifference(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Each feature differenced `order` times; rows are bars in the order of time, one after another.

    The weights depend on no data: nothing is learned but, for `border="continue"`, the last rows of the training slice.

    - `border="warm_up"` (default): every table stands alone, and its first `len(weights_) - 1` rows are NaN. Best used
      on the whole history before it is cut into slices, which leaks nothing: a row reads only rows before it.
    - `border="continue"`: `transform(X)` takes X as the rows that follow the training slice directly, without a gap,
      as in a walk-forward, and has no warm-up. `fit_transform` treats the training slice itself as above.

    NaN in a row makes NaN of all rows that read it.
    """

    weights_: FloatArray
    last_rows_: FloatArray

    def __init__(
        self,
        order: float = 0.4,
        *,
        threshold: float = 1e-4,
        width: int | None = None,
        border: Literal["warm_up", "continue"] = "warm_up",
    ) -> None:
        self.order = order
        self.threshold = threshold
        self.width = width
        self.border = border

    def fit(self, X: object, y: object = None) -> FractionalDifference:
        """Work out the weights, and remember the last rows of X where the border is to be crossed."""
        del y
        if self.border not in _BORDERS:
            raise unknown_name("border", self.border, _BORDERS)
        table = read_table(self, X, fitting=True)
        self.weights_ = fractional_weights(self.order, threshold=self.threshold, width=self.width)
        kept = len(self.weights_) - 1 if self.border == "continue" else 0
        self.last_rows_ = table[len(table) - min(kept, len(table)) :].copy()
        return self

    def transform(self, X: object) -> FloatArray:
        """The differences of the rows of X."""
        table = read_table(self, X, fitting=False)
        before = len(self.last_rows_)
        return _differences(np.concatenate([self.last_rows_, table]), self.weights_)[before:]

    def fit_transform(self, X: object, y: object = None, **fit_params: object) -> FloatArray:
        """The differences of the training slice itself: it has no rows before it."""
        del fit_params
        self.fit(X, y)
        return _differences(read_table(self, X, fitting=False), self.weights_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


def _differences(table: FloatArray, weights: FloatArray) -> FloatArray:
    """Weighted sums, added weight by weight: the same bits for a row wherever it stands in the table."""
    rows, width = len(table), len(weights)
    differences = np.full(table.shape, np.nan)
    if rows < width:
        return differences
    inside = np.zeros((rows - width + 1, table.shape[1]))
    for lag, weight in enumerate(weights.tolist()):
        inside += weight * table[width - 1 - lag : rows - lag]
    differences[width - 1 :] = inside
    return differences
