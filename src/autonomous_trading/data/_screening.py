"""The door for what a source sent: rows become Bars, or are put aside with a reason each."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple, final

import numpy as np

from autonomous_trading.core import Bars, BoolArray, FloatArray, IntArray
from autonomous_trading.data._band import Band, verdicts
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
    the bars is outside the band, and there is no bar behind it that would tell. Who withholds it until there is one
    refuses the same rows in the end, in whatever portions they come.
    """

    bars: Bars | None
    refused: RawBars
    reasons: tuple[str, ...]
    duplicates: int
    doubtful: bool = False


def screened(
    raw: RawBars,
    *,
    band: Band | None = None,
    before: Bars | None = None,
    after: Bars | None = None,
    within: int | None = None,
) -> Screened:
    """The rows that keep the rules of `core.Bars`, ordered by time, and the others with the first rule they break.

    Rows that repeat another one exactly are counted and dropped; where two differ at the same time neither can be
    believed, and both are put aside. With a `band` sound rows far outside their neighbours are put aside too
    ("outlier"). Each is judged by the believed bars before it, at most `band.reach` of them, and by the sound one after
    it, its witness; rows put aside are in no window and so widen the band for none. A row without a witness passes;
    `doubtful` says whether the newest one is outside the band.

    `before` and `after` are bars that are known already: those earlier than the first row are believed, and the first
    one later than the last row is its witness. `within`: a witness that begins more nanoseconds after a bar is none.
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
        around = _around(raw.taken(kept), band, before, after)
        refused, doubtful = _judged(around, band, len(kept), within)
        code[kept[refused]] = names.index("outlier")
        kept = kept[~refused]
    aside = np.flatnonzero(code >= 0)
    bars = None
    if len(kept):
        columns = {name: getattr(raw, name)[kept] for name in ("time", *COLUMNS)}
        bars = Bars(**columns, symbol=raw.symbol, extra={name: each[kept] for name, each in raw.extra.items()})
    return Screened(bars, raw.taken(aside), tuple(names[at] for at in code[aside]), dropped, doubtful)


class _Around(NamedTuple):
    """Sound rows among the bars that are known around them; `known` counts those before."""

    time: IntArray
    prices: FloatArray
    known: int


def _around(rows: RawBars, band: Band, before: Bars | None, after: Bars | None) -> _Around:
    """Sound rows (in order of time) behind the believed bars before them and in front of the one after them."""
    parts: list[RawBars | Bars] = [rows]
    known = 0
    if before is not None and (stop := int(np.searchsorted(before.time, rows.time[0]))):
        known = min(stop, band.reach)
        parts.insert(0, before[stop - known : stop])
    if after is not None and (first := int(np.searchsorted(after.time, rows.time[-1], side="right"))) < len(after):
        parts.append(after[first : first + 1])
    prices = np.vstack([np.concatenate([getattr(part, name) for part in parts]) for name in _PRICES])
    return _Around(np.concatenate([part.time for part in parts]), prices, known)


def _judged(around: _Around, band: Band, n_rows: int, within: int | None) -> tuple[BoolArray, bool]:
    """Which of the rows in the middle are refused, and whether the last of them is in doubt."""
    near = np.ones(len(around.time), dtype=np.bool_)
    if within is not None:
        near[:-1] = np.diff(around.time) <= within
    found = verdicts(around.prices, band, believed=around.known, witnessed=near)
    rows = slice(around.known, around.known + n_rows)
    return found.refused[rows], bool(found.doubtful[rows][-1])


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
