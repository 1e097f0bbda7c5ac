"""The statistics of a run recomputed from its equity and its trades, one plain loop each.

A value that has no meaning (no trades, no variance, no losses) is NaN, never 0 and never infinite.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.twins.records import DAY_NS, TwinMarket, TwinResult, TwinRun, TwinTotals, TwinTrade

# Below this a deviation, a drawdown or a sum of losses is the rounding noise of equity, not a quantity.
NOISE = 1e-12


@dataclass
class RunRecord:
    """What the statistics are made of."""

    time: list[int]  # of every bar of the market: trades index into it
    start: int  # first bar of the run
    initial_cash: float
    totals: TwinTotals
    held: list[bool]  # one per bar of the run: any units at the close
    benchmark: list[float]  # one return per bar of the run
    bars_per_year: float

    @property
    def trades(self) -> list[TwinTrade]:
        return self.totals.trades

    @property
    def years(self) -> float:
        return len(self.totals.equity) / self.bars_per_year


def twin_metrics(market: TwinMarket, run: TwinRun, result: TwinResult, *, bars_per_year: float) -> dict[str, float]:
    """All statistics of a run on one instrument; the benchmark is holding it."""
    record = RunRecord(
        time=market.time,
        start=run.start,
        initial_cash=run.initial_cash,
        totals=result,
        held=[units != 0 for units in result.units],
        benchmark=buy_and_hold_returns(market.close, run.start, run.stop),
        bars_per_year=bars_per_year,
    )
    return statistics_of(record)


def statistics_of(record: RunRecord) -> dict[str, float]:
    """All statistics by name."""
    values = growth(record) | risk(record) | ratios(record) | trade_statistics(record)
    if not record.trades:
        for name in NEED_TRADES:
            values[name] = math.nan
    return values


# Without a trade these would describe nothing but interest on cash.
NEED_TRADES = (
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
    "consistency_score",
)


def returns_of(record: RunRecord) -> list[float]:
    """One return per bar; the first is against the initial cash, and after ruin nothing moves."""
    returns = []
    before = record.initial_cash
    for now in record.totals.equity:
        returns.append(now / before - 1 if before > 0 else 0.0)
        before = now
    return returns


def buy_and_hold_returns(close: list[float], start: int, stop: int) -> list[float]:
    """Close to close; the first bar of the data has nothing before it and returns 0."""
    return [close[t] / close[t - 1] - 1 if t > 0 else 0.0 for t in range(start, stop)]


def growth(record: RunRecord) -> dict[str, float]:
    """Gains and what they cost."""
    start, end = record.initial_cash, record.totals.equity[-1]
    return {
        "net_profit": end - start,
        "total_return": end / start - 1,
        "annualized_return": mean(returns_of(record)) * record.bars_per_year,
        "cagr": compound_growth(start, end, record.years),
        "costs_paid": record.totals.costs_paid,
        "turnover": record.totals.turnover / start / record.years,
        "consistency_score": share_of_winning_months(record),
    }


def compound_growth(start: float, end: float, years: float) -> float:
    """Growth per year; nothing compounds below a loss of everything."""
    if end <= 0:
        return -1.0
    return float((end / start) ** (1 / years)) - 1


def share_of_winning_months(record: RunRecord) -> float:
    """Of the calendar months (UTC) of the run, the share that ended above where it began."""
    months: list[tuple[int, int]] = []
    ends: list[float] = []
    for offset, equity in enumerate(record.totals.equity):
        moment = datetime.fromtimestamp(record.time[record.start + offset] // 1_000_000_000, tz=UTC)
        month = (moment.year, moment.month)
        if months and months[-1] == month:
            ends[-1] = equity
        else:
            months.append(month)
            ends.append(equity)
    winners = 0
    before = record.initial_cash
    for end in ends:
        winners += 1 if end > before else 0
        before = end
    return winners / len(ends)


def risk(record: RunRecord) -> dict[str, float]:
    """Size of what may be lost, as positive fractions."""
    returns = returns_of(record)
    worst_twentieth = quantile(returns, 0.05)
    tail = [r for r in returns if r <= worst_twentieth]
    return {
        "volatility": deviation(returns) * math.sqrt(record.bars_per_year),
        "max_drawdown": max_drawdown(record),
        "value_at_risk": -worst_twentieth,
        "conditional_value_at_risk": -mean(tail),
    }


def max_drawdown(record: RunRecord) -> float:
    """Largest fall from a peak as a fraction of it; the initial cash is the first peak."""
    peak, worst = record.initial_cash, 0.0
    for equity in record.totals.equity:
        peak = max(peak, equity)
        worst = max(worst, (peak - equity) / peak)
    return worst


def ratios(record: RunRecord) -> dict[str, float]:
    """Reward per risk, risk-free rate 0."""
    returns = returns_of(record)
    scale = math.sqrt(record.bars_per_year)
    active = [r - b for r, b in zip(returns, record.benchmark, strict=True)]
    downside = math.sqrt(mean([min(r, 0.0) ** 2 for r in returns]))
    growth_per_year = compound_growth(record.initial_cash, record.totals.equity[-1], record.years)
    gained = sum(r for r in returns if r > 0)
    lost = sum(-r for r in returns if r < 0)
    return {
        "sharpe_ratio": ratio(mean(returns), deviation(returns)) * scale,
        "sortino_ratio": ratio(mean(returns), downside) * scale,
        "calmar_ratio": ratio(growth_per_year, max_drawdown(record)),
        "information_ratio": ratio(mean(active), deviation(active)) * scale,
        "omega_ratio": ratio(gained, lost),
    }


def trade_statistics(record: RunRecord) -> dict[str, float]:
    """What the trades were like; open and ruined ones count."""
    trades, bars = record.trades, len(record.totals.equity)
    wins = [trade.net_profit for trade in trades if trade.net_profit > 0]
    losses = [-trade.net_profit for trade in trades if trade.net_profit < 0]
    no_win = not wins
    return {
        "trade_count": float(len(trades)),
        "win_rate": ratio(len(wins), len(trades)),
        "profit_factor": ratio(sum(wins), sum(losses)),
        "average_win_loss_ratio": math.nan if no_win else ratio(mean(wins), mean(losses)),
        "expectancy": mean([ratio(trade.net_profit, trade.units * trade.entry_price) for trade in trades]),
        "average_hold_time": mean([days_held(record, trade) for trade in trades]),
        "signal_frequency": record.totals.signals / record.years,
        "exposure": sum(1 for held in record.held if held) / bars,
    }


def days_held(record: RunRecord, trade: TwinTrade) -> float:
    """From the start of the entry bar to the start of the exit bar, in days."""
    return (record.time[trade.exit_bar] - record.time[trade.entry_bar]) / DAY_NS


def ratio(reward: float, risk_taken: float) -> float:
    """NaN where there is nothing to divide by."""
    if not risk_taken > NOISE:
        return math.nan
    return reward / risk_taken


def mean(values: Sequence[float]) -> float:
    """Arithmetic mean, NaN of nothing."""
    return sum(values) / len(values) if values else math.nan


def deviation(values: Sequence[float]) -> float:
    """Standard deviation with one degree of freedom taken (ddof 1), NaN of fewer than two values."""
    if len(values) < 2:
        return math.nan
    centre = mean(values)
    return math.sqrt(sum((value - centre) ** 2 for value in values) / (len(values) - 1))


def quantile(values: Sequence[float], share: float) -> float:
    """Quantile with linear interpolation between the two neighbours in order."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])
