"""A live series begins after the last bar in the catalogue, and no more of it is read than there is to know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import final

import numpy as np
import pytest

from autonomous_trading.app.market_data import BarCatalogue, Committed, Delivery, LiveSettings, Quarantined, live_from
from autonomous_trading.core import Bars, Timeframe
from autonomous_trading.data import SeriesKey, Span, around_the_clock
from autonomous_trading.data.streaming import BarGrid, Reading
from autonomous_trading.testing.catalogue import MemoryCatalogue

DAY = 86_400_000_000_000
START = 1_577_836_800_000_000_000
KEY = SeriesKey("sample", "X", Timeframe.of("1d"))
MEMORY = 1_000  # bars that merging remembers
NOW = Reading(START + 60_000 * DAY, 1)


@final
class Overheard(BarCatalogue):
    """A catalogue in memory, and how many days each read of it was about."""

    def __init__(self) -> None:
        self.held = MemoryCatalogue()
        self.days: list[float] = []

    def series(self) -> tuple[SeriesKey, ...]:
        return self.held.series()

    def spans(self, key: SeriesKey) -> tuple[Span, ...]:
        return self.held.spans(key)

    def facts(self, key: SeriesKey) -> Mapping[str, str]:
        return self.held.facts(key)

    def commit(self, key: SeriesKey, delivery: Delivery) -> Committed:
        return self.held.commit(key, delivery)

    def read(self, key: SeriesKey, span: Span | None = None, *, known_at: int | None = None) -> Bars:
        self.days.append(np.inf if span is None else (span.stop - span.start) / DAY)
        return self.held.read(key, span, known_at=known_at)

    def quarantined(self, key: SeriesKey) -> tuple[Quarantined, ...]:
        return self.held.quarantined(key)


def holding(spans: Iterable[tuple[int, int]], bars: Iterable[int]) -> Overheard:
    """A catalogue that was answered for some days, and has bars on some of them."""
    made, days = Overheard(), list(bars)
    for first, stop in spans:
        at = np.array([day for day in days if first <= day < stop], dtype=np.int64)
        one = np.ones(len(at))
        kept = Bars(START + at * DAY, one, one, one, one, one, symbol="X") if len(at) else None
        made.commit(KEY, Delivery(Span(START + first * DAY, START + stop * DAY), kept, NOW.wall))
    return made


def settings() -> LiveSettings:
    return LiveSettings(KEY, BarGrid(KEY.timeframe, around_the_clock(START, NOW.wall)))


def test_a_long_series_is_not_read_to_find_its_last_bar() -> None:
    catalogue = holding([(0, 4_000)], range(4_000))
    state = live_from(settings(), catalogue, NOW)
    assert state.merging.floor == START + 3_999 * DAY
    assert len(state.merging.recent) == MEMORY
    assert max(catalogue.days) <= MEMORY + 1


@pytest.mark.parametrize("last", [0, 1, 998, 1_000, 2_000, 2_001, 3_999, 25_000])
def test_a_last_bar_long_before_the_end_of_what_was_answered_is_found(last: int) -> None:
    catalogue = holding([(0, 10_000), (20_000, 30_000)], [0, last] if last else [0])
    assert live_from(settings(), catalogue, NOW).merging.floor == START + last * DAY


def test_answers_without_a_bar_leave_the_beginning_open() -> None:
    state = live_from(settings(), holding([(0, 5_000)], []), NOW)
    assert (state.merging.floor, state.merging.recent) == (-1, ())
