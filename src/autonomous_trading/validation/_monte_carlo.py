"""What else could have happened? Thousands of histories made of the one there was, and what they would have cost.

    returns per period  -> drawn again in blocks       clusters stay together (_block_bootstrap)
    returns per trade   -> in another order            the same trades, another luck with their sequence
    any paths           -> PathStatistics              one row per path -> quantiles, chance of ruin, of a loss

Paths are made and measured some hundred at a time: memory does not grow with their number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import final

import numpy as np

from autonomous_trading.core import FloatArray, InvalidInput
from autonomous_trading.validation._block_bootstrap import BlockScheme, block_indices, block_length
from autonomous_trading.validation._part_scores import sharpe_ratios

_VALUES_AT_ONCE = 1 << 17  # a megabyte: what is made of it stays near the processor
_QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
PATH_METRICS = ("total_return", "sharpe_ratio", "max_drawdown", "longest_drawdown", "lowest_equity")
"""What is measured on every path: fractions, drawdowns positive, the longest one in periods, equity starting at 1."""


@final
@dataclass(frozen=True, slots=True)
class PathStatistics:
    """One value per path of every metric in PATH_METRICS.

    The Sharpe ratio is per period, NaN on a path that stood still. A path whose equity reached zero is ruined: nothing
    happens on it afterwards.
    """

    values: Mapping[str, FloatArray]

    def __len__(self) -> int:
        """How many paths there are."""
        return len(self.values["total_return"])

    def quantiles(self, metric: str, shares: tuple[float, ...] = _QUANTILES) -> dict[float, float]:
        """Values of a metric that these shares of the paths do not exceed."""
        values = self.values[metric]
        known = values[np.isfinite(values)]
        found = np.quantile(known, shares) if len(known) else np.full(len(shares), np.nan)
        return dict(zip(shares, found.tolist(), strict=True))

    def chance_of_loss(self) -> float:
        """Share of the paths that end below their start."""
        return float(np.mean(self.values["total_return"] < 0.0))

    def chance_of_drawdown(self, size: float) -> float:
        """Share of the paths that once lay this fraction or more below their highest value."""
        return float(np.mean(self.values["max_drawdown"] >= size))

    def chance_of_ruin(self, loss: float = 1.0) -> float:
        """Share of the paths whose equity once had lost this fraction of the start or more."""
        return float(np.mean(self.values["lowest_equity"] <= 1.0 - loss))


def bootstrapped_paths(
    returns: FloatArray,
    *,
    paths: int = 10_000,
    periods: int | None = None,
    rng: np.random.Generator,
    scheme: BlockScheme = "stationary",
    length: float | None = None,
) -> PathStatistics:
    """Histories drawn from the returns per period [periods] in blocks, `periods` long each (default: as long as it).

    `length`: mean length of a block, from the data where nothing is given.
    """
    _check(returns, paths)
    n = len(returns)
    size = n if periods is None else periods
    if size < 1:
        raise InvalidInput(f"periods must be at least 1, got {size}", fix="leave it out")
    mean = block_length(returns, scheme=scheme) if length is None else length

    def draw(some: int) -> FloatArray:
        drawn: FloatArray = returns[block_indices(n, some, mean, rng, scheme=scheme, size=size)]
        return drawn

    return _measured(draw, paths, size)


def reordered_trades(returns: FloatArray, *, paths: int = 10_000, rng: np.random.Generator) -> PathStatistics:
    """The same trades in any order: `returns` of equity per trade [trades]. Total returns are those of the record."""
    _check(returns, paths)

    def draw(some: int) -> FloatArray:
        return rng.permuted(np.broadcast_to(returns, (some, len(returns))), axis=1)

    return _measured(draw, paths, len(returns))


def path_statistics(returns: FloatArray) -> PathStatistics:
    """Statistics of given paths, simple returns [paths, periods].

    >>> found = path_statistics(np.array([[0.1, -0.1, 0.1], [-1.5, 0.1, 0.1]]))
    >>> found.values["max_drawdown"].round(3).tolist(), found.chance_of_ruin()
    ([0.1, 1.0], 0.5)
    """
    # Whoever has lost everything has nothing to lose or to gain.
    equity: FloatArray = np.maximum(1.0 + returns, 0.0)
    np.cumprod(equity, axis=1, out=equity)
    highest = np.maximum.accumulate(equity, axis=1)
    np.maximum(highest, 1.0, out=highest)
    kept = np.divide(equity, highest, out=highest)
    alone = np.full(len(returns), np.nan)  # one period has no deviation
    sharpe = sharpe_ratios(returns.T) if returns.shape[1] > 1 else alone
    return PathStatistics(
        {
            "total_return": equity[:, -1] - 1.0,
            "sharpe_ratio": sharpe,
            "max_drawdown": 1.0 - kept.min(axis=1),
            "longest_drawdown": _longest(kept < 1.0),
            "lowest_equity": np.minimum(equity.min(axis=1), 1.0),
        }
    )


def _longest(below: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> FloatArray:
    """Length of the longest run of each row."""
    position = np.arange(1, below.shape[1] + 1, dtype=np.int32)
    last_high = np.maximum.accumulate(np.where(below, np.int32(0), position), axis=1)
    longest: FloatArray = (position - last_high).max(axis=1).astype(np.float64)
    return longest


def _measured(draw: Callable[[int], FloatArray], paths: int, size: int) -> PathStatistics:
    parts = [path_statistics(draw(some)).values for some in _portions(paths, size)]
    return PathStatistics({name: np.concatenate([part[name] for part in parts]) for name in PATH_METRICS})


def _portions(paths: int, size: int) -> Iterator[int]:
    most = max(1, _VALUES_AT_ONCE // size)
    yield from (min(most, paths - done) for done in range(0, paths, most))


def _check(returns: FloatArray, paths: int) -> None:
    if returns.ndim != 1 or not len(returns) or not bool(np.isfinite(returns).all()):
        raise InvalidInput("returns must be finite, and there must be one", fix="pass those of equity, not prices")
    if paths < 1 or not math.isfinite(paths):
        raise InvalidInput(f"paths must be at least 1, got {paths}", fix="use 10000")
