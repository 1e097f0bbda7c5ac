"""The port to whoever sells or gives bars."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, final

from autonomous_trading.core import Timeframe
from autonomous_trading.data import BarsRequest, RawBars

__all__ = ["BarProvider", "Capabilities"]

_MINUTE_NS: Final = 60 * 1_000_000_000
_DAYS_LATE_NS: Final = 7 * 60 * _MINUTE_NS  # Alpaca's days of crypto end at midnight in Chicago, in winter at 06:00 UTC


@final
@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider can be asked for.

    `timeframes` and `adjustments` as texts ("1h", "raw"); `feeds` are the names it knows, () where it has none;
    `calendar` is the exchange calendar its bars follow ("XNYS", "24/7", "24/5", or "" where that is not known), and
    `pair_calendar` that of pairs of currencies ("BTC/USD") where it is another one.
    `ends_with_last`: nothing is known of what lies behind its newest row, because it ends where somebody stopped
    writing (a file, a table): it is asked again for everything after that.

    `late`, `feeds_late` (by feed, where one differs) and `days_late` (bars of a day and longer): so many nanoseconds
    after its end a bar is there for certain. Before that an answer without it says nothing, and is not asked for.
    """

    timeframes: tuple[str, ...]
    adjustments: tuple[str, ...] = ("raw",)
    feeds: tuple[str, ...] = ()
    calendar: str = ""
    ends_with_last: bool = False
    pair_calendar: str = ""
    late: int = _MINUTE_NS
    feeds_late: Mapping[str, int] = field(default_factory=dict)
    days_late: int = _DAYS_LATE_NS

    def calendar_of(self, symbol: str) -> str:
        """The calendar that the bars of a symbol follow; "" where it is not known."""
        return (self.pair_calendar if "/" in symbol else "") or self.calendar

    def lateness(self, timeframe: Timeframe, feed: str = "") -> int:
        """How many nanoseconds after its end a bar of this length is there for certain."""
        return self.feeds_late.get(feed, self.late) if timeframe.is_intraday else self.days_late


class BarProvider(ABC):
    """A source of historical bars.

    The contract (`testing.contracts`): pages of one symbol come in order of time, hold no row outside the span, and are
    as the source gave them (`RawBars`: nothing repaired, nothing dropped); a bar that is not over yet is left out; a
    symbol without rows in the span yields no page. A failure raises and the pages before it are not to be kept:
    UnknownName for a symbol the source does not have, SourceDenied for keys or subscriptions, SourceUnavailable where
    it cannot be reached in time, SourceCorrupt where the answer breaks the source's own promises.
    """

    @property
    @abstractmethod
    def name(self) -> str:
        """What a data string calls it: "alpaca"."""

    @abstractmethod
    def capabilities(self) -> Capabilities:
        """What it can be asked for; nothing is asked of the network."""

    @abstractmethod
    def pages(self, request: BarsRequest) -> Iterator[RawBars]:
        """The rows asked for, page by page, one symbol a page."""

    @abstractmethod
    def close(self) -> None:
        """Let go of connections. Calling it again does nothing."""
