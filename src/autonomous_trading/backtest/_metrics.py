"""Every number of a run, each defined once (F10): from running statistics, or from the equity curve where it must be.

Returns are per bar. Annualised numbers use the bars per year of the market's own calendar. A ratio without meaning
(no trades, no variance, no losses) is NaN, never 0 or infinity.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Final

import numpy as np

from autonomous_trading.backtest._runs import Statistics
from autonomous_trading.core import FloatArray, IntArray

TAIL: Final = 0.05
NOTHING: Final = 1e-12
"""A divisor of at most this is rounding, not a number to divide by."""


def _divide(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    """Quotient, NaN where the denominator is nothing but rounding and where the quotient is too large for a number."""
    there = denominator > NOTHING
    with np.errstate(over="ignore"):
        quotient = numerator / np.where(there, denominator, 1.0)
    return _finite(np.where(there, quotient, np.nan))


def _finite(values: FloatArray) -> FloatArray:
    """The values, NaN for those that are infinite: no number of a run is (F10)."""
    result: FloatArray = np.where(np.isfinite(values), values, np.nan)
    return result


def _sum_of_returns(s: Statistics) -> FloatArray:
    return s["SUM_AWAY"] + s["MOVES"] * s["ORIGIN"]


def _mean(s: Statistics) -> FloatArray:
    return _sum_of_returns(s) / s.n_bars


def _deviation(away: FloatArray, squares: FloatArray, origin: FloatArray, moves: FloatArray, n: int) -> FloatArray:
    """Sample standard deviation (ddof 1) of n returns; 0 when it is nothing but rounding, NaN for one bar.

    Only `moves` of them may be other than 0: `away` and `squares` add up their distances from `origin` and the squares
    of these. What they spread among themselves and what parts them from the zeros is added up, never subtracted (Chan,
    Golub and LeVeque 1983).
    """
    if n < 2:
        return np.full(len(away), np.nan)
    count = np.maximum(moves, 1.0)
    among = np.maximum(squares - away * away / count, 0.0)
    between = (origin + away / count) ** 2 * moves * (n - moves) / n
    result: FloatArray = np.sqrt((among + between) / (n - 1))
    return np.where(result > NOTHING, result, 0.0)


def _deviation_of_returns(s: Statistics) -> FloatArray:
    return _deviation(s["SUM_AWAY"], s["SUM_SQUARE"], s["ORIGIN"], s["MOVES"], s.n_bars)


def _bars_per_year(s: Statistics) -> float:
    return s.n_bars / s.years


def _root_of_year(s: Statistics) -> float:
    return math.sqrt(_bars_per_year(s))


def total_return(s: Statistics) -> FloatArray:
    """Final equity over initial cash, minus one."""
    return s["EQUITY"] / s.initial_cash - 1.0


def annualized_return(s: Statistics) -> FloatArray:
    """Mean return per bar times bars per year (arithmetic)."""
    return _mean(s) * _bars_per_year(s)


def cagr(s: Statistics) -> FloatArray:
    """Constant yearly growth that gives the same final equity; -1 after ruin, NaN where it would be infinite."""
    growth = np.maximum(s["EQUITY"] / s.initial_cash, 0.0)
    with np.errstate(over="ignore"):
        return _finite(growth ** (1.0 / s.years) - 1.0)


def volatility(s: Statistics) -> FloatArray:
    """Standard deviation (ddof 1) of returns per bar, per year."""
    return _deviation_of_returns(s) * _root_of_year(s)


def sharpe_ratio(s: Statistics) -> FloatArray:
    """Mean over standard deviation of returns, per year, risk-free rate 0 (Sharpe 1994)."""
    return _divide(_mean(s), _deviation_of_returns(s)) * _root_of_year(s)


def sortino_ratio(s: Statistics) -> FloatArray:
    """Mean return over downside deviation (target 0, all bars counted), per year (Sortino and Price 1994)."""
    return _divide(_mean(s), np.sqrt(s["SUM_DOWN_SQUARE"] / s.n_bars)) * _root_of_year(s)


def max_drawdown(s: Statistics) -> FloatArray:
    """Largest fall of equity from its highest mark so far, as a positive fraction (initial cash is the first mark)."""
    return 1.0 - s["KEPT"]


def calmar_ratio(s: Statistics) -> FloatArray:
    """Yearly growth over the largest drawdown (Young 1991)."""
    return _divide(cagr(s), max_drawdown(s))


def information_ratio(s: Statistics) -> FloatArray:
    """Mean over standard deviation of the return in excess of buy-and-hold, per year."""
    every = np.full(len(s["SUM_ACTIVE"]), float(s.n_bars))
    deviation = _deviation(s["SUM_ACTIVE_AWAY"], s["SUM_ACTIVE_SQUARE"], s["ACTIVE_ORIGIN"], every, s.n_bars)
    return _divide(s["SUM_ACTIVE"] / s.n_bars, deviation) * _root_of_year(s)


def omega_ratio(s: Statistics) -> FloatArray:
    """Sum of gains over sum of losses per bar, threshold 0 (Keating and Shadwick 2002)."""
    return _divide(_sum_of_returns(s) - s["SUM_DOWN"], -s["SUM_DOWN"])


def win_rate(s: Statistics) -> FloatArray:
    """Share of trades with a positive net profit."""
    return _divide(s["WINS"], s["TRADES"])


def profit_factor(s: Statistics) -> FloatArray:
    """Net profit of the winning trades over net loss of the losing ones."""
    return _divide(s["GROSS_WIN"], s["GROSS_LOSS"])


def average_win_loss_ratio(s: Statistics) -> FloatArray:
    """Mean winning trade over mean losing trade, in currency."""
    return _divide(_divide(s["GROSS_WIN"], s["WINS"]), _divide(s["GROSS_LOSS"], s["LOSSES"]))


def expectancy(s: Statistics) -> FloatArray:
    """Mean net profit of a trade as a fraction of what was invested in it."""
    return _divide(s["SUM_TRADE_RETURN"], s["TRADES"])


def trade_count(s: Statistics) -> FloatArray:
    """Trades from flat to flat; one still open at the end counts, marked at the last close."""
    return s["TRADES"].copy()


def average_hold_time(s: Statistics) -> FloatArray:
    """Mean time from entry to exit, in days."""
    return _divide(s["HOLD_TIME"], s["TRADES"])


def signal_frequency(s: Statistics) -> FloatArray:
    """Changes of the target per year."""
    return s["SIGNALS"] / s.years


def exposure(s: Statistics) -> FloatArray:
    """Share of bars with a position at the close."""
    return s["BARS_HELD"] / s.n_bars


def turnover(s: Statistics) -> FloatArray:
    """Value traded per year, in multiples of the initial cash."""
    return s["TURNOVER"] / s.initial_cash / s.years


def costs_paid(s: Statistics) -> FloatArray:
    """Commissions, spread and slippage of all fills, in currency."""
    return s["COSTS_PAID"].copy()


def net_profit(s: Statistics) -> FloatArray:
    """Final equity minus initial cash, in currency."""
    return s["EQUITY"] - s.initial_cash


BASIC: Final[dict[str, Callable[[Statistics], FloatArray]]] = {
    "total_return": total_return,
    "annualized_return": annualized_return,
    "cagr": cagr,
    "volatility": volatility,
    "sharpe_ratio": sharpe_ratio,
    "calmar_ratio": calmar_ratio,
    "max_drawdown": max_drawdown,
    "win_rate": win_rate,
    "profit_factor": profit_factor,
    "average_win_loss_ratio": average_win_loss_ratio,
    "expectancy": expectancy,
    "trade_count": trade_count,
    "average_hold_time": average_hold_time,
    "signal_frequency": signal_frequency,
    "exposure": exposure,
    "turnover": turnover,
    "costs_paid": costs_paid,
    "net_profit": net_profit,
}
EXTENDED: Final[dict[str, Callable[[Statistics], FloatArray]]] = {
    "sortino_ratio": sortino_ratio,
    "information_ratio": information_ratio,
    "omega_ratio": omega_ratio,
}
RATIOS: Final = (
    "sharpe_ratio",
    "sortino_ratio",
    "calmar_ratio",
    "information_ratio",
    "omega_ratio",
    "win_rate",
    "profit_factor",
    "average_win_loss_ratio",
    "expectancy",
    "average_hold_time",
)
"""Numbers that mean nothing without a trade, even when cash earns interest."""
FROM_CURVE: Final = ("value_at_risk", "conditional_value_at_risk", "consistency_score")
BACKTEST_METRICS: Final = (*BASIC, *EXTENDED, *FROM_CURVE)


def needs_extended(names: Iterable[str]) -> bool:
    """Whether one of these metrics needs the extended statistics."""
    return any(name in EXTENDED for name in names)


def needs_curves(names: Iterable[str]) -> bool:
    """Whether one of these metrics needs the equity of every bar."""
    return any(name in FROM_CURVE for name in names)


def metrics_of(statistics: Statistics, names: Iterable[str]) -> dict[str, FloatArray]:
    """The named metrics of every set, [n_sets] each; names that need the equity curve are left out."""
    rules = BASIC | EXTENDED
    traded = statistics["TRADES"] > 0.0
    found = {name: rules[name](statistics) for name in names if name in rules}
    return {name: np.where(traded, values, np.nan) if name in RATIOS else values for name, values in found.items()}


def bar_returns(equity: FloatArray, initial_cash: float) -> FloatArray:
    """Returns per bar of equity curves [..., bars]; 0 after ruin."""
    before = np.concatenate([np.full((*equity.shape[:-1], 1), initial_cash), equity[..., :-1]], axis=-1)
    alive = before > 0.0
    result: FloatArray = np.where(alive, equity / np.where(alive, before, 1.0) - 1.0, 0.0)
    return result


def month_of(time: IntArray) -> IntArray:
    """Calendar month (UTC) of every bar, counted from 1970."""
    months: IntArray = time.astype("datetime64[ns]").astype("datetime64[M]").astype(np.int64)
    return months


def curve_metrics(
    equity: FloatArray, time: IntArray, statistics: Statistics, names: Iterable[str]
) -> dict[str, FloatArray]:
    """Tail risk at 95 % (positive fractions of loss per bar) and share of months with a gain.

    equity: [n_sets, bars] of the run that `statistics` counts, time: [bars].
    """
    initial_cash = statistics.initial_cash
    wanted = [name for name in names if name in FROM_CURVE]
    if not wanted:
        return {}
    returns = bar_returns(equity, initial_cash)
    quantile = np.quantile(returns, TAIL, axis=-1)
    below = returns <= quantile[:, None]
    found = {
        "value_at_risk": 0.0 - quantile,  # not -quantile: nothing lost is 0, not -0
        "conditional_value_at_risk": 0.0 - (returns * below).sum(axis=-1) / below.sum(axis=-1),
        "consistency_score": np.where(statistics["TRADES"] > 0.0, _consistency(equity, time, initial_cash), np.nan),
    }
    return {name: found[name] for name in wanted}


def _consistency(equity: FloatArray, time: IntArray, initial_cash: float) -> FloatArray:
    months = month_of(time)
    last = np.flatnonzero(np.append(months[1:] != months[:-1], True))
    ends = equity[:, last]
    before = np.concatenate([np.full((len(equity), 1), initial_cash), ends[:, :-1]], axis=1)
    share: FloatArray = (ends > before).mean(axis=1)
    return share
