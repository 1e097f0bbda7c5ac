"""Series with the time they were knowable: what is taken, what is refused, what is known when."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autonomous_trading.core import Bars, InvalidBars, InvalidInput, Timeframe
from autonomous_trading.data import Sessions
from autonomous_trading.data.knowable import (
    CALL,
    PUT,
    BookUpdates,
    Fundamental,
    KnowableSeries,
    OptionChain,
    Quotes,
    Trades,
    as_of,
    decision_times,
    fundamental_series,
    join,
    over_times,
)

DAY = 86_400_000_000_000
HOUR = 3_600_000_000_000


def whole(*values: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.array(values, dtype=np.int64)


def series(*rows: tuple[int, int, float], name: str = "cpi") -> KnowableSeries:
    knowable, reference, value = (list(column) for column in zip(*rows, strict=True)) if rows else ([], [], [])
    return KnowableSeries(name, whole(*knowable), whole(*reference), np.array(value, dtype=np.float64))


def bars(*time: int) -> Bars:
    flat = np.full(len(time), 100.0)
    return Bars(time=whole(*time), open=flat, high=flat, low=flat, close=flat, volume=flat)


def test_the_newest_reference_counts_and_revisions_of_older_ones_do_not() -> None:
    given = series((10, 1, 1.0), (20, 2, 2.0), (30, 1, 1.5), (40, 2, 2.5), (50, 3, np.nan))
    known = as_of(given, whole(9, 10, 19, 20, 30, 39, 40, 49, 50, 99))
    assert np.array_equal(known, [np.nan, 1, 1, 2, 2, 2, 2.5, 2.5, np.nan, np.nan], equal_nan=True)


def test_a_value_grows_too_old() -> None:
    known = as_of(series((10, 1, 1.0)), whole(10, 15, 16), max_age=5)
    assert np.array_equal(known, [1.0, 1.0, np.nan], equal_nan=True)
    with pytest.raises(InvalidInput, match="max_age is -1"):
        as_of(series((10, 1, 1.0)), whole(10), max_age=-1)


def test_an_empty_series_knows_nothing() -> None:
    assert np.isnan(as_of(series(), whole(1, 2))).all()


def test_rows_are_put_in_order_and_closed() -> None:
    given = series((20, 2, 2.0), (10, 1, 1.0))
    assert given.knowable_at.tolist() == [10, 20]
    with pytest.raises(ValueError, match="read-only"):
        given.value[0] = 3.0
    assert repr(given) == "KnowableSeries('cpi', 2 values, unit '', source '')"
    assert len(given.known_by(15)) == 1
    assert given.named("inflation").name == "inflation"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "two words"}, "cannot be called 'two words'"),
        ({"name": "close"}, "cannot be called 'close'"),
        ({"knowable_at": whole(1)}, "reference has 2 rows, not 1"),
        ({"knowable_at": np.array([1.0, 2.0])}, "knowable_at has type float64"),
        ({"knowable_at": np.array(["NaT", "2020-01-01"], dtype="datetime64[s]")}, "missing time"),
        ({"value": np.array([1.0, np.inf])}, "value holds an infinite value"),
        ({"value": np.array(["a", "b"])}, "value has type"),
        ({"knowable_at": whole(1, 1), "reference": whole(0, 0)}, "1970-01-01T00:00:00 came twice"),
    ],
)
def test_what_is_no_series_is_refused(change: dict[str, Any], words: str) -> None:
    given: dict[str, Any] = {"name": "a", "knowable_at": whole(1, 2), "reference": whole(1, 2), "value": np.zeros(2)}
    with pytest.raises(InvalidInput, match=words):
        KnowableSeries(**{**given, **change})


def test_dates_of_numpy_are_taken_as_utc() -> None:
    dates = np.array(["1970-01-02", "1970-01-03"], dtype="datetime64[D]")
    assert KnowableSeries("a", dates, dates, np.zeros(2)).knowable_at.tolist() == [DAY, 2 * DAY]


def test_an_intraday_bar_decides_when_it_is_over() -> None:
    times = whole(0, HOUR, 5 * HOUR)
    assert decision_times(times).tolist() == [HOUR, 2 * HOUR, 6 * HOUR]
    assert decision_times(times, decide_at="open").tolist() == times.tolist()
    assert decision_times(whole(0), timeframe=Timeframe.of("30m")).tolist() == [HOUR // 2]


def test_a_daily_bar_decides_at_the_close_of_its_session() -> None:
    sessions = Sessions(
        "X", whole(DAY, 2 * DAY), whole(DAY - HOUR, 2 * DAY + HOUR), whole(DAY + HOUR, 2 * DAY + 9 * HOUR),
        np.empty((0, 2), dtype=np.int64),
    )  # fmt: skip
    times = whole(0, DAY, 2 * DAY, 3 * DAY)
    assert decision_times(times).tolist() == [DAY, 2 * DAY, 3 * DAY, 4 * DAY]
    at_close = decision_times(times, sessions=sessions)
    assert at_close.tolist() == [0, DAY + HOUR, 2 * DAY + 9 * HOUR, 2 * DAY + 9 * HOUR]
    at_open = decision_times(times, decide_at="open", sessions=sessions)
    assert at_open.tolist() == [0, DAY - HOUR, 2 * DAY + HOUR, 3 * DAY]
    weekly = decision_times(whole(0), timeframe=Timeframe.of("1w"), sessions=sessions)
    assert weekly.tolist() == [2 * DAY + 9 * HOUR]


@pytest.mark.parametrize("hour", [0, 5, 15, 21])
def test_whatever_hour_a_daily_bar_carries_it_decides_on_its_own_date(hour: int) -> None:
    dates = whole(4 * DAY, 5 * DAY, 6 * DAY)  # Monday to Wednesday
    sessions = Sessions("X", dates, dates + 14 * HOUR, dates + 21 * HOUR, np.empty((0, 2), dtype=np.int64))
    times = dates + hour * HOUR
    assert decision_times(times, sessions=sessions).tolist() == sessions.close.tolist()
    assert decision_times(times, decide_at="open", sessions=sessions).tolist() == sessions.open.tolist()
    weekly = decision_times(times[:1], timeframe=Timeframe.of("1w"), sessions=sessions)
    assert weekly.tolist() == [sessions.close[2]]


def test_days_of_23_hours_are_days() -> None:
    dates = whole(4 * DAY, 5 * DAY, 6 * DAY)
    sessions = Sessions("X", dates, dates + 14 * HOUR, dates + 21 * HOUR, np.empty((0, 2), dtype=np.int64))
    for hours in ((5, 4, 4), (22, 21, 21)):  # midnight in New York, and an hour after the close
        times = dates + np.array(hours) * HOUR
        assert decision_times(times, sessions=sessions).tolist() == sessions.close.tolist()
        assert decision_times(times, decide_at="open", sessions=sessions).tolist() == sessions.open.tolist()


def test_the_short_last_bar_of_a_session_decides_before_the_next_session_opens() -> None:
    dates = whole(4 * DAY, 5 * DAY)
    sessions = Sessions("24/5", dates, dates - 2 * HOUR, dates + 22 * HOUR, np.empty((0, 2), dtype=np.int64))
    opening = int(sessions.open[0])
    times = whole(*(opening + hours * HOUR for hours in (0, 7, 14, 21, 24, 31, 48)))
    found = decision_times(times, timeframe=Timeframe.of("7h"), sessions=sessions)
    assert ((found - opening) / HOUR).tolist() == [7, 14, 21, 24, 31, 38, 55]
    at_open = decision_times(times, decide_at="open", timeframe=Timeframe.of("7h"), sessions=sessions)
    assert at_open.tolist() == times.tolist()


def test_a_close_is_known_when_its_bar_was_over_and_in_doubt_later() -> None:
    months = np.array(["2023-01", "2023-02", "2023-03", "2023-04"], dtype="datetime64[M]").astype("datetime64[ns]")
    starts = months.astype(np.int64)
    assert (over_times(starts)[:-1] >= starts[1:]).all()
    assert (decision_times(starts)[:-1] <= starts[1:]).all()
    uneven = whole(0, 7 * HOUR, 14 * HOUR, 21 * HOUR, 24 * HOUR)
    assert over_times(uneven).tolist() == [7 * HOUR, 14 * HOUR, 21 * HOUR, 28 * HOUR, 31 * HOUR]
    dates = whole(4 * DAY, 5 * DAY, 6 * DAY)
    sessions = Sessions("X", dates, dates, dates + 6 * HOUR, np.empty((0, 2), dtype=np.int64))
    for hour in (-9, 0, 5):  # local midnight in Tokyo, in London, in New York
        assert over_times(dates + hour * HOUR, sessions=sessions).tolist() == sessions.close.tolist()
    assert over_times(whole(3 * DAY, 4 * DAY), sessions=sessions).tolist() == [4 * DAY, 4 * DAY + 6 * HOUR]
    week = Timeframe.of("1w")
    assert over_times(whole(4 * DAY), timeframe=week, sessions=sessions).tolist() == [11 * DAY]  # they end before it
    with pytest.raises(InvalidBars, match="how long it is"):
        over_times(whole(0))


def test_one_bar_alone_has_no_length() -> None:
    with pytest.raises(InvalidBars, match="how long it is"):
        decision_times(whole(0))
    with pytest.raises(InvalidInput, match="decide_at is 'noon'"):
        decision_times(whole(0, 1), decide_at="noon")  # type: ignore[arg-type]


def test_joined_columns_hold_what_was_known_at_the_close() -> None:
    joined = join(
        bars(0, DAY, 2 * DAY), series((DAY, 0, 1.0), (2 * DAY + 1, DAY, 2.0)), series((5 * DAY, 0, 1.0), name="b")
    )
    assert joined.extra["cpi"].tolist() == [1.0, 1.0, 2.0]
    assert np.isnan(joined.extra["b"]).all()
    again = join(joined, series((DAY, 0, 1.0), name="c"), decide_at=whole(DAY - 1, DAY, DAY))
    assert list(again.extra) == ["cpi", "b", "c"]
    assert np.array_equal(again.extra["c"], [np.nan, 1.0, 1.0], equal_nan=True)
    with pytest.raises(InvalidInput, match="two columns 'cpi'"):
        join(joined, series((DAY, 0, 1.0)))


def test_a_filing_counts_from_the_day_it_was_filed() -> None:
    facts = [
        Fundamental("AAPL", "shares", 0, 40 * DAY, 10.0, "shares", "10-Q"),
        Fundamental("AAPL", "shares", 0, 90 * DAY, 11.0, "shares", "10-Q/A"),
        Fundamental("AAPL", "net_income", 0, 40 * DAY, 3.0),
    ]
    shares = fundamental_series(facts, "AAPL", "shares")
    assert shares.unit == "shares"
    assert as_of(shares, whole(39 * DAY, 40 * DAY, 90 * DAY))[1:].tolist() == [10.0, 11.0]
    with pytest.raises(InvalidInput, match="there is no shares of MSFT"):
        fundamental_series(facts, "MSFT", "shares")
    with pytest.raises(InvalidInput, match="before the period ended"):
        Fundamental("AAPL", "shares", DAY, 0, 10.0)
    with pytest.raises(InvalidInput, match="shares is nan"):
        Fundamental("AAPL", "shares", 0, DAY, np.nan)


def test_ticks_fill_in_what_is_not_said() -> None:
    trades = Trades("IBM", whole(1, 2), np.array([9.0, 9.5]), np.array([1.0, 2.0]))
    assert (len(trades), trades.sides.tolist(), trades.venues.tolist()) == (2, [0, 0], [0, 0])
    assert trades.events.tolist() == [1, 2]
    nine = np.array([9.0])
    quotes = Quotes("IBM", whole(1), nine, nine, nine, nine, event_time=whole(0))
    assert (len(quotes), quotes.events.tolist(), quotes.venues.tolist()) == (1, [0], [0])
    book = BookUpdates("X", whole(1), whole(-1), np.array([9.0]), np.array([0.0]), np.array([True]))
    assert (len(book), book.events.tolist(), book.snapshot.tolist()) == (1, [1], [True])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"time": whole(2, 1)}, "row 1 is earlier than the row above it"),
        ({"price": np.array([0.0, 1.0])}, "a price that is not positive"),
        ({"size": np.array([np.nan, 1.0])}, "a negative or missing size"),
        ({"side": whole(2, 0)}, "a side other than 1, 0 and -1"),
        ({"exchange": whole(0, 1)}, "an exchange that is not listed"),
        ({"event_time": whole(1)}, "event_time has 1 rows, not 2"),
    ],
)
def test_trades_that_cannot_be_are_refused(change: dict[str, Any], words: str) -> None:
    given: dict[str, Any] = {"symbol": "X", "time": whole(1, 2), "price": np.ones(2), "size": np.ones(2)}
    with pytest.raises(InvalidInput, match=words):
        Trades(**{**given, **change})


def test_a_chain_is_ordered_and_has_each_contract_once() -> None:
    given: dict[str, Any] = {
        "underlying": "SPY", "as_of": 5, "strike": np.array([2.0, 1.0, 1.0]), "expiry": whole(DAY, DAY, DAY),
        "right": whole(CALL, CALL, PUT), "bid": np.array([0.1, 0.2, 0.3]), "symbols": ("a", "b", "c"),
    }  # fmt: skip
    chain = OptionChain(**given)
    assert (len(chain), chain.symbols, chain.bid.tolist()) == (3, ("c", "b", "a"), [0.3, 0.2, 0.1])
    assert np.isnan(chain.delta).all()
    with pytest.raises(InvalidInput, match="a contract comes twice"):
        OptionChain(**{**given, "right": whole(CALL, CALL, CALL)})
    with pytest.raises(InvalidInput, match="a right is not 1 or -1"):
        OptionChain(**{**given, "right": whole(CALL, CALL, 0)})
    with pytest.raises(InvalidInput, match="bid has 2 rows, not 3"):
        OptionChain(**{**given, "bid": np.array([0.1, 0.2])})


def test_no_bar_is_decided_on_after_the_next_one_opened() -> None:
    """Two-hour bars of a session that ends after the first half of the last one; and a timeframe that is too long."""
    starts = np.array([0, 2, 4, 5, 7], dtype=np.int64) * HOUR
    ended = decision_times(starts, timeframe=Timeframe.of("2h"))
    assert (ended // HOUR).tolist() == [2, 4, 5, 7, 9]
    assert (decision_times(starts, timeframe=Timeframe.of("4h")) // HOUR).tolist() == [2, 4, 5, 7, 11]
    assert (decision_times(starts) // HOUR).tolist() == [1, 3, 5, 6, 8]
