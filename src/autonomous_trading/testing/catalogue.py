"""A catalogue in memory that keeps every promise of the port, written to be obvious: for tests of who uses one."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, final

import numpy as np

from autonomous_trading.app.market_data import (
    ActionCatalogue,
    ActionsCommitted,
    BarCatalogue,
    Committed,
    DatedAction,
    Delivery,
    Quarantined,
    dated_after,
    facts_after,
    known_actions,
)
from autonomous_trading.core import Bars, DataNotFound, InvalidInput
from autonomous_trading.data import RawBars, SeriesKey, Span, merged_spans
from autonomous_trading.data.actions import CorporateAction

__all__ = ["MemoryCatalogue"]

_COLUMNS = ("open", "high", "low", "close", "volume")


class _Value(NamedTuple):
    """What a bar was said to be, and from when that counts."""

    values: dict[str, float]
    known_from: int


@final
class MemoryCatalogue(BarCatalogue, ActionCatalogue):
    """Bars and corporate actions in dictionaries, gone with the object."""

    def __init__(self) -> None:
        self._values: dict[SeriesKey, dict[int, list[_Value]]] = {}
        self._spans: dict[SeriesKey, tuple[Span, ...]] = {}
        self._aside: dict[SeriesKey, list[Quarantined]] = {}
        self._received: dict[SeriesKey, int] = {}
        self._facts: dict[SeriesKey, dict[str, str]] = {}
        self._actions: dict[tuple[str, str], tuple[tuple[DatedAction, ...], tuple[Span, ...], int]] = {}

    def series(self) -> tuple[SeriesKey, ...]:
        """Every series that holds something, in order."""
        return tuple(sorted(self._spans, key=lambda key: (key.source, key.symbol, key.timeframe, key.adjustment)))

    def spans(self, key: SeriesKey) -> tuple[Span, ...]:
        """For which times the source has answered."""
        return self._spans.get(key, ())

    def facts(self, key: SeriesKey) -> Mapping[str, str]:
        """The words about a series that came with its deliveries."""
        return dict(self._facts.get(key, {}))

    def commit(self, key: SeriesKey, delivery: Delivery) -> Committed:
        """Keep a delivery, bar by bar."""
        bars, span = delivery.bars, delivery.span
        times = [] if bars is None else bars.time.tolist()
        refused = 0 if delivery.refused is None else len(delivery.refused)
        if span.start >= span.stop or len(delivery.reasons) != refused:
            raise InvalidInput("a delivery with an empty span, or rows without reasons", fix="give both")
        if any(not span.start <= time < span.stop for time in times):
            raise InvalidInput("a bar is outside the span of its delivery", fix="deliver only what was asked for")
        self._facts[key] = facts_after(key, self._facts.get(key, {}), delivery)
        received = max(delivery.received_at, self._received.get(key, 0))
        counts = {"new": 0, "revised": 0, "repeated": 0}
        for row, time in enumerate(times):
            counts[self._kept(key, time, _row(bars, row), received, live=delivery.live)] += 1
        self._put_aside(key, delivery)
        self._received[key] = received
        self._spans[key] = merged_spans([*self.spans(key), span])
        return Committed(**counts, refused=refused)

    def _put_aside(self, key: SeriesKey, delivery: Delivery) -> None:
        """Keep the rows that were not put aside before in the same way."""
        held = self._aside.setdefault(key, [])
        seen = {each for part in held for each in _texts(part.rows, part.reasons)}
        if delivery.refused is None:
            return
        texts = _texts(delivery.refused, delivery.reasons)
        fresh = np.array([at for at, text in enumerate(texts) if text not in seen], dtype=np.int64)
        if len(fresh):
            held.append(Quarantined(delivery.refused.taken(fresh), tuple(delivery.reasons[at] for at in fresh)))

    def _kept(self, key: SeriesKey, time: int, values: dict[str, float], received: int, *, live: bool) -> str:
        versions = self._values.setdefault(key, {}).setdefault(time, [])
        over = int(key.timeframe.following(np.array([time]))[0])
        answered = any(span.start <= time < span.stop for span in self.spans(key))
        if versions and all(_same(versions[-1].values.get(name, np.nan), value) for name, value in values.items()):
            return "repeated"
        word = "revised" if versions else "new"
        versions.append(_Value(values, max(over, received) if versions or answered or live else over))
        return word

    def read(self, key: SeriesKey, span: Span | None = None, *, known_at: int | None = None) -> Bars:
        """The bars of a span, as they were known at a time."""
        found: dict[int, dict[str, float]] = {}
        for time, versions in sorted(self._values.get(key, {}).items()):
            known = [each.values for each in versions if known_at is None or each.known_from <= known_at]
            if known and (span is None or span.start <= time < span.stop):
                found[time] = known[-1]
        if not found:
            raise DataNotFound(f"there is nothing of {key.text}", fix="fetch it first")
        names = dict.fromkeys(name for values in found.values() for name in values)
        columns = {name: np.array([values.get(name, np.nan) for values in found.values()]) for name in names}
        extra = {name: values for name, values in columns.items() if name not in _COLUMNS}
        return Bars(np.array(list(found)), **{name: columns[name] for name in _COLUMNS}, symbol=key.symbol, extra=extra)

    def quarantined(self, key: SeriesKey) -> tuple[Quarantined, ...]:
        """What was put aside, delivery by delivery."""
        return tuple(self._aside.get(key, ()))

    def actions(self, source: str, symbol: str, *, known_at: int | None = None) -> tuple[CorporateAction, ...]:
        """The corporate actions of a symbol, as they were known at a time."""
        return known_actions(self._actions.get((source, symbol), ((), (), 0))[0], known_at)

    def commit_actions(
        self, source: str, symbol: str, span: Span, actions: Sequence[CorporateAction], received_at: int
    ) -> ActionsCommitted:
        """Keep what a source answered for a span of ex times."""
        dated, spans, before = self._actions.get((source, symbol), ((), (), 0))
        received = max(received_at, before)
        after, answered, told = dated_after(dated, spans, span, actions, received)
        self._actions[source, symbol] = (after, answered, received)
        return told


def _texts(rows: RawBars, reasons: Sequence[str]) -> list[str]:
    columns = [rows.time, *(getattr(rows, name) for name in _COLUMNS)]
    return [f"{[float(column[at]).hex() for column in columns]} {reason}" for at, reason in enumerate(reasons)]


def _row(bars: Bars | None, row: int) -> dict[str, float]:
    if bars is None:
        return {}
    values = {name: float(getattr(bars, name)[row]) for name in _COLUMNS}
    return values | {name: float(column[row]) for name, column in bars.extra.items()}


def _same(one: float, other: float) -> bool:
    return one == other or (one != one and other != other)
