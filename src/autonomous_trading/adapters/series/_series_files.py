"""Series from files, each value with the time from which it could be known."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from autonomous_trading.adapters.series._tables import (
    TIMES,
    column_name,
    found,
    known_by_end_of_date,
    needed,
    numbers_of,
    read_frame,
    times_of,
)
from autonomous_trading.core import FloatArray, IntArray, InvalidInput, unknown_name
from autonomous_trading.data import Sessions
from autonomous_trading.data.knowable import (
    FREQUENCIES,
    KnowableSeries,
    ReleaseLag,
    over_times,
    release_lag,
    released,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["read_series"]

_KNOWN: Final = ("knowable_at", "released_at", "published_at", "released", "published", "realtime_start", "vintage")
_SERIES: Final = ("series", "series_id", "name", "symbol", "ticker")
_DAY_NS: Final = 86_400_000_000_000
_LONGEST_STEP: Final = {"D": 4.0, "W": 8.0, "M": 32.0, "Q": 93.0}  # days


def read_series(
    place: "str | os.PathLike[str] | pd.DataFrame",
    *,
    freq: str | None = None,
    lag: ReleaseLag | int | None = None,
    sessions: Sessions | None = None,
) -> dict[str, KnowableSeries]:
    """Every series in a table, by the name it has there.

    Three kinds of table are understood. Long ones: timestamp, value, series, and perhaps unit and freq (D, W, M, Q, A).
    One series: timestamp and value. Bars: timestamp and close, where a close is known when its bar is over.

    A column knowable_at (released_at, realtime_start, vintage, ...) says when a value was known; a date alone counts
    from its end. Without one the dates are reference dates, and a value is known `lag` after its period (days, or a
    ReleaseLag; default `release_lag` of its name), a daily one at the close of its session. Rows without a value are
    left out. Raises InvalidInput and DataNotFound.
    """
    frame = read_frame(place)
    time = needed(frame, "the dates", *TIMES)
    closes = found(frame, "value") is None and found(frame, "close") is not None
    value = frame["close"] if closes else needed(frame, "the values", "value")
    names = found(frame, *_SERIES)
    frame = frame.assign(_time=times_of(time), _value=numbers_of(value)).dropna(subset="_value")
    if not len(frame):
        raise InvalidInput("the table holds no value", fix="give at least one row with a date and a value")
    own = _own_name(place)
    groups = [(own, frame)] if names is None else frame.groupby(str(names.name), sort=True)
    rule = ReleaseLag(lag) if isinstance(lag, int) else lag
    return {str(name): _series(str(name), rows, (freq, rule, sessions, closes)) for name, rows in groups}


def _series(
    name: str, frame: "pd.DataFrame", asked: tuple[str | None, ReleaseLag | None, Sessions | None, bool]
) -> KnowableSeries:
    freq, rule, sessions, closes = asked
    frame = frame.sort_values("_time", kind="stable")
    reference = np.array(frame["_time"], dtype=np.int64)
    stated = found(frame, *_KNOWN)
    if stated is not None:
        known, lag = known_by_end_of_date(times_of(stated)), f"as its column {stated.name} says"
    elif closes and rule is None and len(dates := np.unique(reference)) > 1:
        known, lag = over_times(dates, sessions=sessions)[np.searchsorted(dates, reference)], "when its bar is over"
    else:
        written = freq or _word(frame, "freq") or _word(frame, "frequency") or _frequency(name, reference)
        length = written[:1].upper()
        applied = rule or release_lag(name, length)
        known, lag = released(reference, length, applied, sessions), applied.text
    rows = _distinct(known, reference, np.array(frame["_value"], dtype=np.float64))
    return KnowableSeries(
        column_name(name),
        known[rows],
        reference[rows],
        np.array(frame["_value"])[rows],
        _word(frame, "unit"),
        name,
        lag,
    )


def _distinct(known: IntArray, reference: IntArray, value: FloatArray) -> IntArray:
    """The rows without those that say the same once more."""
    seen = dict(
        zip(zip(known.tolist(), reference.tolist(), value.tolist(), strict=True), range(len(known)), strict=True)
    )
    return np.array(sorted(seen.values()), dtype=np.int64)


def _word(frame: "pd.DataFrame", name: str) -> str:
    """What a column says on its first row, or "" where there is no such column."""
    column = found(frame, name)
    return "" if column is None or not isinstance(column.iloc[0], str) else str(column.iloc[0]).strip()


def _frequency(name: str, reference: IntArray) -> str:
    """What the usual step between two dates is called."""
    steps = np.diff(np.unique(reference)) / _DAY_NS
    if not len(steps):
        raise InvalidInput(
            f"one value of {name} does not say how long its period is", fix=f"give freq: {', '.join(FREQUENCIES)}"
        )
    usual = float(np.median(steps))
    return next((freq for freq, longest in _LONGEST_STEP.items() if usual <= longest), "A")


def _own_name(place: object) -> str:
    return Path(place).stem if isinstance(place, str | os.PathLike) else "value"


def chosen(held: Mapping[str, KnowableSeries], name: str, place: str) -> KnowableSeries:
    """One of the series of a file, by the name there or as a column. Raises UnknownName, InvalidInput."""
    if not name and len(held) == 1:
        return next(iter(held.values()))
    if not name:
        shown = ", ".join(list(held)[:12])
        raise InvalidInput(f"{place} holds {len(held)} series", fix=f"name one, as in {place}:NAME: {shown}, ...")
    for own, series in held.items():
        if name in (own, series.name):
            return series
    raise unknown_name("series", name, held)
