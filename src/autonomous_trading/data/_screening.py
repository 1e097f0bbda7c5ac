"""The door for what a source sent: rows become Bars, or are put aside with a reason each."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, final

import numpy as np

from autonomous_trading.core import Bars, BoolArray, FloatArray, IntArray
from autonomous_trading.data._band import Band, newest_in_doubt, outliers
from autonomous_trading.data._raw_bars import COLUMNS, RawBars

__all__ = ["REASONS", "Screened", "screened"]

REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "bad_time": "the time is missing or outside 1970 to 2262",
        "not_finite": "a price or the volume is missing or infinite",
        "not_positive": "a price is zero or negative",
        "bad_volume": "the volume is negative",
        "high_below_low": "the high is below the low",
        "outside_range": "the open or the close is outside low to high",
        "conflicting_duplicate": "the same time came twice in one answer, with different values",
        "outlier": "a price far outside its neighbours that came back at once",
    }
)
"""Why a row is put aside, by its code, in the order they are looked for: a row has the first that holds."""

_PRICES: Final = ("open", "high", "low", "close")


@final
@dataclass(frozen=True, slots=True, eq=False)
class Screened:
    """What passed, and what was put aside.

    `bars` is None where nothing passed. `refused` holds the rows put aside as they came, `reasons` a code of REASONS
    for each. `duplicates` counts rows that repeated another one exactly and were left out. `doubtful`: the newest of
    the bars is outside the band, and there is no bar behind it that would tell.
    """

    bars: Bars | None
    refused: RawBars
    reasons: tuple[str, ...]
    duplicates: int
    doubtful: bool = False


def screened(raw: RawBars, *, band: Band | None = None, before: Bars | None = None) -> Screened:
    """The rows that keep the rules of `core.Bars`, ordered by time, and the others with the first rule they break.

    Rows that repeat another one exactly are counted and dropped; where two differ at the same time neither can be
    believed, and both are put aside. With a `band` sound rows far outside their neighbours are put aside too
    ("outlier"): each is judged by the bars before it, of which `before` are those that are known already (only the ones
    earlier than the first row count), and by the one after it. The last row has no such witness yet and passes;
    `doubtful` says where it is outside the band.
    """
    code = _broken_rules(raw)
    order = np.lexsort((np.arange(len(raw)), raw.time))
    sound = order[code[order] < 0]
    repeated, conflicting = _same_times(raw, sound)
    names = list(REASONS)
    code[conflicting] = names.index("conflicting_duplicate")
    kept = sound[~repeated & (code[sound] < 0)]
    dropped = int(np.count_nonzero(repeated & (code[sound] < 0)))
    doubtful = False
    if band is not None and len(kept):
        prices, known = _prices(raw.taken(kept), band, before)
        far = outliers(prices, band)
        code[kept[far[known:]]] = names.index("outlier")
        kept = kept[code[kept] < 0]
        doubtful = newest_in_doubt(prices[:, ~far], band)
    aside = np.flatnonzero(code >= 0)
    bars = None
    if len(kept):
        columns = {name: getattr(raw, name)[kept] for name in ("time", *COLUMNS)}
        bars = Bars(**columns, symbol=raw.symbol, extra={name: each[kept] for name, each in raw.extra.items()})
    return Screened(bars, raw.taken(aside), tuple(names[at] for at in code[aside]), dropped, doubtful)


def _prices(rows: RawBars, band: Band, before: Bars | None) -> tuple[FloatArray, int]:
    """Prices of sound rows (in order of time) behind those of the bars before them, and how many of these there are."""
    prices = np.vstack([getattr(rows, name) for name in _PRICES])
    if before is None:
        return prices, 0
    known = min(int(np.searchsorted(before.time, rows.time[0])), len(before))
    first = max(0, known - band.long_window - 1)
    earlier = np.vstack([getattr(before, name)[first:known] for name in _PRICES])
    return np.hstack([earlier, prices]), known - first


def _broken_rules(raw: RawBars) -> IntArray:
    """The position in REASONS of the first rule that each row breaks; -1 where it breaks none."""
    prices = np.vstack([getattr(raw, name) for name in _PRICES])
    rules: dict[str, BoolArray] = {
        "bad_time": raw.time <= 0,
        "not_finite": ~(np.isfinite(prices).all(axis=0) & np.isfinite(raw.volume)),
        "not_positive": np.asarray((prices <= 0.0).any(axis=0), dtype=np.bool_),
        "bad_volume": raw.volume < 0.0,
        "high_below_low": raw.high < raw.low,
        "outside_range": (raw.open < raw.low) | (raw.open > raw.high) | (raw.close < raw.low) | (raw.close > raw.high),
    }
    code = np.full(len(raw), -1, dtype=np.int64)
    for at, name in reversed(list(enumerate(REASONS))):
        if name in rules:
            code[rules[name]] = at
    return code


def _same_times(raw: RawBars, sound: IntArray) -> tuple[BoolArray, IntArray]:
    """Which of the rows (positions in order of time) repeat the one before them, and which disagree about a time."""
    time = raw.time[sound]
    values = np.vstack(
        [*(getattr(raw, name)[sound] for name in COLUMNS), *(each[sound] for each in raw.extra.values())]
    )
    again = np.zeros(len(sound), dtype=np.bool_)
    again[1:] = time[1:] == time[:-1]
    first = np.maximum.accumulate(np.where(again, 0, np.arange(len(sound)))) if len(sound) else sound
    earlier = values[:, first]
    same = (values == earlier) | (np.isnan(values) & np.isnan(earlier))  # only extra columns can hold NaN here
    differs = again & ~same.all(axis=0)
    conflicting = np.isin(time, time[differs])
    return again & ~conflicting, sound[conflicting]
