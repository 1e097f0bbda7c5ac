"""Prices that are legal one by one and doubtful together: leaps, other units, prices that do not move."""

from typing import Final, NamedTuple

import numpy as np

from autonomous_trading.core import Bars, BoolArray, IntArray, Timeframe, inspect_bars
from autonomous_trading.data._band import Band, local_scale
from autonomous_trading.data.quality._expected import DAY_NS
from autonomous_trading.data.quality._findings import Finding, shown_time, spans_at

__all__ = ["leap_findings", "runs_of", "still_findings"]

_RATIOS: Final = np.array([2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 16, 20, 25, 28, 30, 35, 40, 50, 1.5], dtype=np.float64)
_UNITS: Final = np.array([100.0, 1_000.0, 10_000.0, 1_000_000.0])
_CLOSE_TO_RATIO: Final = 0.06  # overnight the market moves too
_CLOSE_TO_UNIT: Final = 0.15
_LEAP: Final = 1.7
_SMALLEST_LEAP: Final = 1.4  # 3:2 is the smallest split that is looked for
_STEEP: Final = 6.0  # local standard deviations: a market that moves so much anyway has no splits to be seen
_STAYS: Final = 5
_LONG_HOLE_DAYS: Final = 60
_NEAR_SPLIT: Final = 0.15  # the close of that day, too
_FROZEN_DAILY, _FROZEN_INTRADAY = 5, 60
_FLAT: Final = 20
_FACTORS: Final = ("adj_factor", "adjustment_factor", "split_factor", "split_ratio", "factor")


class _Leap(NamedTuple):
    """A bar that opens far from the close before: its row and the ratio of the two."""

    row: int
    ratio: float


def leap_findings(bars: Bars, timeframe: Timeframe, splits: IntArray) -> list[Finding]:
    """Recycled tickers, changed units, splits and other leaps; each leap is one of them.

    `splits` are times (UTC ns) of splits that are known of: a leap on such a day, or one that a column of factors
    explains, is a note.
    """
    leaps = _leaps(bars)
    sorted_out: dict[str, list[_Leap]] = {"recycled": [], "unit": [], "split": [], "known": [], "leap": []}
    for leap in leaps:
        sorted_out[_kind(bars, leap, splits)].append(leap)
    told = {
        "recycled": ("warning", "cut the history there: the ticker may belong to somebody else since"),
        "unit": ("error", "bring both parts to one unit (pence and pounds, cents and dollars, contracts and coins)"),
        "split": ("warning", "adjust the prices before it, or hand over the splits that are known"),
        "known": ("note", "the prices are raw: adjust them before they are compared across that day"),
        "leap": ("warning", "look at that day: a split that is not adjusted, a wrong price, or news"),
    }
    return [
        Finding(
            "split" if kind == "known" else kind,
            "error" if severity == "error" else "warning" if severity == "warning" else "note",
            _words(kind, bars, found, timeframe),
            len(found),
            spans_at(bars.time[[leap.row for leap in found]], timeframe),
            fix,
        )
        for kind, (severity, fix) in told.items()
        if (found := sorted_out[kind])
    ]


def _leaps(bars: Bars) -> list[_Leap]:
    """Bars far from the close before that stay there: by 1.7, or by the ratio of a split when the market is calm."""
    if len(bars) < 3:
        return []
    by_close, by_open = bars.close[1:] / bars.close[:-1], bars.open[1:] / bars.close[:-1]
    scale = local_scale(np.vstack([bars.open, bars.high, bars.low, bars.close]), Band())[1:]
    size = np.abs(np.log(by_open))
    steep = (size > np.log(_SMALLEST_LEAP)) & ~(size < _STEEP * scale)
    large = np.abs(np.log(by_close)) >= np.log(_LEAP)
    found = []
    for at in np.flatnonzero(steep | large):
        after = float(np.median(bars.close[at + 1 : at + 1 + _STAYS]))
        before = float(np.median(bars.close[max(0, at + 1 - _STAYS) : at + 1]))
        if large[at] or abs(np.log(after / before)) > 0.5 * size[at]:
            ratio = float(by_open[at] if steep[at] else by_close[at])
            found.append(_Leap(int(at) + 1, ratio))
    return found


def _kind(bars: Bars, leap: _Leap, splits: IntArray) -> str:
    size = abs(np.log(leap.ratio))
    hole = float(bars.time[leap.row] - bars.time[leap.row - 1]) / DAY_NS
    if hole > _LONG_HOLE_DAYS:
        return "recycled"
    if _explained(bars, leap, splits):
        return "known"
    if np.min(np.abs(np.log(_UNITS) - size)) < _CLOSE_TO_UNIT:
        return "unit"
    return "split" if _like_a_split(bars, leap) else "leap"


def _like_a_split(bars: Bars, leap: _Leap) -> bool:
    """Whether open and close of the bar are near a whole ratio, and no column of factors says that there was none."""
    if any(name in bars.extra for name in _FACTORS):
        return False
    size = abs(float(np.log(leap.ratio)))
    nearest = float(np.log(_RATIOS)[np.argmin(np.abs(np.log(_RATIOS) - size))])
    closed = abs(float(np.log(bars.close[leap.row] / bars.close[leap.row - 1])))
    return abs(nearest - size) < _CLOSE_TO_RATIO and abs(nearest - closed) < _NEAR_SPLIT


def _explained(bars: Bars, leap: _Leap, splits: IntArray) -> bool:
    """Whether a split is known for that day, or a column of factors changes there by the same ratio."""
    day = bars.time[leap.row] // DAY_NS
    if len(splits) and bool((np.abs(splits // DAY_NS - day) <= 1).any()):
        return True
    for name in _FACTORS:
        factor = bars.extra.get(name)
        if factor is None:
            continue
        with np.errstate(all="ignore"):
            change = abs(float(np.log(factor[leap.row] / factor[leap.row - 1])))
        if abs(change - abs(float(np.log(leap.ratio)))) < 2 * _CLOSE_TO_RATIO:
            return True
    return False


def _words(kind: str, bars: Bars, found: list[_Leap], timeframe: Timeframe) -> str:
    top = max(found, key=lambda leap: abs(float(np.log(leap.ratio))))
    when = shown_time(int(bars.time[top.row]), timeframe)
    numbers = f"{bars.close[top.row - 1]:g} to {bars.close[top.row]:g}"
    times = "" if len(found) == 1 else f" {len(found)} times, most"
    if kind == "recycled":
        hole = float(bars.time[top.row] - bars.time[top.row - 1]) / DAY_NS
        return f"after {hole:.0f} days without bars the price is another one at {when}: {numbers}"
    if kind == "unit":
        return f"prices continue at {max(top.ratio, 1 / top.ratio):.4g} times another{times} at {when}: {numbers}"
    if kind in ("split", "known"):
        known = " (known: a factor or a split is given)" if kind == "known" else ""
        return f"prices leap{times} as after {_split_text(top.ratio)} at {when}: {numbers}{known}"
    return f"the close leaps{times} at {when}: {numbers}"


def _split_text(ratio: float) -> str:
    size = max(ratio, 1.0 / ratio)
    nearest = float(_RATIOS[np.argmin(np.abs(np.log(_RATIOS) - np.log(size)))])
    text = "3:2" if nearest == 1.5 else f"{nearest:.0f}:1"
    if ratio > 1.0:
        return f"a 1:{nearest:g} reverse split"
    return f"a {text} split"


def still_findings(bars: Bars, timeframe: Timeframe, *, continuous: bool) -> list[Finding]:
    """Stale opens, and prices that do not move although a market was there."""
    return [*_stale(bars, continuous=continuous), *_frozen(bars, timeframe), *_flat(bars, timeframe)]


def _stale(bars: Bars, *, continuous: bool) -> list[Finding]:
    if continuous:  # a market that never closes opens where it closed
        return []
    fix = "compare the opens with another source, or fill at the close"
    return [
        Finding("stale_open", "warning", warning.message, warning.count, fix=fix)
        for warning in inspect_bars(bars)
        if warning.code == "stale_open"
    ]


def _frozen(bars: Bars, timeframe: Timeframe) -> list[Finding]:
    prices = np.vstack([bars.open, bars.high, bars.low, bars.close])
    same = np.zeros(len(bars), dtype=np.bool_)
    same[1:] = (prices[:, 1:] == prices[:, :-1]).all(axis=0)
    shortest = _FROZEN_INTRADAY if timeframe.is_intraday else _FROZEN_DAILY
    return _run_finding("frozen", same, bars, timeframe, shortest - 1, "the same four prices")


def _flat(bars: Bars, timeframe: Timeframe) -> list[Finding]:
    if bool((bars.high == bars.low).all()):
        text = "open, high, low and close are one number on every bar: only one price a bar is known"
        fix = "stops and limits inside a bar cannot be simulated; fill at the close"
        return [Finding("flat", "warning", text, len(bars), fix=fix)]
    shortest = 3 * _FLAT if timeframe.is_intraday else _FLAT
    return _run_finding("flat", bars.high == bars.low, bars, timeframe, shortest, "one price, no range")


def _run_finding(
    code: str, mask: BoolArray, bars: Bars, timeframe: Timeframe, shortest: int, what: str
) -> list[Finding]:
    first, length = runs_of(mask, shortest)
    if not len(first):
        return []
    top = int(np.argmax(length))
    when = f"{shown_time(int(bars.time[first[top]]), timeframe)}"
    runs = "" if len(first) == 1 else f" in {len(first):,} stretches, the longest of {int(length[top]):,}"
    message = f"{what} on {int(length.sum()):,} bars{runs} from {when} on"
    fix = "no market was there, or the source repeats old prices: leave these times out"
    return [Finding(code, "warning", message, int(length.sum()), spans_at(bars.time[first], timeframe), fix)]


def runs_of(mask: BoolArray, shortest: int) -> tuple[IntArray, IntArray]:
    """Where runs of true values of at least this length begin, and how long they are."""
    edges = np.diff(mask.astype(np.int64), prepend=0, append=0)
    first, stop = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    long = stop - first >= shortest
    return np.asarray(first[long], dtype=np.int64), np.asarray((stop - first)[long], dtype=np.int64)
