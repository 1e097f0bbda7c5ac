"""What an examination finds, as facts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal, final

import numpy as np

from autonomous_trading.core import Bars, IntArray, Timeframe, time_text
from autonomous_trading.data._raw_bars import RawBars
from autonomous_trading.data._requests import Span
from autonomous_trading.data._screening import REASONS

__all__ = ["CODES", "MOST_SPANS", "Coverage", "Finding", "Gaps", "QualityReport", "Severity", "shown_time", "spans_at"]

MOST_SPANS: Final = 20
Severity = Literal["error", "warning", "note"]

CODES: Final[Mapping[str, str]] = MappingProxyType(
    {
        **REASONS,
        "no_bars": "no row passed",
        "time_zone": "times are in another zone than the exchange, or ignore daylight saving",
        "unit": "prices continue in another unit",
        "stray_time": "times lie years away from all others",
        "gap": "bars are missing when the market was open",
        "duplicate": "rows came twice, with the same values",
        "out_of_order": "rows are not in order of time",
        "outside_session": "bars begin when the market is closed",
        "mixed_bars": "bars of other lengths are among them",
        "split": "prices leap by a whole ratio, as after a split",
        "leap": "the close leaps by a factor of 1.7 or more",
        "recycled": "a long hole, and another price level after it",
        "frozen": "the same prices on many bars in a row",
        "flat": "open, high, low and close are one number on many bars in a row",
        "stale_open": "the open equals the close before on many bars",
        "no_volume": "the volume is 0 throughout",
        "constant_volume": "the volume never changes",
        "zero_volume": "stretches of bars without volume",
        "volume_level": "the volume continues on another level",
        "daily_time": "daily bars do not begin at 00:00 UTC",
        "alignment": "the first bar of a session begins before it opens, and covers a part",
        "calendar": "which calendar the bars were held against",
    }
)
"""What each code of a finding means."""


@final
@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know about some rows.

    `count` is how many rows or bars it concerns, `spans` where they are (the first or largest ones, at most 20), `fix`
    what can be done. An "error" makes results wrong, a "warning" may, a "note" is worth knowing.
    """

    code: str
    severity: Severity
    message: str
    count: int
    spans: tuple[Span, ...] = ()
    fix: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain values; times as ISO 8601 text."""
        spans = [{"start": time_text(span.start), "stop": time_text(span.stop)} for span in self.spans]
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "count": self.count,
            "spans": spans,
            "fix": self.fix,
        }


@final
@dataclass(frozen=True, slots=True, eq=False)
class Gaps:
    """Runs of missing bars: the start of the first and of the last one missing (UTC ns), and how many."""

    first: IntArray
    last: IntArray
    count: IntArray

    def __len__(self) -> int:
        return len(self.first)

    @property
    def missing(self) -> int:
        """How many bars are missing in all."""
        return int(self.count.sum())


@final
@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of the bars that the calendar expects are there: in all, by UTC year, and over the last two years.

    The span is that of the data: bars missing before the first or after the last one are not counted.
    """

    expected: int
    present: int
    by_year: Mapping[int, float]
    last_two_years: float

    @property
    def share(self) -> float:
        """Present to expected; 1.0 where nothing is expected."""
        return self.present / self.expected if self.expected else 1.0


@final
@dataclass(frozen=True, slots=True, eq=False)
class QualityReport:
    """What was found in the rows of one instrument, errors first.

    `rows` came, `bars` (None: none) passed the rules and the band. `calendar` is "" where none was known: then there is
    no coverage, and gaps are only what the pauses between bars suggest. `alignment` says where intraday bars begin: at
    the session's "open", or by the "clock".
    """

    symbol: str
    timeframe: Timeframe
    calendar: str
    alignment: str
    rows: int
    bars: Bars | None
    refused: RawBars
    reasons: tuple[str, ...]
    findings: tuple[Finding, ...]
    coverage: Coverage | None = None
    gaps: Gaps = field(default_factory=lambda: Gaps(*(np.empty(0, dtype=np.int64) for _ in range(3))))

    @property
    def ok(self) -> bool:
        """Whether nothing was found that makes results wrong."""
        return all(finding.severity != "error" for finding in self.findings)

    def found(self, code: str) -> Finding | None:
        """The finding with a code, or None."""
        return next((finding for finding in self.findings if finding.code == code), None)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for a JSON document."""
        covered = None
        if self.coverage is not None:
            covered = {
                "expected": self.coverage.expected,
                "present": self.coverage.present,
                "share": self.coverage.share,
                "last_two_years": self.coverage.last_two_years,
                "by_year": {str(year): share for year, share in self.coverage.by_year.items()},
            }
        return {
            "symbol": self.symbol,
            "timeframe": self.timeframe.text,
            "calendar": self.calendar,
            "alignment": self.alignment,
            "rows": self.rows,
            "bars": 0 if self.bars is None else len(self.bars),
            "first": None if self.bars is None else time_text(int(self.bars.time[0])),
            "last": None if self.bars is None else time_text(int(self.bars.time[-1])),
            "ok": self.ok,
            "coverage": covered,
            "gaps": len(self.gaps),
            "missing": self.gaps.missing,
            "findings": [finding.to_dict() for finding in self.findings],
        }


def shown_time(time_ns: int, timeframe: Timeframe) -> str:
    """A time for a person: a date alone for daily and longer bars."""
    return time_text(time_ns)[: 16 if timeframe.is_intraday else 10].replace("T", " ")


def spans_at(times: IntArray, timeframe: Timeframe) -> tuple[Span, ...]:
    """The bars that begin at these times, as spans; the first ones."""
    return tuple(Span(int(time), int(time) + timeframe.ns) for time in times[:MOST_SPANS])
