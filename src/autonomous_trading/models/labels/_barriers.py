"""Labels that end where a position would have: at a profit, at a loss, or when its time is over.

    upper  |---------------x-------    met first: value 1
    entry  |=====================|     the open of bar i + 1
    lower  |-----------------------    met first: value -1
           |                     |     horizon: the open `horizon` bars after the entry

Levels, gaps and bars that touch both follow the fill contract (docs/reference/fill-contract.md, F5), so that a label's
return is what the simulator earns before costs with the same stop, take-profit and time stop.

Source: Lopez de Prado, "Advances in Financial Machine Learning" (2018), chapter 3. There closes alone touch a barrier;
here, as in the simulator, highs and lows do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, final

import numpy as np

from autonomous_trading.core import Bars, FloatArray, IntArray, InvalidInput, unknown_name
from autonomous_trading.models.labels._entry import (
    Entry,
    checked_entry,
    checked_horizon,
    column_of,
    fill_prices,
    label_rows,
    lag_of,
)
from autonomous_trading.models.labels._labels import HORIZON, Labels

Path = Literal["pessimistic", "optimistic", "nearest"]
_PATHS = ("pessimistic", "optimistic", "nearest")
_AT_HORIZON = ("sign", "zero")


@final
@dataclass(frozen=True, slots=True)
class Barriers:
    """How far a position may go: `horizon` bars, and `upper` and `lower` widths from its entry price.

    A width is a fraction of the entry price, given per bar to `triple_barrier`; with the default width of 1,
    `upper=0.05` is 5 %. Infinite: there is no such barrier. `path` decides where one bar touches both: "pessimistic"
    the lower, "optimistic" the upper, "nearest" the one nearer to its open. `at_horizon`: the value of what touched
    neither, the "sign" of its return or "zero".
    """

    horizon: int = 20
    upper: float = 2.0
    lower: float = 2.0
    path: Path = "pessimistic"
    entry: Entry = "next_open"
    at_horizon: Literal["sign", "zero"] = "sign"

    def __post_init__(self) -> None:
        checked_horizon(self.horizon)
        checked_entry(self.entry)
        for name, distance in (("upper", self.upper), ("lower", self.lower)):
            if not distance > 0.0:
                raise InvalidInput(
                    f"{name} must be above 0, got {distance}", fix=f"use {name}=math.inf for no such barrier"
                )
        if self.path not in _PATHS:
            raise unknown_name("path", self.path, _PATHS)
        if self.at_horizon not in _AT_HORIZON:
            raise unknown_name("value at the horizon", self.at_horizon, _AT_HORIZON)


def triple_barrier(
    bars: Bars,
    barriers: Barriers,
    *,
    width: FloatArray | float = 1.0,
    rows: IntArray | None = None,
) -> Labels:
    """Which barrier the price meets first after each decision: 1 the upper, -1 the lower; see Barriers for neither.

    `width`: the fraction of price that one width is, one number per bar that was known at its close (a volatility, for
    instance); a row where it is NaN has no label. `rows`: the bars to label, all of them by default. A label whose
    whole horizon is not in the data is left out, also where a barrier was met before its end: those that end early
    would otherwise be all that is left of the last bars. Raises InvalidInput for what cannot be labelled.
    """
    return _labels(bars, barriers, width, rows, np.ones(len(bars)))


def meta_labels(
    bars: Bars,
    side: FloatArray,
    barriers: Barriers,
    *,
    width: FloatArray | float = 1.0,
    rows: IntArray | None = None,
    cost: float = 0.0,
) -> Labels:
    """Whether following a signal paid: 1 where the position of `side` earned more than `cost`, else 0.

    `side` [bars]: what a primary model says at each close, above 0 to be long, below 0 to be short, else for neither.
    `upper` is the barrier of profit and `lower` that of loss, for a short mirrored. `rows`: by default those where the
    side changes to a position, one label per signal, as only a change makes an order. `cost` is a fraction of the
    position, there and back. `returns` are those of the position, a short's included.

    Source: Lopez de Prado (2018), section 3.6.
    """
    column = np.sign(np.nan_to_num(column_of("side", side, bars)))
    if not cost >= 0.0:
        raise InvalidInput(f"cost must not be negative, got {cost}", fix="use a fraction such as 0.001")
    if rows is None:
        rows = np.flatnonzero((column != 0.0) & (column != np.concatenate(([0.0], column[:-1]))))
    found = _labels(bars, barriers, width, rows, column)
    return Labels(
        rows=found.rows,
        ends=found.ends,
        held_to=found.held_to,
        time=found.time,
        end_time=found.end_time,
        value=(found.returns > cost).astype(np.float64),
        returns=found.returns,
        weight=found.weight,
        barrier=found.barrier,
        entry=found.entry,
    )


def _labels(
    bars: Bars, barriers: Barriers, width: FloatArray | float, rows: IntArray | None, side: FloatArray
) -> Labels:
    from autonomous_trading.models.labels._kernels import touch_barriers

    distance = column_of("width", width, bars)
    if bool((distance <= 0.0).any()):
        row = int(np.flatnonzero(distance <= 0.0)[0])
        raise InvalidInput(
            f"width must be above 0, at row {row} it is {distance[row]}", fix="use NaN where it is not known"
        )
    lag = lag_of(barriers.entry)
    chosen = label_rows(bars, rows, barriers.horizon + lag, ~np.isnan(distance) & (side != 0.0))
    price = fill_prices(bars, barriers.entry)[chosen + lag]
    levels = _levels(price, side[chosen], distance[chosen], barriers)
    ends, barrier = np.empty(len(chosen), dtype=np.int64), np.empty(len(chosen), dtype=np.int64)
    exits = np.empty(len(chosen))
    settings = np.array([barriers.horizon, lag, _PATHS.index(barriers.path)])
    table = np.column_stack([bars.open, bars.high, bars.low, bars.close])
    touch_barriers(table, chosen, levels, settings, ends, exits, barrier)
    returns = levels[:, 0] * (exits / price - 1.0)
    left_at_open = (exits == bars.open[ends]) & (ends > chosen + 1) & (lag == 1)
    return Labels(
        rows=chosen,
        ends=ends,
        held_to=ends - left_at_open,
        time=bars.time[chosen],
        end_time=bars.time[ends],
        value=np.where(barrier == HORIZON, _at_horizon(returns, barriers), barrier),
        returns=returns,
        weight=np.ones(len(chosen)),
        barrier=barrier,
        entry=barriers.entry,
    )


def _levels(price: FloatArray, side: FloatArray, width: FloatArray, barriers: Barriers) -> FloatArray:
    """Side, and the levels of profit and loss times it, [labels, 3]."""

    def level(distance: float, direction: float) -> FloatArray:
        if math.isinf(distance):
            return np.full(len(price), direction * math.inf)
        return side * (price * (1.0 + direction * side * (distance * width)))

    return np.column_stack([side, level(barriers.upper, 1.0), level(barriers.lower, -1.0)])


def _at_horizon(returns: FloatArray, barriers: Barriers) -> FloatArray:
    return np.sign(returns) if barriers.at_horizon == "sign" else np.zeros(len(returns))
