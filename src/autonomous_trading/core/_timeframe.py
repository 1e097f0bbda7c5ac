"""How long a bar is: from a second to months, and where bars of that length begin."""

import re
from dataclasses import dataclass
from typing import Final, final

import numpy as np

from autonomous_trading.core._arrays import IntArray
from autonomous_trading.core._calendar import DAY_NS
from autonomous_trading.core.errors import InvalidInput

__all__ = ["Timeframe"]

_NS: Final = 1_000_000_000
_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_WRITTEN: Final = {"min": "m", "mo": "M", "hour": "h", "day": "d", "week": "w", "month": "M"}
_MONDAY: Final = 4 * DAY_NS  # 1970-01-05, the first Monday of Unix time
_MONTH_DAYS: Final = 365.25 / 12.0


@final
@dataclass(frozen=True, slots=True)
class Timeframe:
    """The length of a bar: a count of seconds ("s"), minutes ("m"), hours, days, weeks or months ("M").

    Build one with `Timeframe.of("15m")`. Sorts from short to long.

    >>> Timeframe.of("1h").text, Timeframe.of("1M").text, Timeframe.of("5min").text
    ('1h', '1M', '5m')
    """

    count: int
    unit: str

    @staticmethod
    def of(text: "str | Timeframe") -> "Timeframe":
        """The timeframe that a text names: "30s", "5m" (or "5min"), "4h", "1d", "1w", "1M" (or "1mo").

        Raises InvalidInput. "1m" is a minute and "1M" a month, as exchanges write them.
        """
        if isinstance(text, Timeframe):
            return text
        found = re.fullmatch(r"([1-9]\d{0,4})([A-Za-z]+)", str(text).strip())
        unit = "" if found is None else _unit(found[2])
        if found is None or not unit:
            raise InvalidInput(
                f"{text!r} is no timeframe", fix='write a number and s, m, h, d, w or M (months): "15m", "1h", "1d"'
            )
        return Timeframe(int(found[1]), unit)

    @property
    def text(self) -> str:
        """As it is written: "15m"."""
        return f"{self.count}{self.unit}"

    @property
    def ns(self) -> int:
        """Nanoseconds; of months as many as they have on average."""
        if self.unit == "M":
            return int(self.count * _MONTH_DAYS * DAY_NS)
        return self.count * _SECONDS[self.unit] * _NS

    @property
    def is_intraday(self) -> bool:
        """Whether a session holds several of these bars: they begin at a moment, longer ones at a session date."""
        return self.ns < DAY_NS

    def starts(self, time: IntArray) -> IntArray:
        """Where the bar that holds each of these times (UTC nanoseconds) begins, by the clock alone.

        Seconds to days count from 1970-01-01 UTC, weeks from Mondays, months from January 1970.
        """
        if self.unit == "M":
            months = np.asarray(time, dtype="datetime64[ns]").astype("datetime64[M]").astype(np.int64)
            first = (months // self.count) * self.count
            return np.asarray(first.astype("datetime64[M]").astype("datetime64[ns]").astype(np.int64), dtype=np.int64)
        origin = _MONDAY if self.unit == "w" else 0
        return (np.asarray(time, dtype=np.int64) - origin) // self.ns * self.ns + origin

    def following(self, starts: IntArray) -> IntArray:
        """Where the bar after the one that begins at each of these times begins, by the clock alone."""
        if self.unit == "M":
            months = np.asarray(starts, dtype="datetime64[ns]").astype("datetime64[M]") + self.count
            return np.asarray(months.astype("datetime64[ns]").astype(np.int64), dtype=np.int64)
        return np.asarray(starts, dtype=np.int64) + self.ns

    def __lt__(self, other: "Timeframe") -> bool:
        return self.ns < other.ns

    def __str__(self) -> str:
        return self.text


def _unit(written: str) -> str:
    """The unit that a text names, or "" for none: only "m" and "M" are told apart by case."""
    if written in ("m", "M"):
        return written
    lower = written.lower()
    plain = lower.removesuffix("s") if len(lower) > 1 else lower
    return _WRITTEN.get(plain) or (plain if plain in _SECONDS else "")
