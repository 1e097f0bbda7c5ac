"""Real splits and dividends: equity does not leap, nothing is applied twice, and no price is adjusted too early.

Each action is carried through the catalogue, a long and a short position, an open order, and ninety days of prices
around it that would not have moved without it.
"""

from __future__ import annotations

import tempfile

import numpy as np

from autonomous_trading.adapters.catalogue import ParquetCatalogue
from autonomous_trading.core import Bars
from autonomous_trading.data import Span
from autonomous_trading.data.actions import (
    CorporateAction,
    OpenOrder,
    Position,
    adjust_order,
    adjust_position,
    adjusted,
)
from proofs.claims import Figure, at_least, at_most, holds, run
from proofs.data._actions_of_record import OF_RECORD, Record

TITLE = "Corporate actions"
_DAY = 86_400_000_000_000
_EVER = Span(0, 2_000_000_000_000_000_000)
_SIDE = 45


def measure() -> list[Figure]:
    """All actions of record."""
    actions = _through_a_catalogue()
    kept = all(each.action in actions for each in OF_RECORD)
    leap = max(_leap(each, units) for each in OF_RECORD for units in (137.5, -20.0))
    once = all(_once(each, units) for each in OF_RECORD for units in (137.5, -20.0))
    early = sum(_early(each) for each in OF_RECORD)
    price = max(_price_leap(each) for each in OF_RECORD)
    ratios = sorted(each.ratio for each in OF_RECORD if each.ratio)
    return [
        at_least("corporate actions of record", len(OF_RECORD), 50),
        holds("among them 10:1 and 1:20", 10.0 in ratios and 1 / 20 in ratios,
              figure=f"{ratios[-1]:g}:1 to 1:{1 / ratios[0]:g}"),
        holds("kept by the catalogue and read back", kept),
        at_most("largest leap of equity, long and short, relative", leap, 1e-9),
        holds("applied twice: position and open order as after once", once),
        holds("bars whose price at t is not the raw price, as of t", early == 0, bound="0",
              figure=f"{early} of {len(OF_RECORD) * 2 * _SIDE:,}"),
        at_most("largest adjusted return at an ex date", price, 1e-9),
    ]  # fmt: skip


def _through_a_catalogue() -> set[CorporateAction]:
    with tempfile.TemporaryDirectory() as name:
        catalogue = ParquetCatalogue(name)
        for symbol in {each.symbol for each in OF_RECORD}:
            own = [each.action for each in OF_RECORD if each.symbol == symbol]
            catalogue.commit_actions("record", symbol, _EVER, own, _EVER.stop)
        return {
            action
            for symbol in {each.symbol for each in OF_RECORD}
            for action in catalogue.actions("record", symbol)
            if action in catalogue.actions("record", symbol, known_at=action.ex_time)
            and action not in catalogue.actions("record", symbol, known_at=action.ex_time - 1)
        }


def _leap(record: Record, units: float) -> float:
    """By how much equity changes where the market opens at what the share is worth without it."""
    before = Position(record.symbol, units, record.close, cash=10_000.0)
    after = adjust_position(before, record.action)
    equity = after.cash + after.units * record.price_after
    return abs(equity - before.equity) / abs(before.equity)


def _once(record: Record, units: float) -> bool:
    position = adjust_position(Position(record.symbol, units, record.close, cash=10_000.0), record.action)
    order = adjust_order(OpenOrder(record.symbol, units, record.close, record.close * 0.95), record.action)
    if order is None:
        return False
    return adjust_position(position, record.action) == position and adjust_order(order, record.action) == order


def _bars(record: Record) -> Bars:
    """Prices that would have stayed where they were."""
    time = record.action.ex_time + np.arange(-_SIDE, _SIDE, dtype=np.int64) * _DAY
    close = np.where(time < record.action.ex_time, record.close, record.price_after)
    return Bars(time, close, close, close, close, np.full(len(close), 1e6), symbol=record.symbol)


def _early(record: Record) -> int:
    """How many days see another price than the one of their own day."""
    bars = _bars(record)
    return sum(
        adjusted(bars[: at + 1], [record.action], int(bars.time[at]), "all").close[-1] != bars.close[at]
        for at in range(len(bars))
    )


def _price_leap(record: Record) -> float:
    bars = _bars(record)
    close = adjusted(bars, [record.action], int(bars.time[-1]), "all").close
    return float(np.abs(np.diff(np.log(close))).max())


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
