"""A market taken apart into arrays that can be shared, and put together on them elsewhere."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from autonomous_trading.app import Instrument, Market, SharedArray
from autonomous_trading.core import Bars, Panel
from autonomous_trading.features import ColumnStore
from autonomous_trading.strategies import Columns

__all__ = ["arrays_of", "market_on"]

_PRICES: Final = ("open", "high", "low", "close", "volume")
_PANEL: Final = "panel"


def arrays_of(market: Market) -> dict[str, SharedArray]:
    """Every array of the bars, and of the panel where there are several instruments, by a name that says which."""
    arrays: dict[str, SharedArray] = {}
    for number, each in enumerate(market.instruments):
        columns: dict[str, SharedArray] = {name: getattr(each.bars, name) for name in ("time", *_PRICES)}
        columns |= dict(each.bars.extra)
        arrays |= {f"{number}/bars/{name}": values for name, values in columns.items()}
        arrays[f"{number}/rows"] = each.rows
    if isinstance(market.bars, Panel):
        arrays |= {f"{_PANEL}/{name}": getattr(market.bars, name) for name in ("time", *_PRICES, "present")}
    return arrays


def market_on(arrays: Mapping[str, SharedArray], symbols: Sequence[str]) -> Market:
    """The market again, on these arrays: nothing is copied, and nothing checked that was checked before."""
    shut = {name: _shut(values) for name, values in arrays.items()}
    instruments = tuple(_instrument(shut, number, symbol) for number, symbol in enumerate(symbols))
    panel = {name.removeprefix(f"{_PANEL}/"): values for name, values in shut.items() if name.startswith(_PANEL)}
    bars = Panel(tuple(symbols), **panel) if panel else instruments[0].bars
    return Market(bars, instruments)


def _instrument(arrays: Mapping[str, SharedArray], number: int, symbol: str) -> Instrument:
    prefix = f"{number}/bars/"
    columns = {name.removeprefix(prefix): values for name, values in arrays.items() if name.startswith(prefix)}
    bars = Bars.adopt(columns, symbol)
    store = ColumnStore(bars)
    return Instrument(bars, store, Columns(store), np.asarray(arrays[f"{number}/rows"], dtype=np.int64))


def _shut(array: SharedArray) -> SharedArray:
    view = array.view()
    view.flags.writeable = False
    return view
