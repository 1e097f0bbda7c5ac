"""Scores of many sets on many parts of one history, from sums: each return is read once for all parts."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from autonomous_trading.core import BoolArray, FloatArray, IntArray

_Number = TypeVar("_Number", np.float64, np.int64)
_LOST = 1e-8
_DUST = 64.0 * float(np.finfo(np.float64).eps)


class PartSums(NamedTuple):
    """Length of each piece, and of each piece and set the sum of returns and of squares, about `centre` of the set."""

    lengths: FloatArray
    sums: FloatArray
    squares: FloatArray | None
    centre: FloatArray
    scale: FloatArray

    @staticmethod
    def of(returns: FloatArray, edges: IntArray, *, with_squares: bool = True) -> PartSums:
        """Sums of returns [periods, sets] over the pieces between neighbouring `edges`; squares for Sharpe ratios."""
        # About the mean of each set: sums of squares would lose the digits of a mean that is large beside the spread.
        centre = returns.mean(axis=0)
        centred = returns - centre
        sums = np.add.reduceat(centred, edges[:-1], axis=0)
        squares = np.add.reduceat(centred * centred, edges[:-1], axis=0) if with_squares else None
        return PartSums(np.diff(edges).astype(np.float64), sums, squares, centre, np.abs(returns).max(axis=0))

    def scores(self, chosen: FloatArray) -> FloatArray:
        """Sharpe ratio (or mean) of every set on each part, [parts, sets]; -inf where there is no Sharpe ratio.

        `chosen` [parts, pieces] holds 1 for the pieces of a part and 0 for the others.
        """
        n = (chosen @ self.lengths)[:, np.newaxis]
        mean: FloatArray = chosen @ self.sums
        mean /= n
        if self.squares is None:
            mean += self.centre
            return mean
        variance: FloatArray = chosen @ self.squares
        variance -= n * mean * mean
        variance /= n - 1.0
        mean += self.centre
        still = stands_still(variance, self.scale)
        variance[still] = 1.0
        mean /= np.sqrt(variance, out=variance)
        mean[still] = -np.inf
        return mean


class RunningSums(NamedTuple):
    """Sums from the first period up to each, [periods + 1, sets]: any number of spans then costs no more than one.

    `sums` and `squares` about `centre` of the set; `moves` counts the periods whose return is not that before.
    """

    returns: FloatArray
    sums: FloatArray
    squares: FloatArray
    moves: IntArray
    centre: FloatArray

    @staticmethod
    def of(returns: FloatArray) -> RunningSums:
        """Running sums of returns [periods, sets]."""
        centre, scale = returns.mean(axis=0), np.abs(returns).max(axis=0)
        centred = returns - centre
        # What never moves is seen by counting: its variance, a difference of two sums, is not zero but their dust.
        moved = np.abs(np.diff(returns, axis=0, prepend=returns[:1])) > _DUST * scale
        moves = _running(moved.astype(np.int64))
        return RunningSums(returns, _running(centred), _running(centred * centred), moves, centre)

    def scores(self, first: IntArray, stop: IntArray) -> FloatArray:
        """Sharpe ratio of every set on each span of periods [first, stop), [spans, sets]; -inf where there is none.

        Spans have two periods or more.
        """
        n = (stop - first).astype(np.float64)[:, np.newaxis]
        mean: FloatArray = (self.sums[stop] - self.sums[first]) / n
        squares = self.squares[stop] - self.squares[first] - n * mean * mean
        mean += self.centre
        still = self.moves[stop] == self.moves[first + 1]
        # Far less than what went before it: the difference has lost its digits.
        lost = ~still & (squares <= _LOST * self.squares[stop])
        mean /= np.sqrt(np.where(still | lost, 1.0, squares) / (n - 1.0))
        mean[still] = -np.inf
        for span, column in zip(*np.nonzero(lost), strict=True):
            part = self.returns[first[span] : stop[span], [column]]
            mean[span, column] = PartSums.of(part, np.array([0, len(part)])).scores(np.ones((1, 1)))[0, 0]
        return mean


def _running(values: npt.NDArray[_Number]) -> npt.NDArray[_Number]:
    sums = np.zeros((len(values) + 1, values.shape[1]), dtype=values.dtype)
    np.cumsum(values, axis=0, out=sums[1:])
    return sums


def stands_still(variance: FloatArray, scale: FloatArray) -> BoolArray:
    """Whether returns up to `scale` in size never moved: what is left of their variance is rounding dust, not risk."""
    still: BoolArray = variance <= (_DUST * scale) ** 2
    return still


def sharpe_ratios(returns: FloatArray) -> FloatArray:
    """Sharpe ratio per period of every set of returns [periods, sets]; NaN for one that never moved."""
    sums = PartSums.of(returns, np.array([0, len(returns)]))
    found: FloatArray = existing(sums.scores(np.ones((1, 1))))[0]
    return found


def existing(scores: FloatArray) -> FloatArray:
    """The same scores with NaN where there is none."""
    found: FloatArray = np.where(np.isneginf(scores), np.nan, scores)
    return found
