"""The port to where market data is kept."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import final

from autonomous_trading.core import Bars, Refused
from autonomous_trading.data import RawBars, SeriesKey, Span

__all__ = ["BarCatalogue", "Committed", "Delivery", "Quarantined", "facts_after", "refuse_other_feed"]


@final
@dataclass(frozen=True, slots=True, eq=False)
class Delivery:
    """What one sync brings for one series, already screened.

    `span` is what was asked for and answered in full; `bars` is None where the source had none in it. `refused` are
    the rows put aside, with a reason each. `facts` are words about where it came from (feed, request id). `live`:
    somebody waited for these bars as they were made, so each counts as known from its receipt, not from its end.
    """

    span: Span
    bars: Bars | None
    received_at: int
    refused: RawBars | None = None
    reasons: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    live: bool = False


@final
@dataclass(frozen=True, slots=True)
class Committed:
    """What a delivery changed: bars at new times, bars with other values than before, bars that were there already."""

    new: int
    revised: int
    repeated: int
    refused: int


@final
@dataclass(frozen=True, slots=True, eq=False)
class Quarantined:
    """Rows that were put aside, as they came, with the reason of each."""

    rows: RawBars
    reasons: tuple[str, ...]


def facts_after(key: SeriesKey, facts: Mapping[str, str], delivery: Delivery) -> dict[str, str]:
    """The words about a series with those of a delivery, which go before.

    Raises Refused where they name another feed: two feeds are two markets, and one would look like revisions of the
    other.
    """
    refuse_other_feed(key, facts, delivery.facts.get("feed", ""))
    return {**facts, **delivery.facts}


def refuse_other_feed(key: SeriesKey, facts: Mapping[str, str], feed: str) -> None:
    """Nothing, or Refused where the words about a series name another feed than this one ("" is none)."""
    held = facts.get("feed", "")
    if held and feed and held != feed:
        raise Refused(
            f"{key.text} holds bars of the feed {held}, and those of {feed} are not the same bars",
            fix=f"fetch with the feed {held}, or into another catalogue",
        )


class BarCatalogue(ABC):
    """Bars on a disk: what was fetched, when it was received, and what it was before it was revised.

    One delivery is one transaction: after a crash at any point a reader sees all of it or none. Nothing is overwritten:
    another value for a known time is a revision, kept beside the older one.

    What was known at a time: the first answer for a span tells what a reader could have seen then, so its bars count
    as known when they were over (start and length of the bar; daily bars at the end of their UTC day). What a later
    answer for the same time brings, another value or a bar that the first answer did not have, counts from its
    `received_at` on, and not before the bar was over; and so does every bar of a live delivery, first answer or not: a
    bar that was sent late was not there before it came. So of a span that was answered by then, a read with
    `known_at=t` gives the same bars for ever, whatever arrives after t. A clock that went back does not change that: a
    delivery counts as received no earlier than the one before it, also where that one changed nothing.
    """

    @abstractmethod
    def series(self) -> tuple[SeriesKey, ...]:
        """Every series that holds something, in order."""

    @abstractmethod
    def spans(self, key: SeriesKey) -> tuple[Span, ...]:
        """For which times the source has answered, merged; () for a series that is not there."""

    @abstractmethod
    def facts(self, key: SeriesKey) -> Mapping[str, str]:
        """The words about a series that came with its deliveries (its feed, its calendar); none where it is not there.

        `feed` names the market that its bars are of, `calendar` the sessions that its source trades in.
        """

    @abstractmethod
    def commit(self, key: SeriesKey, delivery: Delivery) -> Committed:
        """Keep a delivery. The same values again change nothing and are counted as repeated.

        Raises InvalidInput where bars lie outside the span of the delivery: nothing of it is kept then.
        """

    @abstractmethod
    def read(self, key: SeriesKey, span: Span | None = None, *, known_at: int | None = None) -> Bars:
        """The bars of a span, as they were known at a time (default: as they are known now).

        Raises DataNotFound where there is none, StoreDamaged where a file is not what was written.
        """

    @abstractmethod
    def quarantined(self, key: SeriesKey) -> tuple[Quarantined, ...]:
        """What was put aside, delivery by delivery; a row put aside before in the same way is not there twice."""
