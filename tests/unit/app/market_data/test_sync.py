"""A sync asks for what is missing, keeps what is whole, and accounts for every row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import final

import numpy as np
import pytest

from autonomous_trading.adapters.catalogue import ParquetCatalogue
from autonomous_trading.app.market_data import (
    BarCatalogue,
    BarProvider,
    Capabilities,
    Coverage,
    SyncProgress,
    SyncReport,
    SyncRules,
    finished_before,
    sync,
)
from autonomous_trading.app.market_data import _sync as sync_module
from autonomous_trading.core import IntArray, Refused, SourceCorrupt, SourceUnavailable, Timeframe, time_text
from autonomous_trading.data import BarsRequest, RawBars, SeriesKey, Span, around_the_clock
from autonomous_trading.testing.catalogue import MemoryCatalogue

MINUTE = 60_000_000_000
DAY = 86_400_000_000_000
START = 1_700_000_000_000_000_000 // DAY * DAY
NOW = START + 10 * DAY + 90 * MINUTE + 1
FRAME = Timeframe.of("1h")

Change = Callable[[RawBars], RawBars]


class Market(BarProvider):
    """Bars of any symbol, one every hour, in pages of fifty; `changes` says what becomes of a page."""

    def __init__(self, frame: Timeframe = FRAME, *, offer: Capabilities | None = None, **changes: Change) -> None:
        self.frame, self.changes = frame, changes
        self.offer = offer or Capabilities((frame.text,), late=0, days_late=0)
        self.asked: list[BarsRequest] = []
        self.fails_at = 0

    @property
    def name(self) -> str:
        return "market"

    def capabilities(self) -> Capabilities:
        return self.offer

    def pages(self, request: BarsRequest) -> Iterator[RawBars]:
        self.asked.append(request)
        if self.fails_at and len(self.asked) >= self.fails_at:
            yield self._page(request.symbols[0], np.array([request.span.start]))
            raise SourceUnavailable("the line is dead", fix="try again later")
        for symbol in request.symbols:
            first = -(-request.span.start // self.frame.ns) * self.frame.ns
            times = np.arange(first, request.span.stop, self.frame.ns)
            for at in range(0, len(times), 50):
                yield self._page(symbol, times[at : at + 50])

    def _page(self, symbol: str, times: IntArray) -> RawBars:
        close = (100.0 + times // self.frame.ns % 97 + len(symbol)).astype(np.float64)
        page = RawBars(symbol, times, close, close + 1.0, close - 1.0, close, close, received_at=NOW)
        change = self.changes.get(symbol)
        return page if change is None else change(page)

    def close(self) -> None:
        """Nothing is open."""


def asked(*symbols: str, first: float = 0.0, last: float = 10.0, frame: Timeframe = FRAME) -> BarsRequest:
    return BarsRequest(symbols, frame, Span(START + int(first * DAY), START + int(last * DAY)))


def done(
    provider: BarProvider, catalogue: BarCatalogue, request: BarsRequest, *, again: bool = False
) -> list[SyncReport]:
    return list(sync(provider, catalogue, request, now=lambda: NOW, rules=SyncRules(refresh=again)))


def key(symbol: str) -> SeriesKey:
    return SeriesKey("market", symbol, FRAME)


def counts(report: SyncReport) -> tuple[int, ...]:
    assert report.received == report.new + report.revised + report.repeated + report.refused + report.duplicates
    return report.new, report.revised, report.repeated, report.refused, report.duplicates


@pytest.fixture(params=["memory", "files"])
def catalogue(request: pytest.FixtureRequest, tmp_path: Path) -> BarCatalogue:
    return MemoryCatalogue() if request.param == "memory" else ParquetCatalogue(tmp_path)


def test_only_what_is_missing_is_asked_for(catalogue: BarCatalogue) -> None:
    market = Market()
    (report,) = done(market, catalogue, asked("A", first=2, last=4))
    assert (counts(report), report.fetched) == ((48, 0, 0, 0, 0), (Span(START + 2 * DAY, START + 4 * DAY),))
    (report,) = done(market, catalogue, asked("A", last=6))
    expected = (Span(START, START + 2 * DAY), Span(START + 4 * DAY, START + 6 * DAY))
    assert report.fetched == expected == tuple(each.span for each in market.asked[1:])
    assert catalogue.spans(key("A")) == (Span(START, START + 6 * DAY),)
    assert len(catalogue.read(key("A"))) == 144
    (report,) = done(market, catalogue, asked("A", last=6))
    assert (report.fetched, report.received, len(market.asked)) == ((), 0, 3)


def test_no_rows_are_an_answer(catalogue: BarCatalogue) -> None:
    market = Market()
    done(market, catalogue, asked("A", first=1, last=2))
    request = BarsRequest(("A",), FRAME, Span(START + 1, START + 2))
    (report,) = done(market, catalogue, request)
    assert (counts(report), catalogue.spans(key("A"))[0]) == ((0,) * 5, request.span)
    done(market, catalogue, request)
    assert len(market.asked) == 2


def test_where_there_never_was_a_row_nothing_is_kept(catalogue: BarCatalogue) -> None:
    """Or a series without a bar would stand in every list, and say that everything is there."""
    market = Market()
    request = BarsRequest(("A",), FRAME, Span(START + 1, START + 2))
    (report,) = done(market, catalogue, request)
    assert (counts(report), catalogue.series()) == ((0,) * 5, ())
    done(market, catalogue, request)
    assert len(market.asked) == 2


@final
class Written(BarProvider):
    """A file of so many bars: what lies behind its last one is not known."""

    def __init__(self, bars: int) -> None:
        self.market, self.bars = Market(), bars

    @property
    def name(self) -> str:
        return "market"

    def capabilities(self) -> Capabilities:
        return Capabilities((FRAME.text,), ends_with_last=True, late=0)

    def pages(self, request: BarsRequest) -> Iterator[RawBars]:
        end = min(request.span.stop, START + self.bars * FRAME.ns)
        if request.span.start < end:
            yield from self.market.pages(replace(request, span=Span(request.span.start, end)))

    def close(self) -> None:
        """Nothing is open."""


def test_what_is_written_later_behind_the_last_row_is_found(catalogue: BarCatalogue) -> None:
    assert counts(done(Written(30), catalogue, asked("A"))[0]) == (30, 0, 0, 0, 0)
    assert catalogue.spans(key("A")) == (Span(START, START + 30 * FRAME.ns),)
    assert counts(done(Written(30), catalogue, asked("A"))[0]) == (0, 0, 0, 0, 0)
    assert counts(done(Written(32), catalogue, asked("A"))[0]) == (2, 0, 0, 0, 0)


def test_symbols_that_lack_the_same_are_asked_for_together(catalogue: BarCatalogue) -> None:
    market = Market()
    done(market, catalogue, asked("B", last=3))
    reports = done(market, catalogue, asked("A", "B", "C", last=5))
    assert [each.symbols for each in market.asked[1:]] == [("A", "C"), ("B",)]
    assert [(each.key.symbol, each.new) for each in reports] == [("A", 120), ("B", 48), ("C", 120)]


def test_a_bar_that_is_not_over_is_neither_asked_for_nor_kept(catalogue: BarCatalogue) -> None:
    market = Market()
    (report,) = done(market, catalogue, asked("A", last=99))
    assert time_text(catalogue.read(key("A")).time[-1]) == time_text(START + 10 * DAY)
    assert market.asked[0].span.stop == report.until == catalogue.spans(key("A"))[0].stop
    (report,) = done(market, catalogue, asked("A", first=11, last=12))
    assert (report.fetched, len(market.asked)) == ((), 1)


@pytest.mark.parametrize(
    ("frame", "now", "expected"),
    [
        ("1m", 90, 90),
        ("30m", 95, 75),  # one that began at 01:00 is over, one that began at 01:15 is not
        ("10m", 94, 85),
        ("20m", 94, 75),
        ("1h", 90, 45),  # one that began at 00:30 is over, one that began at 00:45 is not
        ("1h", 89, 30),
        ("4h", 300, 75),
        ("1d", 1439, 0),
        ("1d", 1441, 1440),
    ],
)
def test_what_is_over(frame: str, now: int, expected: int) -> None:
    assert (finished_before(Timeframe.of(frame), START + now * MINUTE) - START) // MINUTE == expected


def test_every_row_is_accounted_for(catalogue: BarCatalogue) -> None:
    def worse(page: RawBars) -> RawBars:
        rows = np.concatenate([np.arange(len(page)), [0, 0, 1]])
        page = page.taken(rows)
        close, high = page.close.copy(), page.high.copy()
        close[-1] += 0.5  # the same time twice, with other values
        high[5], close[7] = 1.0, np.inf
        time = page.time.copy()
        time[9] = np.iinfo(np.int64).min
        return RawBars(page.symbol, time, page.open, high, page.low, close, page.volume, page.received_at)

    (report,) = done(Market(A=worse), catalogue, asked("A", last=2))
    assert counts(report) == (44, 0, 0, 5, 2)
    assert report.reasons == {"high_below_low": 1, "not_finite": 1, "bad_time": 1, "conflicting_duplicate": 2}
    (aside,) = catalogue.quarantined(key("A"))
    assert sorted(aside.reasons) == sorted(name for name, count in report.reasons.items() for _ in range(count))


def test_a_refresh_finds_revisions(catalogue: BarCatalogue) -> None:
    done(Market(), catalogue, asked("A", last=2))

    def revised(page: RawBars) -> RawBars:
        close = page.close + np.where(np.arange(len(page)) % 12 == 0, 0.5, 0.0)
        return RawBars(page.symbol, page.time, page.open, page.high, page.low, close, page.volume, page.received_at)

    (report,) = done(Market(A=revised), catalogue, asked("A", last=2), again=True)
    assert counts(report) == (0, 4, 44, 0, 0)
    then = catalogue.read(key("A"), known_at=NOW - 1)
    assert (catalogue.read(key("A")).close - then.close).sum() == 2.0


@pytest.mark.parametrize("fails_at", [1, 2, 3])
def test_what_is_complete_stays_when_the_source_fails(
    catalogue: BarCatalogue, fails_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync_module, "_BARS_AT_ONCE", 120)
    market = Market()
    market.fails_at = fails_at
    with pytest.raises(SourceUnavailable):
        done(market, catalogue, asked("A", "B", last=10))
    assert [each.symbols for each in market.asked] == [("A",), ("B",), ("A",)][:fails_at]
    assert len(catalogue.series()) == fails_at - 1
    for series in catalogue.series():
        assert catalogue.spans(series) == (Span(START, START + 5 * DAY),)
        assert len(catalogue.read(series)) == 120
    done(Market(), catalogue, asked("A", "B", last=10))
    assert {len(catalogue.read(key(symbol))) for symbol in "AB"} == {240}


def test_what_was_not_asked_for_is_not_kept(catalogue: BarCatalogue) -> None:
    def later(page: RawBars) -> RawBars:
        return RawBars(page.symbol, page.time + 5 * DAY, *(page.close,) * 5, received_at=NOW)

    with pytest.raises(SourceCorrupt, match=r"market answered with a bar of A at .*, outside"):
        done(Market(A=later), catalogue, asked("A", last=2))
    with pytest.raises(SourceCorrupt, match="answered with B, which was not asked for"):
        done(Market(A=lambda page: RawBars("B", page.time, *(page.close,) * 5, NOW)), catalogue, asked("A"))
    assert catalogue.series() == ()


def test_progress_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync_module, "_BARS_AT_ONCE", 48)
    told: list[SyncProgress] = []
    sync(Market(), MemoryCatalogue(), asked("A", "B", last=4), now=lambda: NOW, progress=told.append)
    assert [(each.done, each.requests, each.received) for each in told] == [(n, 4, 48 * n) for n in range(1, 5)]


def test_a_feed_is_noted(tmp_path: Path) -> None:
    catalogue = ParquetCatalogue(tmp_path)
    request = BarsRequest(("A",), FRAME, Span(START, START + DAY), feed="iex")
    sync(Market(), catalogue, request, now=lambda: NOW)
    assert '"facts":{"feed":"iex"}' in next(tmp_path.rglob("manifest.json")).read_text()


def test_what_was_asked_and_the_last_two_years_are_told_apart() -> None:
    """A span of long ago is whole, and says nothing of the last two years; its calendar is kept with its bars."""
    catalogue, always = MemoryCatalogue(), around_the_clock(START, START + 900 * DAY)
    old = BarsRequest(("A",), FRAME, Span(START, START + DAY))
    rules = SyncRules(sessions={"A": always})
    (report,) = sync(Market(), catalogue, old, now=lambda: START + 900 * DAY, rules=rules)
    assert report.coverage == Coverage(1, 1, "sessions of 24/7")
    assert report.two_years is None
    assert dict(catalogue.facts(report.key)) == {"calendar": "24/7"}
    (report,) = sync(Market(), catalogue, old, now=lambda: START + 10 * DAY)
    assert report.two_years is not None
    assert (report.two_years.days, report.two_years.expected > 500) == (1, True)


def test_another_feed_is_refused_also_where_nothing_is_missing() -> None:
    catalogue, market = MemoryCatalogue(), Market()
    request = BarsRequest(("A",), FRAME, Span(START, START + DAY), feed="iex")
    sync(market, catalogue, request, now=lambda: NOW)
    assert not any(report.fetched for report in sync(market, catalogue, request, now=lambda: NOW))
    for span in (request.span, Span(START - DAY, START + DAY)):
        other = BarsRequest(("B", "A"), FRAME, span, feed="sip")
        with pytest.raises(Refused, match="A:1h holds bars of the feed iex, and those of sip are not the same"):
            sync(market, catalogue, other, now=lambda: NOW)
    assert catalogue.series() == (key("A"),)


def a_wild_print(row: int) -> Change:
    """The bar that starts so many bars after the first has a close that no neighbour knows."""
    at = START + row * FRAME.ns

    def change(page: RawBars) -> RawBars:
        wild = page.time == at
        close = np.where(wild, page.close * 3.0, page.close)
        return replace(page, close=close, high=np.maximum(page.high, close))

    return change


@pytest.mark.parametrize("last", [10.0, 2.0])
def test_a_wild_print_is_put_aside_also_where_the_bars_before_it_came_earlier(
    catalogue: BarCatalogue, last: float
) -> None:
    market = Market(A=a_wild_print(55))
    done(market, catalogue, asked("A", last=last))
    done(market, catalogue, asked("A", last=10.0))
    (aside,) = catalogue.quarantined(key("A"))
    assert (aside.reasons, aside.rows.time.tolist()) == (("outlier",), [START + 55 * FRAME.ns])
    assert len(catalogue.read(key("A"))) == 239


def test_without_a_band_every_sound_row_is_kept(catalogue: BarCatalogue) -> None:
    request = asked("A", last=10.0)
    (report,) = sync(Market(A=a_wild_print(55)), catalogue, request, now=lambda: NOW, rules=SyncRules(band=None))
    assert counts(report) == (240, 0, 0, 0, 0)


def test_a_wild_newest_bar_waits_for_a_witness(catalogue: BarCatalogue) -> None:
    """Whatever the pace of the syncs: the bar behind it tells, and until then it does not count as answered."""
    market = Market(A=a_wild_print(220))

    def synced_at(hours: int) -> SyncReport:
        (report,) = sync(market, catalogue, asked("A"), now=lambda: START + hours * FRAME.ns + 45 * MINUTE)
        return report

    for hours in (216, 221):
        synced_at(hours)
    assert catalogue.spans(key("A")) == (Span(START, START + 220 * FRAME.ns),)
    assert catalogue.quarantined(key("A")) == ()
    report = synced_at(222)
    assert (counts(report), report.reasons) == ((1, 0, 0, 1, 0), {"outlier": 1})
    (aside,) = catalogue.quarantined(key("A"))
    assert (aside.reasons, aside.rows.time.tolist()) == (("outlier",), [START + 220 * FRAME.ns])
    assert catalogue.spans(key("A")) == (Span(START, START + 222 * FRAME.ns),)


def test_a_witness_that_exists_is_asked_for_and_not_kept(catalogue: BarCatalogue) -> None:
    """Of an old span the newest bar is judged too: the bar after it is over, if outside what was asked for."""
    market = Market(A=a_wild_print(47))
    (report,) = done(market, catalogue, asked("A", last=2.0))
    assert (counts(report), report.reasons) == ((47, 0, 0, 1, 0), {"outlier": 1})
    assert catalogue.spans(key("A")) == (Span(START, START + 2 * DAY),)
    assert [each.span.start for each in market.asked] == [START, START + 2 * DAY]


def test_a_wild_last_bar_of_an_old_series_is_kept(catalogue: BarCatalogue) -> None:
    """Nothing followed it for ten days and more: it is the last word of this market."""
    written = Written(48)
    written.market = Market(A=a_wild_print(47))
    last = START + 47 * FRAME.ns
    patience = 10 * DAY + FRAME.ns
    assert counts(sync(written, catalogue, asked("A"), now=lambda: last + patience)[0]) == (47, 0, 0, 0, 0)
    assert counts(sync(written, catalogue, asked("A", last=12), now=lambda: NOW + 20 * DAY)[0]) == (1, 0, 0, 0, 0)


def test_the_bars_before_are_found_behind_a_long_pause(catalogue: BarCatalogue) -> None:
    """Eight times as far as they reach without a pause there is nothing: it looks on until it has them."""

    def with_a_pause(page: RawBars) -> RawBars:
        pause = (page.time >= START + 60 * FRAME.ns) & (page.time < START + 60 * FRAME.ns + 60 * DAY)
        return a_wild_print(61 + 60 * 24)(page.taken(~pause))

    market, ends = Market(A=with_a_pause), START + 70 * DAY
    for last in (62.5, 70.0):
        sync(market, catalogue, asked("A", last=last), now=lambda: ends)
    (aside,) = catalogue.quarantined(key("A"))
    assert aside.rows.time.tolist() == [START + 61 * FRAME.ns + 60 * DAY]


def test_what_is_before_the_first_bar_held_is_judged_by_itself(catalogue: BarCatalogue) -> None:
    market = Market(A=a_wild_print(5))
    done(market, catalogue, asked("A", first=5, last=6))
    (report,) = done(market, catalogue, asked("A", first=0, last=1))
    assert counts(report) == (24, 0, 0, 0, 0)  # fewer bars than a window say nothing


@pytest.mark.parametrize(("feed", "late"), [("", 1), ("slow", 16)])
def test_what_a_source_may_be_late_with_is_not_asked_for_yet(feed: str, late: int) -> None:
    """Or an answer without it would count as the whole, and the bar as one that came later."""
    minutes = Timeframe.of("1m")
    offer = Capabilities(("1m", "1d"), late=MINUTE, feeds_late={"slow": 16 * MINUTE}, days_late=2 * DAY)
    market, catalogue = Market(minutes, offer=offer), MemoryCatalogue()
    request = BarsRequest(("A",), minutes, Span(START + 10 * DAY, NOW), feed=feed)
    (report,) = sync(market, catalogue, request, now=lambda: NOW)
    assert report.until == market.asked[-1].span.stop == NOW - 1 - late * MINUTE
    days = BarsRequest(("A",), Timeframe.of("1d"), Span(START, NOW), feed=feed)
    (report,) = sync(Market(days.timeframe, offer=offer), catalogue, days, now=lambda: NOW)
    assert report.until == START + 8 * DAY
