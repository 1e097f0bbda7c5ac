"""What the equity of a run could have looked like: its returns in other blocks, its trades in another order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from autonomous_trading.app._backtest import Performance
from autonomous_trading.app.evidence.stress._distribution import SHARES
from autonomous_trading.app.evidence.stress._replay import check_count
from autonomous_trading.app.evidence.stress._simulated_markets import RUIN
from autonomous_trading.backtest import bar_returns
from autonomous_trading.core import FloatArray, IntArray
from autonomous_trading.validation import (
    PATH_METRICS,
    BlockBootstrap,
    PathStatistics,
    path_statistics,
    reordered_trades,
)

_POINTS = 200  # of a fan: as many as a chart shows
_VALUES_AT_ONCE = 1 << 17
_LEAST_TRADES = 2
_LEAST_BARS = 8
_DRAWDOWNS = (0.1, 0.2, 0.3, 0.5)


@final
@dataclass(frozen=True, slots=True)
class Fan:
    """Quantiles of equity over its start at some bars of the run [points], beside the real one.

    bars [points]: 0 is the start, k the close of bar k - 1 of the span. curves: share of the paths to values.
    """

    bars: IntArray
    curves: Mapping[float, FloatArray]
    real: FloatArray


@final
@dataclass(frozen=True, slots=True)
class PathRisk:
    """Statistics of bootstrapped equity paths and of reordered trades; None where returns or trades are too few.

    Sharpe ratios are per bar and per trade, drawdowns positive fractions, equity starts at 1.
    """

    bootstrapped: PathStatistics | None
    reordered: PathStatistics | None
    fan: Fan | None
    block_length: float
    evaluated: int

    def to_dict(self) -> dict[str, Any]:
        """Plain data: quantiles and chances of both kinds of paths, the fan, the length of blocks, evaluated."""
        fan = self.fan
        return {
            "bootstrapped": _plain(self.bootstrapped),
            "reordered": _plain(self.reordered),
            "fan": None
            if fan is None
            else {
                "bars": fan.bars.tolist(),
                "curves": {f"{share:.0%}": curve.tolist() for share, curve in fan.curves.items()},
                "real": fan.real.tolist(),
            },
            "block_length": self.block_length,
            "evaluated": self.evaluated,
        }


def path_risk(performance: Performance, initial_cash: float, *, paths: int = 1_000, seed: int = 0) -> PathRisk:
    """Paths of the equity of a run: drawn in stationary blocks of its returns per bar, and its trades reordered.

    The trades are those of the run as fractions of the equity before each: where several were open at once, they come
    one after the other. Raises InvalidInput where `paths` is no whole number of at least 1.
    """
    check_count("paths", paths)
    returns = bar_returns(performance.equity, initial_cash)
    fan, bootstrapped, length = None, None, float("nan")
    if len(returns) >= _LEAST_BARS and float(np.ptp(returns)) > 0.0:
        model = BlockBootstrap(returns)
        length = model.length
        fan, bootstrapped = _fan(model, returns, paths, np.random.default_rng([seed, 0]))
    trades = _trade_returns(performance, initial_cash)
    reordered = None
    if len(trades) >= _LEAST_TRADES:
        reordered = reordered_trades(trades, paths=paths, rng=np.random.default_rng([seed, 1]))
    made = sum(len(each) for each in (bootstrapped, reordered) if each is not None)
    return PathRisk(bootstrapped, reordered, fan, length, made)


def _trade_returns(performance: Performance, initial_cash: float) -> FloatArray:
    """Net profit of every trade over the equity at the close before it began."""
    trades = performance.trades
    before = np.concatenate([[initial_cash], performance.equity])[trades.entry_bar - performance.span[0]]
    found: FloatArray = (trades.net_profit / before)[before > 0.0]
    return found


def _fan(
    model: BlockBootstrap, returns: FloatArray, paths: int, rng: np.random.Generator
) -> tuple[Fan, PathStatistics]:
    """Statistics of the paths and their quantiles over time, some paths at a time."""
    n = len(returns)
    bars = np.unique(np.linspace(0, n, min(n, _POINTS) + 1).astype(np.int64))
    step = max(1, _VALUES_AT_ONCE // n)
    parts, points = [], np.empty((paths, len(bars)))
    for low in range(0, paths, step):
        drawn = model.draw(min(step, paths - low), n, rng)
        parts.append(path_statistics(drawn).values)
        points[low : low + len(drawn)] = _equity(drawn)[:, bars]
    curves = dict(zip(SHARES, np.quantile(points, SHARES, axis=0), strict=True))
    statistics = PathStatistics({name: np.concatenate([part[name] for part in parts]) for name in PATH_METRICS})
    return Fan(bars, curves, _equity(returns[np.newaxis])[0, bars]), statistics


def _equity(returns: FloatArray) -> FloatArray:
    """Equity at the start and after every bar [paths, bars + 1]; who has lost everything has nothing to gain."""
    growth = np.cumprod(np.maximum(1.0 + returns, 0.0), axis=1)
    return np.concatenate([np.ones((len(growth), 1)), growth], axis=1)


def _plain(paths: PathStatistics | None) -> dict[str, Any] | None:
    if paths is None:
        return None
    quantiles = {
        name: {f"{share:.0%}": at for share, at in paths.quantiles(name, SHARES).items()} for name in paths.values
    }
    return {
        "paths": len(paths),
        "quantiles": quantiles,
        "chance_of_loss": paths.chance_of_loss(),
        "chance_of_drawdown": {f"{size:.0%}": paths.chance_of_drawdown(size) for size in _DRAWDOWNS},
        "ruin": RUIN,
        "chance_of_ruin": paths.chance_of_ruin(RUIN),
    }
