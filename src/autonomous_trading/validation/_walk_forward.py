"""Walk-forward windows: choose parameters on the past, use them on what came next, move on.

    bars   |---------------------------------------------------------------|
    fold 0 [======= train =======)[== test ==)
    fold 1        [======= train =======)[== test ==)
    fold 2               [======= train =======)[== test ==)
    stitched                      [ 0   )[ 1   )[ 2        )

Test windows overlap where `step` is shorter than `test`. The stitched, out-of-sample record takes from
each fold the part up to the next fold's test window, and from the last fold all of it: every bar from the
first test window to the last belongs to exactly one fold, and was traded with the newest parameters that
could have been known.

Training windows are *rolling* (of one length) or *expanding* (all of the past). "Anchored" is another word for
expanding (Pardo 2008), but many mean by it that windows begin and end with months, quarters or years, too: that is what
the units of the calendar are for, with either kind.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple, final

import numpy as np

from autonomous_trading.core import IntArray, InvalidInput, unknown_name

Unit = Literal["days", "bars", "weeks", "months", "quarters", "years"]
_UNITS = ("days", "bars", "weeks", "months", "quarters", "years")
_FIRST_MONDAY = 4  # 1970 began on a Thursday
_DAY_NS = 86_400_000_000_000
_LEAST_TRAINING_BARS = 2
_LONGEST = {"days": 100_000.0, "bars": 1e12, "weeks": 14_000.0, "months": 3_300.0, "quarters": 1_100.0, "years": 270.0}
_MOST_WINDOWS = 1_000_000


@final
@dataclass(frozen=True, slots=True)
class Window:
    """One fold as half-open ranges of bars: `bars[window.train]`, `bars[window.test]`, and its own part.

    `stitched` is the first part of `test`: the bars for which this fold is the newest.
    """

    train: slice
    test: slice
    stitched: slice


class _Lengths(NamedTuple):
    train: int
    test: int
    step: int


def walk_forward_windows(
    time_ns: IntArray,
    *,
    train: float = 365,
    test: float = 30,
    step: float = 7,
    unit: Unit = "days",
    expanding: bool = False,
) -> tuple[Window, ...]:
    """Folds in the order of time: train on `train`, test on the `test` that follows, move on by `step`.

    `time_ns` holds the starts of the bars, UTC nanoseconds, strictly increasing. Lengths are days counted
    from the first bar, or bars; or whole weeks (from Monday), months, quarters or years of the calendar (UTC),
    at whose ends windows then begin and end. The one the data begin in counts as whole; the one they end in
    when no more than a weekend of it is missing. With `expanding` every training window starts at the first
    bar. Only whole test windows are used; a fold whose own part holds no bar (a holiday longer than `step`) is
    left out.

    Raises InvalidInput for lengths that are not positive, for `step` longer than `test` (bars between two
    test windows would belong to no fold), and for data shorter than train + test, naming what is needed
    and what is there.

    >>> time = np.arange(10) * 86_400_000_000_000
    >>> folds = walk_forward_windows(time, train=4, test=3, step=2)
    >>> [(fold.train.start, fold.test.start, fold.stitched.stop) for fold in folds]
    [(0, 4, 6), (2, 6, 9)]
    >>> year = np.arange(365) * 86_400_000_000_000  # of 1970
    >>> folds = walk_forward_windows(year, train=2, test=1, step=1, unit="quarters", expanding=True)
    >>> [(fold.train.stop, fold.test.stop) for fold in folds]
    [(181, 273), (273, 365)]
    """
    if unit not in _UNITS:
        raise unknown_name("unit", unit, _UNITS)
    _check_times(time_ns)
    clock, end = _clock(time_ns, unit)
    lengths = _Lengths(_length("train", train, unit), _length("test", test, unit), _length("step", step, unit))
    if lengths.step > lengths.test:
        raise InvalidInput(
            f"step ({step:g} {unit}) is longer than test ({test:g} {unit}): the bars between two test windows"
            " would belong to no fold",
            fix=f"use a step of at most {test:g}",
        )
    span = end - int(clock[0])
    if lengths.train + lengths.test > span:
        have = span / (_DAY_NS if unit == "days" else 1)  # a clock of days counts nanoseconds
        raise InvalidInput(
            f"walk-forward needs {train + test:g} {unit} ({train:g} to train, {test:g} to test) and the data"
            f" has {have:.6g}",
            fix="shorten train or test, or bring more data",
        )
    return _windows(clock, span, lengths, expanding=expanding)


def walk_forward_efficiency(in_sample: float, out_of_sample: float) -> float:
    """Share of the in-sample return that survived: annualised return out of sample over that in sample.

    Both are annualised fractions (0.12 is 12 % a year): that of the stitched record, and the mean over
    the folds of what the chosen sets earned on their training windows. NaN where it has no meaning: an
    in-sample return that is not above zero (there was nothing to keep), or a return that is not finite.
    Negative where the record lost money.

    >>> walk_forward_efficiency(0.20, 0.10)
    0.5
    """
    if not (math.isfinite(in_sample) and math.isfinite(out_of_sample)) or in_sample <= 0.0:
        return math.nan
    return out_of_sample / in_sample


def _windows(clock: IntArray, span: int, lengths: _Lengths, *, expanding: bool) -> tuple[Window, ...]:
    count = (span - lengths.train - lengths.test) // lengths.step + 1
    if count > _MOST_WINDOWS:
        raise InvalidInput(
            f"step is so short that there would be {count:,} windows", fix="move on by the distance of two bars or more"
        )
    test_starts = int(clock[0]) + lengths.train + lengths.step * np.arange(count, dtype=np.int64)
    first = np.searchsorted(clock, test_starts - lengths.train) * (not expanding)
    split = np.searchsorted(clock, test_starts)
    stop = np.searchsorted(clock, test_starts + lengths.test)
    # A fold is the newest one for the bars before the next fold's test window, the last one for all its own.
    kept = np.flatnonzero(split < np.append(split[1:], stop[-1]))
    if not kept.size:
        raise InvalidInput("no test window holds a bar", fix="lengthen test to more than the distance between bars")
    own_stop = np.append(split[kept[1:]], stop[kept[-1]])
    folds = []
    for k, own in zip(kept.tolist(), own_stop.tolist(), strict=True):
        start, middle, end = int(first[k]), int(split[k]), int(stop[k])
        if middle - start < _LEAST_TRAINING_BARS:
            raise InvalidInput(
                f"fold {k} has {middle - start} bars to train on: a gap in the data is as long as train",
                fix="lengthen train, or use unit='bars'",
            )
        folds.append(Window(slice(start, middle), slice(middle, end), slice(middle, own)))
    return tuple(folds)


def _clock(time_ns: IntArray, unit: Unit) -> tuple[IntArray, int]:
    """Where every bar lies on the axis the lengths are measured on, and where the last one ends."""
    if unit == "bars":
        return np.arange(time_ns.size, dtype=np.int64), int(time_ns.size)
    end = int(time_ns[-1]) + int(np.median(np.diff(time_ns)))
    if unit == "days":
        return time_ns, end
    day = end // _DAY_NS
    weekend = (day - _FIRST_MONDAY) % 7 - 5
    if weekend >= 0:  # a market that closes on Friday has seen the whole of a month that ends on Sunday
        end = (day + 2 - weekend) * _DAY_NS
    periods = _calendar(np.append(time_ns, end), unit)
    return periods[:-1], int(periods[-1])


def _calendar(time_ns: IntArray, unit: Unit) -> IntArray:
    """Number of the week, month, quarter or year (UTC) each time lies in."""
    if unit == "weeks":
        return (time_ns // _DAY_NS - _FIRST_MONDAY) // 7
    months: IntArray = time_ns.astype("datetime64[ns]").astype("datetime64[M]").astype(np.int64)
    return months // {"months": 1, "quarters": 3, "years": 12}[unit]


def _length(name: str, value: float, unit: Unit) -> int:
    if not (math.isfinite(value) and value > 0):
        raise InvalidInput(f"{name} must be a positive number of {unit}, got {value}", fix=f"use {name}=30")
    if value > _LONGEST[unit]:
        raise InvalidInput(f"{name} of {value:g} {unit} is longer than any data", fix=f"use {name}=30")
    if unit == "days":
        return max(1, round(value * _DAY_NS))
    if value != int(value):
        raise InvalidInput(
            f"{name} must be a whole number of {unit}, got {value}", fix=f"use {name}={math.ceil(value)}"
        )
    return int(value)


def _check_times(time_ns: IntArray) -> None:
    if time_ns.ndim != 1 or time_ns.size < 2:
        raise InvalidInput(f"walk-forward needs at least 2 bars, got {time_ns.size}", fix="pass the times of all bars")
    if not bool(np.all(np.diff(time_ns) > 0)):
        row = int(np.flatnonzero(np.diff(time_ns) <= 0)[0]) + 1
        raise InvalidInput(
            f"bar times must increase strictly, row {row} does not",
            fix="sort the bars and drop duplicate times",
        )
