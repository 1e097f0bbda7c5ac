"""Bars out of a page of Alpaca: every value is looked at, none is coerced."""

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final, final

import numpy as np

from autonomous_trading.adapters.providers.alpaca._times import Grid, as_text, at_midnight, moments
from autonomous_trading.core import FloatArray, IntArray, SourceCorrupt
from autonomous_trading.data import RawBars, Span

__all__ = ["BarPages", "number_in"]

_COLUMNS: Final = {"o": "open", "h": "high", "l": "low", "c": "close", "v": "volume"}
_EXTRA: Final = {"n": "trade_count", "vw": "vwap"}
_UNIT_APART: Final = 10.0
"""An average price this many times above or below the close is in another unit, not in another market."""

_HOUR: Final = 3_600_000_000_000
_DAY: Final = 24 * _HOUR
_DAYS_IN_A_ROW: Final = 10

_AGAIN: Final = "try again later; report it to Alpaca if it stays"


@final
class BarPages:
    """Turns the pages of one answer into rows, and holds the answer to what it promised from page to page."""

    def __init__(self, symbols: tuple[str, ...], grid: Grid, span: Span, now: int) -> None:
        self._symbols, self._grid, self._span, self._now = symbols, grid, span, now
        self._last: dict[str, int] = {}

    def rows(self, page: Any) -> Iterator[RawBars]:
        """The rows of each symbol on a page that lie in the span and are over. Raises SourceCorrupt."""
        if not isinstance(page, dict):
            raise SourceCorrupt(f"the bars of a page are {type(page).__name__}, not an object", fix=_AGAIN)
        for symbol, rows in page.items():
            if symbol not in self._symbols:
                raise SourceCorrupt(f"asked for {', '.join(self._symbols)}, Alpaca sent {symbol!r}", fix=_AGAIN)
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise SourceCorrupt(f"the bars of {symbol} are no list of objects", fix=_AGAIN)
            if rows and len(found := self._symbol(symbol, rows)):
                yield found

    @property
    def seen(self) -> frozenset[str]:
        """The symbols that had a row."""
        return frozenset(self._last)

    def _symbol(self, symbol: str, rows: list[Mapping[str, Any]]) -> RawBars:
        begins = self._grid.begins(moments([row.get("t") for row in rows]))
        self._check_times(symbol, begins)
        columns = {name: _column(symbol, rows, key) for key, name in _COLUMNS.items()}
        extra = {name: _column(symbol, rows, key, missing=True) for key, name in _EXTRA.items()}
        _check_units(symbol, columns, extra)
        raw = RawBars(symbol=symbol, time=begins, **columns, received_at=self._now, extra=extra)
        return raw.taken(self._grid.over(begins, self._now) & (begins >= self._span.start) & (begins < self._span.stop))

    def _check_times(self, symbol: str, begins: IntArray) -> None:
        edge = 0 if self._grid.known else self._grid.timeframe.ns
        low, top = self._span.start - edge, self._span.stop + edge
        outside = begins[(begins < low) | (begins >= top)]
        if len(outside):
            raise SourceCorrupt(
                f"a bar of {symbol} begins at {as_text(int(outside[0]))}, outside the time that was asked for",
                fix=_AGAIN,
            )
        if (np.diff(begins, prepend=self._last.get(symbol, begins[0])) < 0).any():
            raise SourceCorrupt(f"the bars of {symbol} are not in the order of time", fix=_AGAIN)
        self._last[symbol] = int(begins[-1])
        if self._grid.timeframe.is_intraday and _daily(symbol, begins):
            raise SourceCorrupt(
                f"asked for bars of {self._grid.timeframe}, Alpaca sent daily ones of {symbol}", fix=_AGAIN
            )


def number_in(row: Mapping[str, Any], key: str, what: str) -> float:
    """A number of a row, finite. Raises SourceCorrupt for null, text, true, and what is too large to be one."""
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SourceCorrupt(f"{what} has {key!r} = {value!r}, not a number", fix=_AGAIN)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise SourceCorrupt(f"{what} has a number in {key!r} that is larger than any price", fix=_AGAIN)
    return number


def _column(symbol: str, rows: list[Mapping[str, Any]], key: str, *, missing: bool = False) -> FloatArray:
    what = f"a bar of {symbol}"
    found = [math.nan if missing and key not in row else number_in(row, key, what) for row in rows]
    return np.array(found, dtype=np.float64)


def _check_units(symbol: str, columns: Mapping[str, FloatArray], extra: Mapping[str, FloatArray]) -> None:
    """Refuse what a clean answer cannot hold at all; single bad prints pass, and are put aside with their reason."""
    if (columns["volume"] < 0.0).any():
        raise SourceCorrupt(f"the volume of a bar of {symbol} is below zero", fix=_AGAIN)
    traded = (extra["vwap"] > 0.0) & (columns["close"] > 0.0)
    apart = np.abs(np.log(extra["vwap"][traded] / columns["close"][traded]))
    if len(apart) and float(np.median(apart)) > math.log(_UNIT_APART):
        raise SourceCorrupt(
            f"the prices of {symbol} and their averages are in different units (a factor of"
            f" {math.exp(float(np.median(apart))):,.0f})",
            fix=_AGAIN,
        )


def _daily(symbol: str, begins: IntArray) -> bool:
    """Whether bars said to be shorter are those of whole days.

    Stocks and options do not trade at midnight in New York, which is what Alpaca stamps their days with. Crypto may
    trade at any hour, but not only at one for days on end.
    """
    if "/" not in symbol:
        return len(begins) > 1 and all(at_midnight(int(each)) for each in begins[:_DAYS_IN_A_ROW])
    steps = np.diff(begins[:_DAYS_IN_A_ROW])
    off = np.minimum(steps % _DAY, _DAY - steps % _DAY)
    return len(begins) >= _DAYS_IN_A_ROW and bool(((steps >= _DAY - _HOUR) & (off <= _HOUR)).all())
