"""The market as the kernel reads it: one row of numbers per column, every bar of every instrument."""

from __future__ import annotations

import numpy as np

from autonomous_trading.backtest import _layout as layout
from autonomous_trading.backtest._settings import Costs, numbers_of
from autonomous_trading.core import Bars, FloatArray, InvalidInput, Panel

YEAR_NS = 365.0 * 86_400e9
DAY_NS = 86_400e9


def market_table(bars: Bars | Panel, costs: Costs, atr: FloatArray | None, sigma: FloatArray | None) -> FloatArray:
    """All instruments [instruments, MARKET_FIELDS, bars]; columns nobody gave are 0.

    Raises InvalidInput where a column has another length than the bars.
    """
    instruments, n = len(bars.symbols) if isinstance(bars, Panel) else 1, len(bars)
    table = np.zeros((instruments, layout.MARKET_FIELDS, n))
    for name in ("open", "high", "low", "close", "volume"):
        table[:, getattr(layout, f"B_{name.upper()}")] = getattr(bars, name)
    elapsed = np.diff(bars.time, prepend=bars.time[:1]).astype(np.float64)
    table[:, layout.B_YEARS] = elapsed / YEAR_NS
    table[:, layout.B_DAYS] = (bars.time - bars.time[0]).astype(np.float64) / DAY_NS
    table[:, layout.B_PRESENT] = bars.present if isinstance(bars, Panel) else 1.0
    table[:, layout.B_BENCHMARK, 1:] = _holding_returns(table[:, layout.B_CLOSE])
    _put(table, layout.B_HALF_SPREAD, "half_spread", costs.half_spread)
    _put(table, layout.B_FUNDING, "funding_rate", costs.funding_rate)
    _put(table, layout.B_ATR, "atr", 0.0 if atr is None else atr)
    _put(table, layout.B_SIGMA, "sigma", 0.0 if sigma is None else sigma)
    return table


def _holding_returns(close: FloatArray) -> FloatArray:
    """Return of holding on every bar but the first: the mean over instruments, 0 for one that has no price yet."""
    with np.errstate(invalid="ignore", divide="ignore"):
        change: FloatArray = np.nan_to_num(close[:, 1:] / close[:, :-1] - 1.0).mean(axis=0)
    return change


def _put(table: FloatArray, row: int, name: str, column: float | FloatArray) -> None:
    """Write a constant, one column for all instruments, or one for each."""
    instruments, _, n = table.shape
    values = numbers_of(name, column)
    if values.shape not in ((), (n,), (instruments, n)):
        raise InvalidInput(
            f"{name} has shape {list(values.shape)} for {n} bars of {instruments} instrument(s)",
            fix=f"give {name} as one number, one value per bar [{n}], or one row per instrument [{instruments}, {n}]",
        )
    table[:, row] = values
