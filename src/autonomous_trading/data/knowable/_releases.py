"""When figures come out: from the date a figure is about to the moment at which it could be known."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, final

import numpy as np

from autonomous_trading.core import IntArray, InvalidInput
from autonomous_trading.data._sessions import Sessions
from autonomous_trading.data.knowable._arrays import integers

__all__ = ["FREQUENCIES", "RELEASE_LAGS", "ReleaseLag", "period_ends", "release_lag", "released"]

FREQUENCIES: Final = ("D", "W", "M", "Q", "A")

_DAY_NS: Final = 86_400_000_000_000
_HOUR_NS: Final = 3_600_000_000_000
_THURSDAY: Final = 3  # 1970-01-01; Monday is 0
_FRIDAY: Final = 4
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = {"M": 1, "Q": 3, "A": 12}


@final
@dataclass(frozen=True, slots=True)
class ReleaseLag:
    """How long after the end of its period a figure is out.

    `days` whole days after the last day of the period; then the next `weekday` (Monday is 0) on or after that day,
    where one is given; there at `hour` UTC (24: when that date is over).
    """

    days: int
    weekday: int | None = None
    hour: int = 24

    def __post_init__(self) -> None:
        if self.days < 0 or not 0 <= self.hour <= 24 or self.weekday not in (None, *range(7)):
            raise InvalidInput(
                f"{self} is no lag of a release", fix="give days >= 0, a weekday of 0 to 6 or None, an hour of 0 to 24"
            )

    @property
    def text(self) -> str:
        """In words.

        >>> ReleaseLag(4, 4, 14).text
        'the Friday from 4 days after its period on, at 14:00 UTC'
        """
        days = f"{self.days} day{'' if self.days == 1 else 's'} after its period"
        day = days if self.weekday is None else f"the {_WEEKDAYS[self.weekday]} from {days} on"
        return f"{day}, at {self.hour:02d}:00 UTC" if self.hour < 24 else f"{day}, when that date is over"


_DEFAULTS: Final[Mapping[str, ReleaseLag]] = MappingProxyType(
    {
        "D": ReleaseLag(0),
        "W": ReleaseLag(7),
        "M": ReleaseLag(31),
        "Q": ReleaseLag(92),
        "A": ReleaseLag(366),
    }
)

# The Employment Situation appears on the third Friday after the week of the 12th, which is the 1st to the 10th of the
# next month: the Friday on or after the 4th is that Friday or the one after it, never an earlier one.
_EMPLOYMENT: Final = ReleaseLag(4, _FRIDAY, 14)
_PRICES: Final = ReleaseLag(24, None, 14)

RELEASE_LAGS: Final[Mapping[str, ReleaseLag]] = MappingProxyType(
    {
        # Consumer prices: the 10th to the 15th of the next month, up to the 24th for a January before 2009.
        "CPIAUCSL": _PRICES,
        "CPIAUCNS": _PRICES,
        "CPILFESL": _PRICES,
        "PPIACO": _PRICES,
        # Payrolls and unemployment.
        "PAYEMS": _EMPLOYMENT,
        "UNRATE": _EMPLOYMENT,
        "CIVPART": _EMPLOYMENT,
        # Claims: the week that ends on a Saturday, on the Thursday after it.
        "ICSA": ReleaseLag(1, _THURSDAY, 14),
        # National accounts: the advance estimate comes out in the last days of the month after the quarter.
        "GDP": ReleaseLag(31, None, 14),
        "GDPC1": ReleaseLag(31, None, 14),
        "PCE": ReleaseLag(32, None, 14),
        "PCEPI": ReleaseLag(32, None, 14),
        "PCEPILFE": ReleaseLag(32, None, 14),
        # Activity.
        "INDPRO": ReleaseLag(18, None, 15),
        "RSAFS": ReleaseLag(17, None, 14),
        "HOUST": ReleaseLag(20, None, 14),
        "UMCSENT": ReleaseLag(1),
        # Money and rates: the Federal Reserve says on the next business day what a rate was, so that of a Friday is out
        # on Monday, or on Tuesday after a holiday; that of a month on the first business day after it.
        "M2SL": ReleaseLag(28),
        "DFF": ReleaseLag(4),
        "EFFR": ReleaseLag(4),
        "FEDFUNDS": ReleaseLag(4),
        "DGS2": ReleaseLag(4),
        "DGS10": ReleaseLag(4),
        "T10Y2Y": ReleaseLag(4),
        "T10Y3M": ReleaseLag(4),
        # Spot prices of energy: out on Wednesdays (EIA), up to the Monday before, and on Thursdays after a holiday.
        "DCOILWTICO": ReleaseLag(9),
        "DCOILBRENTEU": ReleaseLag(9),
        # Closing values of indices are known when their session is over; that of the VIX a quarter of an hour after
        # the shares it is about.
        "VIXCLS": ReleaseLag(0, None, 22),
        "SP500": ReleaseLag(0),
    }
)
"""Lags of well-known series of the United States by their names at FRED, on the late side of what is usual.

They are the calendar, not history: what was published later than usual (the shutdowns of 1995, 2013, 2018 and 2025) is
taken as known too early. Real vintages (`adapters.series`) have no such fault.
"""


def release_lag(name: str, freq: str) -> ReleaseLag:
    """The lag of a series: of RELEASE_LAGS, else one period: a day's end, a week, a month, a quarter, a year."""
    _check_frequency(freq)
    return RELEASE_LAGS.get(name.upper(), _DEFAULTS[freq])


def period_ends(reference: IntArray, freq: str) -> IntArray:
    """The first moment after the period that each date lies in (UTC nanoseconds).

    A day, month, quarter or year by the calendar; a week ("W") ends with the date that names it.
    """
    _check_frequency(freq)
    dates = integers("reference", reference)
    if freq in ("D", "W"):
        return (dates // _DAY_NS + 1) * _DAY_NS
    count = _MONTHS[freq]
    months = dates.astype("datetime64[ns]").astype("datetime64[M]").astype(np.int64)
    after = (months // count + 1) * count
    return np.asarray(after.astype("datetime64[M]").astype("datetime64[ns]").astype(np.int64), dtype=np.int64)


def released(
    reference: IntArray, freq: str, lag: ReleaseLag | None = None, sessions: Sessions | None = None
) -> IntArray:
    """When figures about these dates could be known (UTC nanoseconds): their lag after the end of the period.

    `freq` is "D", "W", "M", "Q" or "A". Without a lag a period passes first; a daily figure is known at the end of its
    UTC date, or at the close of its session where sessions are given. Raises InvalidInput.
    """
    ends = period_ends(reference, freq)
    rule = _DEFAULTS[freq] if lag is None else lag
    if freq == "D" and rule == _DEFAULTS["D"] and sessions is not None and len(sessions):
        at = np.minimum(np.searchsorted(sessions.date, ends - _DAY_NS), len(sessions) - 1)
        same = sessions.date[at] == ends - _DAY_NS
        return np.where(same, sessions.close[at], ends)
    date = ends // _DAY_NS - 1 + rule.days
    if rule.weekday is not None:
        date = date + (rule.weekday - (date + _THURSDAY)) % 7
    return np.asarray(date * _DAY_NS + rule.hour * _HOUR_NS, dtype=np.int64)


def _check_frequency(freq: str) -> None:
    if freq not in FREQUENCIES:
        raise InvalidInput(f"unknown frequency {freq!r}", fix=f"use one of {', '.join(FREQUENCIES)}")
