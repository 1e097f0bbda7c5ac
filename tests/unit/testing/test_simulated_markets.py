"""Simulated markets follow their laws: moments within four standard errors, for several seeds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autonomous_trading.core import Bars, FloatArray, InvalidInput
from autonomous_trading.data import Sessions
from autonomous_trading.testing.markets import (
    LIMIT_ORDER,
    MARKET_ORDER,
    ORDER_CANCELLED,
    ActionLaw,
    BookLaw,
    FactorLaw,
    GarchLaw,
    JumpLaw,
    PairLaw,
    RegimeLaw,
    SessionLaw,
    cointegrated_pair,
    dividends_and_splits,
    factor_market,
    garch,
    jump_diffusion,
    made_up_sessions,
    order_driven,
    regime_switching,
    session_market,
)

SEEDS = (1, 2, 3)
each_seed = pytest.mark.parametrize("seed", SEEDS)
N = 40_000


def steps_of(bars: Bars) -> FloatArray:
    return np.log(bars.close / bars.open)


def within(values: FloatArray, expected: float, errors: float = 4.0) -> bool:
    """Whether the mean of independent values is as expected, within so many of its standard errors."""
    return bool(abs(values.mean() - expected) < errors * values.std() / np.sqrt(len(values)))


@each_seed
def test_regimes_stay_and_change_as_their_chain_says(seed: int) -> None:
    market = regime_switching(N, seed, timeframe="1m")
    truth = market.truth
    np.testing.assert_allclose(truth.stationary, [5 / 7, 2 / 7], atol=1e-12)
    for start in (0, 1):
        left = (truth.regime[1:] != start)[truth.regime[:-1] == start].astype(np.float64)
        assert within(left, 1.0 - truth.transition[start, start])
    # Occupancy: the chain's autocorrelation is 0.93, so that a bar counts as (1 - 0.93) / (1 + 0.93) of one.
    effective = N * 0.07 / 1.93
    share = (truth.regime == 0).mean()
    assert abs(share - 5 / 7) < 4.0 * np.sqrt(5 / 7 * 2 / 7 / effective)
    steps = steps_of(market.single)
    for regime in (0, 1):
        inside = steps[truth.regime == regime]
        assert within(inside, truth.drift[regime])
        assert within((inside - truth.drift[regime]) ** 2, truth.volatility[regime] ** 2)


@each_seed
def test_garch_keeps_its_recursion_and_its_long_run_variance(seed: int) -> None:
    market = garch(N, seed, GarchLaw(alpha=0.05, beta=0.85, freedom=10.0, drift=0.0002), timeframe="1m")
    truth, steps = market.truth, steps_of(market.single) - 0.0002
    following = truth.omega + truth.alpha * steps[:-1] ** 2 + truth.beta * truth.variance[:-1]
    np.testing.assert_allclose(truth.variance[1:], following, rtol=1e-9)
    shocks = steps / np.sqrt(truth.variance)
    assert within(shocks, 0.0)
    assert within(shocks**2, 1.0)
    blocks = (steps**2).reshape(-1, 200).mean(axis=1)  # blocks far longer than the memory of 1 / 0.1 bars
    assert within(blocks, 1e-4)


@each_seed
def test_jumps_come_as_often_and_as_large_as_they_should(seed: int) -> None:
    market = jump_diffusion(N, seed, timeframe="1m")
    truth, steps = market.truth, steps_of(market.single)
    assert within(truth.jumps.astype(np.float64), truth.intensity)
    alone = truth.size[truth.jumps == 1]
    assert within(alone, truth.jump_mean)
    assert within((alone - truth.jump_mean) ** 2, truth.jump_deviation**2)
    assert (truth.size[truth.jumps == 0] == 0.0).all()
    rest = steps - truth.size
    assert within(rest, 0.0)
    assert within(rest**2, truth.volatility**2)
    bars = market.single
    jumped = bars.open * np.exp(truth.size)
    assert (bars.high >= jumped * (1 - 1e-12)).all()
    assert (bars.low <= jumped * (1 + 1e-12)).all()


@each_seed
def test_ranges_are_those_of_a_brownian_path(seed: int) -> None:
    """The mean of the squared log range over the variance is 4 log 2 for high and low together (Parkinson 1980).

    High and low are drawn apart here, which leaves the law of each: E[log(H/O) log(H/C)] is half the variance (Rogers
    and Satchell 1991).
    """
    market = jump_diffusion(N, seed, JumpLaw(intensity=0.0), timeframe="1m")
    bars = market.single
    up = np.log(bars.high / bars.open) * np.log(bars.high / bars.close)
    down = np.log(bars.low / bars.open) * np.log(bars.low / bars.close)
    assert within(up, 0.5 * market.truth.volatility**2)
    assert within(down, 0.5 * market.truth.volatility**2)


@each_seed
def test_instruments_correlate_as_their_loadings_say(seed: int) -> None:
    market = factor_market(N, seed, FactorLaw(variation=0.0, freedom=12.0), timeframe="1m")
    truth = market.truth
    scaled = np.array([steps_of(bars) for bars in market.instruments.values()]) / truth.volatility[:, np.newaxis]
    expected = truth.correlation(0)
    for i in range(5):
        assert within(scaled[i] ** 2, 1.0)
        for j in range(i):
            assert within(scaled[i] * scaled[j], expected[i, j])
    own = steps_of(market.instruments["F1"]) - truth.beta[0] * truth.factor
    assert within(own * truth.factor, 0.0)


@each_seed
def test_correlations_move_and_tails_come_together(seed: int) -> None:
    market = factor_market(N, seed, timeframe="1m")
    truth = market.truth
    first, second = (steps_of(market.instruments[name]) for name in ("F1", "F2"))
    strong = truth.loading[0] > np.quantile(truth.loading[0], 0.8)
    weak = truth.loading[0] < np.quantile(truth.loading[0], 0.2)
    seen = [float(np.corrcoef(first[rows], second[rows])[0, 1]) for rows in (strong, weak)]
    assert seen[0] > seen[1] + 0.1
    both = np.abs(first) > 3.0 * truth.volatility[0]
    assert (np.abs(second) > 3.0 * truth.volatility[1])[both].mean() > 0.1  # 0.003 were they independent
    row = truth.correlation(17)
    np.testing.assert_allclose(row, row.T)
    assert (np.linalg.eigvalsh(row) > 0.0).all()


@each_seed
def test_a_pair_differs_by_its_spread_to_the_last_digits(seed: int) -> None:
    market = cointegrated_pair(N, seed, PairLaw(half_life=8.0), timeframe="1m")
    truth = market.truth
    a, b = (np.log(market.instruments[name].close) for name in "AB")
    np.testing.assert_allclose(a - truth.level - truth.hedge_ratio * b, truth.spread, atol=1e-9)
    kept = 0.5 ** (1.0 / 8.0)
    fresh = truth.spread[1:] - kept * truth.spread[:-1]
    assert within(fresh**2, truth.deviation**2 * (1 - kept**2))
    assert within(fresh * truth.spread[:-1], 0.0)


def test_the_true_book_is_what_its_published_changes_add_up_to() -> None:
    market = order_driven(120, 5)
    truth, flow = market.truth, market.truth.published
    bids, asks = truth.book_at(len(flow.bid) - 1)
    assert bids == dict(map(tuple, truth.closing_bids.tolist()))
    assert asks == dict(map(tuple, truth.closing_asks.tolist()))
    assert truth.book_at(-1)[0] == dict(map(tuple, flow.opening_bids.tolist()))
    for event in (0, 1, 17, 500, len(flow.bid) // 2):
        bids, asks = truth.book_at(event)
        assert max(bids) == flow.bid[event]
        assert min(asks) == flow.ask[event]
        assert bids[max(bids)] == flow.bid_size[event]
        assert asks[min(asks)] == flow.ask_size[event]


@each_seed
def test_a_book_is_never_crossed_and_trades_are_at_its_quotes(seed: int) -> None:
    truth = order_driven(200, seed).truth
    flow = truth.published
    assert (flow.ask > flow.bid).all()
    assert (np.diff(flow.quote_time) >= 0).all()
    at = np.flatnonzero(truth.kind == MARKET_ORDER)
    before = at - 1
    inside = before >= 0
    quote = np.where(truth.aggressor > 0, flow.ask[before], flow.bid[before])
    np.testing.assert_array_equal(flow.trade_price[inside], quote[inside])


@each_seed
def test_orders_arrive_at_their_rates(seed: int) -> None:
    """Counts of Poisson processes: their standard error is their root. Cancellations per waiting order second."""
    minutes, law = 400, BookLaw()
    truth = order_driven(minutes, seed, law).truth
    seconds = 60.0 * minutes
    expected = {
        LIMIT_ORDER: 2 * law.limit_rate * law.levels * seconds,
        MARKET_ORDER: 2 * law.market_rate * seconds,
        ORDER_CANCELLED: law.cancel_rate * truth.waiting,
    }
    for kind, mean in expected.items():
        assert abs((truth.kind == kind).sum() - mean) < 4.0 * np.sqrt(mean)
    buyers = (truth.aggressor > 0).astype(np.float64)
    assert within(buyers, 0.5)


def test_a_book_in_which_nobody_trades_has_no_bars() -> None:
    with pytest.raises(InvalidInput, match=r"nobody traded in 1 minutes. Fix: ask for more minutes"):
        order_driven(1, 1, BookLaw(market_rate=1e-9))


def test_a_price_is_above_zero_and_the_last_order_of_a_side_stays() -> None:
    hungry = BookLaw(limit_rate=0.011, levels=10, market_rate=0.1, cancel_rate=1.0)
    flow = order_driven(200, 4, hungry).truth.published
    assert (flow.bid_size > 0.0).all()
    assert (flow.ask_size > 0.0).all()
    wide = BookLaw(levels=11_000, limit_rate=0.0002, market_rate=0.05)
    assert order_driven(3, 4, wide).truth.published.level_price.min() > 0.0


def test_made_up_sessions_know_summer_half_days_and_holidays() -> None:
    sessions = made_up_sessions(600, "2015-01-01")
    days = sessions.date.astype("datetime64[ns]").astype("datetime64[D]").astype(str).tolist()
    assert len(sessions) == 600
    assert days[0] == "2015-01-02"
    assert "2015-11-26" not in days
    assert "2015-12-25" not in days
    hours = dict(zip(days, ((sessions.close - sessions.open) / 3.6e12).tolist(), strict=True))
    opens = dict(zip(days, ((sessions.open - sessions.date) / 3.6e12).tolist(), strict=True))
    assert hours["2015-11-25"] == 6.5
    assert hours["2015-11-27"] == 3.5
    assert (opens["2015-03-06"], opens["2015-03-09"]) == (14.5, 13.5)
    assert (opens["2015-10-30"], opens["2015-11-02"]) == (13.5, 14.5)


@pytest.mark.parametrize("timeframe", ["5m", "30m", "1h", "1d"])
def test_one_seed_is_one_market_in_every_timeframe(timeframe: str) -> None:
    sessions = made_up_sessions(30)
    minutes = session_market(sessions, 4, timeframe="1m")
    coarse = session_market(sessions, 4, timeframe=timeframe)
    assert coarse.single.close[-1] == minutes.single.close[-1]
    assert coarse.single.high.max() == minutes.single.high.max()
    assert coarse.single.volume.sum() == minutes.single.volume.sum()
    total = [np.bincount(m.truth.session, m.truth.volatility**2) for m in (minutes, coarse)]
    np.testing.assert_allclose(total[0], total[1], rtol=1e-9)
    np.testing.assert_allclose(
        np.bincount(coarse.truth.session, coarse.truth.gap), np.bincount(minutes.truth.session, minutes.truth.gap)
    )


def test_days_carry_their_session_date_and_finer_bars_lie_inside() -> None:
    sessions = made_up_sessions(250)
    days = session_market(sessions, 1, timeframe="1d").single
    np.testing.assert_array_equal(days.time, sessions.date)
    hours = session_market(sessions, 1, timeframe="1h")
    session = hours.truth.session
    assert (hours.single.time >= sessions.open[session]).all()
    assert (hours.single.time < sessions.close[session]).all()


@each_seed
def test_sessions_are_loud_at_both_ends_and_gap_overnight(seed: int) -> None:
    law = SessionLaw(volatility=0.012, overnight=0.3, edge=3.0)
    sessions = made_up_sessions(1_500)
    market = session_market(sessions, seed, law, timeframe="30m")
    truth, steps = market.truth, steps_of(market.single)
    assert within((steps / truth.volatility) ** 2, 1.0)
    gaps = truth.gap[np.flatnonzero(np.diff(truth.session)) + 1]
    assert within(gaps**2, 0.3 * 0.012**2)
    whole = np.bincount(truth.session)[truth.session] == 13
    first = np.flatnonzero(np.diff(truth.session, prepend=-1) > 0)
    edges = np.concatenate([steps[first][whole[first]], steps[first[whole[first]] + 12]])
    middle = steps[first[whole[first]] + 6]
    assert 1.9 < edges.var() / middle.var() < 3.1
    assert truth.shape[0] / truth.shape[len(truth.shape) // 2] == pytest.approx(3.0, rel=0.01)
    opens = market.single.open[first[1:]]
    np.testing.assert_allclose(np.log(opens / market.single.close[first[1:] - 1]), truth.gap[first[1:]], atol=1e-9)


def test_bars_in_a_break_are_left_out() -> None:
    whole = made_up_sessions(3)
    hour = 3_600_000_000_000
    breaks = np.column_stack([whole.open + 2 * hour, whole.open + 3 * hour])
    broken = Sessions("BREAKS", whole.date, whole.open, whole.close, breaks)
    bars = session_market(broken, 1, timeframe="30m")
    assert len(bars.single) == 3 * 11
    assert len(bars.truth.session) == 3 * 11


@each_seed
def test_prices_fall_by_what_is_paid_and_split(seed: int) -> None:
    market = dividends_and_splits(3_000, seed, ActionLaw(split_intensity=0.01))
    truth, bars = market.truth, market.single
    assert len(truth.split_rows) == pytest.approx(30, abs=4 * np.sqrt(30))
    ratio, paid = np.ones(3_000), np.zeros(3_000)
    ratio[truth.split_rows] = truth.split_ratios
    paid[truth.dividend_rows] = truth.dividends
    np.testing.assert_array_equal(bars.open[1:], bars.close[:-1] / ratio[1:] - paid[1:])
    # The owner of one share, who reinvests what is paid, earns the total return: raw closes and actions give it back.
    earned = (bars.close * ratio / (np.append(100.0, bars.close[:-1]) - paid * ratio)).cumprod()
    np.testing.assert_allclose(100.0 * earned, truth.total_return, rtol=1e-9)
    calm = np.delete(np.diff(np.log(truth.split_adjusted)), truth.dividend_rows - 1)
    assert np.abs(calm).max() < 6 * 0.012
    assert within(truth.steps, 0.0003)


REFUSED: tuple[tuple[Callable[[], Any], str], ...] = (
    (lambda: RegimeLaw(transition=((0.9, 0.2), (0.5, 0.5))), "a transition matrix is square"),
    (lambda: RegimeLaw(transition=((1.0, 0.0),)), "a transition matrix is square"),
    (lambda: RegimeLaw(drift=(0.0,)), "2 regimes need as many drifts"),
    (lambda: GarchLaw(alpha=0.2, beta=0.8), "have no stationary variance"),
    (lambda: JumpLaw(volatility=0.0), "make no jump diffusion"),
    (lambda: FactorLaw(loadings=(0.99,), volatilities=(0.01,)), "loadings lie between 0 and 0.95"),
    (lambda: PairLaw(half_life=0.0), "half_life, deviation and volatility lie above 0"),
    (lambda: BookLaw(market_rate=0.2), "do not fill what market orders"),
    (lambda: ActionLaw(dividend_yield=0.5), "cannot be paid"),
    (lambda: SessionLaw(overnight=1.5), "overnight is a share and not 1.5"),
    (lambda: session_market(made_up_sessions(2), 1, timeframe="1w"), "sessions are made of bars of 1m to 1d"),
    (lambda: session_market(made_up_sessions(0), 1), "there is no session"),
)


@pytest.mark.parametrize(("made", "words"), REFUSED, ids=[words for _, words in REFUSED])
def test_a_law_that_is_none_is_refused(made: Callable[[], Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        made()
