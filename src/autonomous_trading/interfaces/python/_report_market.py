"""The market and an account on it, in the report's nouns: bars, trades, equity, folds."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from autonomous_trading.app import Fold, Market, Performance, Rules
from autonomous_trading.core import BarWarning, ParameterSet
from autonomous_trading.interfaces import report


def names_of(market: Market) -> str:
    """What the market is called: its symbols."""
    return ", ".join(symbol or "bars" for symbol in market.symbols)


def parameters_words(parameters: ParameterSet) -> str:
    """A parameter set in one line."""
    return ", ".join(
        f"{name} = {value:.6g}" if isinstance(value, float) else f"{name} = {value}"
        for name, value in parameters.items()
    )


def moment_of(market: Market, row: int) -> int:
    """Time of a row; one bar length after the last for the row beyond it."""
    time = market.bars.time
    return int(time[row]) if row < len(time) else int(time[-1] + np.median(np.diff(time)))


def warnings_of(warnings: Iterable[BarWarning]) -> tuple[report.DataWarning, ...]:
    """Warnings as the report shows them."""
    return tuple(report.DataWarning(code=each.code, message=each.message, count=each.count) for each in warnings)


def price_of(market: Market, low: int, high: int) -> report.PriceBars | None:
    """The bars of the first instrument, where there is only one to show."""
    if len(market.instruments) != 1:
        return None
    bars = market.instruments[0].bars[low:high]
    return report.PriceBars(
        time=bars.time,
        open=bars.open,
        high=bars.high,
        low=bars.low,
        close=bars.close,
        volume=bars.volume,
        symbol=bars.symbol,
    )


def trades_of(market: Market, performance: Performance) -> report.Trades:
    """Every trade of a run."""
    trades, time = performance.trades, market.bars.time
    return report.Trades(
        entry_time=time[trades.entry_bar],
        exit_time=time[trades.exit_bar],
        entry_price=trades.entry_price,
        exit_price=trades.exit_price,
        side=trades.side,
        units=trades.units,
        costs=trades.costs,
        net_profit=trades.net_profit,
        net_return=trades.net_profit / (trades.units * trades.entry_price),
        reason=trades.reason,
    )


def equity_of(market: Market, performance: Performance, benchmark: Performance, rules: Rules) -> report.EquityCurve:
    """The account beside holding."""
    low, high = performance.span
    return report.EquityCurve(
        time=market.bars.time[low:high],
        equity=performance.equity,
        benchmark=benchmark.equity,
        start=rules.execution.initial_cash,
    )


def folds_of(market: Market, folds: Iterable[Fold], objective: str) -> tuple[report.Fold, ...]:
    """Every window: when it was fitted and judged, with which parameters, and how both went."""
    return tuple(
        report.Fold(
            train_start=moment_of(market, fold.window.train.start),
            train_stop=moment_of(market, fold.window.train.stop),
            test_start=moment_of(market, fold.window.test.start),
            test_stop=moment_of(market, fold.window.test.stop),
            in_sample=fold.in_sample[objective],
            out_of_sample=fold.out_of_sample[objective],
            parameters={} if fold.parameters is None else dict(fold.parameters),
        )
        for fold in folds
    )
