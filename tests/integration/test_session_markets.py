"""A simulated market with the opening hours of real exchanges: half days, summer time, breaks at noon."""

from __future__ import annotations

import exchange_calendars
import numpy as np
import pytest

from autonomous_trading.data import Sessions
from autonomous_trading.testing.markets import made_up_sessions, session_market

# exchange_calendars 4.13 reads times as pandas 3.1 will not give them any more.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Series.values returning an ndarray"),
    pytest.mark.filterwarnings("ignore:DatetimeIndex.weekday is deprecated"),
]
_MINUTE_NS = 60_000_000_000


def sessions_of(exchange: str, start: str, stop: str) -> Sessions:
    schedule = exchange_calendars.get_calendar(exchange, start=start, end=stop).schedule
    columns = {name: schedule[name].dt.tz_convert(None).to_numpy(dtype="datetime64[ns]") for name in schedule.columns}
    pauses = np.column_stack([columns["break_start"], columns["break_end"]])
    return Sessions(
        exchange,
        schedule.index.to_numpy().astype("datetime64[ns]").astype(np.int64),
        columns["open"].astype(np.int64),
        columns["close"].astype(np.int64),
        pauses[~np.isnat(pauses).any(axis=1)].astype(np.int64),
    )


@pytest.mark.parametrize("exchange", ["XNYS", "XLON", "XTKS", "XHKG"])
@pytest.mark.parametrize("timeframe", ["5m", "1h"])
def test_bars_begin_when_the_exchange_is_open_and_nowhere_else(exchange: str, timeframe: str) -> None:
    sessions = sessions_of(exchange, "2023-01-02", "2023-12-29")
    market = session_market(sessions, 1, timeframe=timeframe)
    time, session = market.single.time, market.truth.session
    assert (time >= sessions.open[session]).all()
    assert (time < sessions.close[session]).all()
    for start, stop in sessions.breaks.tolist():
        assert not ((time >= start) & (time < stop)).any()
    assert set(session.tolist()) == set(range(len(sessions)))


def test_a_half_day_has_fewer_bars_and_the_variance_of_its_length() -> None:
    sessions = sessions_of("XNYS", "2023-01-02", "2023-12-29")
    market = session_market(sessions, 1, timeframe="5m")
    bars = np.bincount(market.truth.session)
    length = (sessions.close - sessions.open) // (5 * _MINUTE_NS)
    np.testing.assert_array_equal(bars, length)
    variance = np.bincount(market.truth.session, market.truth.volatility**2)
    np.testing.assert_allclose(variance / bars, variance.max() / bars.max(), rtol=0.01)
    assert bars.min() == 42


def test_days_of_made_up_sessions_are_those_of_new_york_but_for_its_other_holidays() -> None:
    real = sessions_of("XNYS", "2023-01-03", "2023-12-29")
    made = made_up_sessions(260, "2023-01-03")
    both = np.intersect1d(real.date, made.date)
    assert len(both) == len(real)
    rows = [np.searchsorted(each.date, both) for each in (real, made)]
    np.testing.assert_array_equal(real.open[rows[0]], made.open[rows[1]])
    differing = real.close[rows[0]] != made.close[rows[1]]
    assert differing.sum() == 1  # the third of July closed early
