"""Rows at the wrong time, twice, in the wrong order, or not at all."""

from dataclasses import replace
from typing import Final

import numpy as np

from autonomous_trading.core import BoolArray, IntArray
from autonomous_trading.data import RawBars
from autonomous_trading.testing.corruption._kit import (
    Corrupted,
    check_length,
    in_place,
    one_block,
    rearranged,
    scattered,
    usual_move,
    usual_step,
)

__all__ = [
    "contradicted",
    "duplicated",
    "gap",
    "ignored_summer",
    "in_seconds",
    "missing_time",
    "out_of_order",
    "shifted",
    "stamped_at_end",
]

_HOUR_NS: Final = 3_600_000_000_000
_GAP_ROWS: Final = 15
_NO_TIME: Final = np.iinfo(np.int64).min  # NaT


def duplicated(raw: RawBars, rng: np.random.Generator) -> Corrupted:
    """Some rows come twice, the second time right behind the first and exactly the same."""
    again = scattered(raw, rng)
    source, rows = _with_copies(len(raw), again)
    return rearranged(raw, source, rows, kind="rule")


def contradicted(raw: RawBars, rng: np.random.Generator) -> Corrupted:
    """Some times come twice, the second time with another close inside the range; which is right cannot be known."""
    again = scattered(raw, rng)
    source, rows = _with_copies(len(raw), again)
    doubled = raw.taken(source)
    step = np.exp(usual_move(raw))
    close = doubled.close[rows]
    new = np.where(close * step <= doubled.high[rows], close * step, close / step)
    widened = {
        "close": new,
        "low": np.minimum(doubled.low[rows], new),
        "volume": doubled.volume[rows] + 1.0,
    }
    made = in_place(doubled, rows, widened, kind="rule", reason="conflicting_duplicate")
    return replace(made, truth=replace(made.truth, source=source))


def gap(raw: RawBars, rng: np.random.Generator) -> Corrupted:
    """A stretch of rows and some single ones are missing."""
    stretch = one_block(raw, rng, _GAP_ROWS)
    stretch = stretch[stretch < len(raw) - 1]
    gone = np.union1d(stretch, scattered(raw, rng))
    there = np.ones(len(raw), dtype=np.bool_)
    there[gone] = False
    source = np.flatnonzero(there)
    rows = np.flatnonzero(np.diff(source, prepend=-1) > 1)
    return rearranged(raw, source, rows, kind="calendar")


def out_of_order(raw: RawBars, rng: np.random.Generator) -> Corrupted:
    """Some rows come after the one that follows them."""
    first = scattered(raw, rng)
    source = np.arange(len(raw), dtype=np.int64)
    source[first], source[first + 1] = first + 1, first
    return rearranged(raw, source, np.sort(np.concatenate([first, first + 1])), kind="rule")


def missing_time(raw: RawBars, rng: np.random.Generator) -> Corrupted:
    """Some rows have no time (NaT)."""
    return in_place(raw, scattered(raw, rng), {"time": _NO_TIME}, kind="rule", reason="bad_time")


def shifted(raw: RawBars, rng: np.random.Generator) -> Corrupted:
    """All times are wrong by the same whole hours, 1 to 12, as of a local time taken for UTC."""
    check_length(raw)
    hours = int(rng.integers(1, 13)) * int(rng.choice([-1, 1]))
    every = np.arange(len(raw), dtype=np.int64)
    return in_place(raw, every, {"time": raw.time + hours * _HOUR_NS}, kind="calendar", onsets=every[:1])


def ignored_summer(raw: RawBars, rng: np.random.Generator) -> Corrupted:
    """In the summer of New York times are an hour late, as of a winter's offset kept all year.

    Where all bars or none lie in a summer it is from a row on.
    """
    check_length(raw)
    summer = _in_summer(raw.time)
    if summer.all() or not summer.any():
        summer = np.arange(len(raw)) >= one_block(raw, rng, 1)[0]
    rows = np.flatnonzero(summer)
    onsets = rows[np.diff(rows, prepend=-2) > 1]
    return in_place(raw, rows, {"time": raw.time[rows] + _HOUR_NS}, kind="calendar", onsets=onsets)


def stamped_at_end(raw: RawBars, _: np.random.Generator) -> Corrupted:
    """All bars carry the time at which they end: whoever reads them as starts knows each of them a bar too late."""
    check_length(raw)
    every = np.arange(len(raw), dtype=np.int64)
    return in_place(raw, every, {"time": raw.time + usual_step(raw)}, kind="calendar", onsets=every[:1])


def in_seconds(raw: RawBars, _: np.random.Generator) -> Corrupted:
    """All times are seconds since 1970 instead of nanoseconds: everything lies within two seconds of 1970."""
    check_length(raw)
    every = np.arange(len(raw), dtype=np.int64)
    return in_place(raw, every, {"time": raw.time // 1_000_000_000}, kind="calendar", onsets=every[:1])


def _with_copies(n: int, again: IntArray) -> tuple[IntArray, IntArray]:
    """The rows with some of them twice, and where the second ones are."""
    source = np.insert(np.arange(n, dtype=np.int64), again + 1, again)
    return source, again + 1 + np.arange(len(again), dtype=np.int64)


def _in_summer(time: IntArray) -> BoolArray:
    """Whether times lie between the second Sunday of March and the first of November, 07:00 and 06:00 UTC."""
    when = time.astype("datetime64[ns]")
    year = when.astype("datetime64[Y]")
    march = np.busday_offset((year + np.timedelta64(2, "M")).astype("datetime64[D]"), 1, roll="forward", weekmask="Sun")
    november = np.busday_offset(
        (year + np.timedelta64(10, "M")).astype("datetime64[D]"), 0, roll="forward", weekmask="Sun"
    )
    inside: BoolArray = (when >= march + np.timedelta64(7, "h")) & (when < november + np.timedelta64(6, "h"))
    return inside
