"""Laws of adjusted prices: nothing is known early, and what a share is worth does not leap."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autonomous_trading.core import Bars, FloatArray, InvalidInput, Timeframe
from autonomous_trading.data.actions import (
    CorporateAction,
    OpenOrder,
    Position,
    adjust_order,
    adjust_position,
    adjusted,
    carried,
)

DAY = 86_400_000_000_000
DAYS = 40
FIRST = 18_000 * DAY

Happening = tuple[int, float, float]  # day, ratio of a split (1.0: none), dividend as a share of the price (0.0: none)
happenings = st.lists(
    st.tuples(
        st.integers(1, DAYS - 1),
        st.sampled_from([1.0, 2.0, 3.0, 7.0, 10.0, 20.0, 1.5, 0.05, 0.1, 0.125, 1 / 3]),
        st.sampled_from([0.0, 0.001, 0.02, 0.3]),
    ),
    max_size=6,
    unique_by=lambda each: each[0],
)


def market(seed: int, events: list[Happening]) -> tuple[Bars, list[CorporateAction], FloatArray]:
    """Raw bars of a share whose worth to a holder follows a random walk, its actions, and its true daily returns."""
    returns = np.random.default_rng(seed).normal(0.0, 0.02, DAYS)
    raw, actions = [100.0], list[CorporateAction]()
    by_day = {day: (ratio, share) for day, ratio, share in events}
    for day in range(1, DAYS):
        ratio, share = by_day.get(day, (1.0, 0.0))
        base = raw[-1] / ratio
        amount = base * share
        when = FIRST + day * DAY
        if ratio != 1.0:
            actions.append(CorporateAction("split", "X", when, when, ratio=ratio))
        if amount:
            actions.append(CorporateAction("dividend", "X", when, when, amount=amount))
        raw.append((base - amount) * float(np.exp(returns[day])))
    close = np.array(raw)
    time = FIRST + np.arange(DAYS) * DAY
    return Bars(time, close, close * 1.01, close * 0.99, close, np.full(DAYS, 1e6)), actions, returns


@given(
    seed=st.integers(0, 2**32), events=happenings, day=st.integers(0, DAYS - 1), for_=st.sampled_from(["split", "all"])
)
def test_the_price_of_the_moment_is_the_price_it_traded_at(
    seed: int, events: list[Happening], day: int, for_: str
) -> None:
    bars, actions, _ = market(seed, events)
    seen = adjusted(bars[: day + 1], actions, int(bars.time[day]), for_)
    for name in ("open", "high", "low", "close", "volume"):
        assert getattr(seen, name)[-1] == getattr(bars, name)[day]


@given(seed=st.integers(0, 2**32), events=happenings, day=st.integers(0, DAYS - 1))
def test_later_actions_and_bars_change_nothing(seed: int, events: list[Happening], day: int) -> None:
    bars, actions, _ = market(seed, events)
    as_of = int(bars.time[day])
    known = [each for each in actions if each.ex_time <= as_of]
    seen = adjusted(bars[: day + 1], actions, as_of, "all")
    assert seen.content_id == adjusted(bars[: day + 1], known, as_of, "all").content_id
    assert seen.content_id == adjusted(bars, actions, as_of, "all")[: day + 1].content_id


@given(seed=st.integers(0, 2**32), events=happenings)
def test_adjusted_returns_do_not_leap(seed: int, events: list[Happening]) -> None:
    bars, actions, returns = market(seed, events)
    found = np.diff(np.log(adjusted(bars, actions, int(bars.time[-1]), "all").close))
    np.testing.assert_allclose(found, returns[1:], atol=1e-12)


@given(seed=st.integers(0, 2**32), events=happenings)
def test_traded_money_stays(seed: int, events: list[Happening]) -> None:
    bars, actions, _ = market(seed, events)
    found = adjusted(bars, actions, int(bars.time[-1]))
    np.testing.assert_allclose(found.close * found.volume, bars.close * bars.volume, rtol=1e-12)


@given(seed=st.integers(0, 2**32), events=happenings, units=st.floats(-1e6, 1e6), twice=st.booleans())
def test_equity_does_not_leap(seed: int, events: list[Happening], units: float, twice: bool) -> None:
    bars, actions, _ = market(seed, events)
    position = Position("X", units, 0.0, cash=1e5)
    order = OpenOrder("X", 1.0, limit=95.0)
    for day, time in enumerate(bars.time[1:], start=1):
        position = Position("X", position.units, float(bars.close[day - 1]), position.cash, position.applied)
        before = position.equity
        for action in (each for each in actions if each.ex_time == time):
            for _ in range(1 + twice):
                position = adjust_position(position, action)
                moved = adjust_order(order, action) if action.kind == "split" else order
                assert moved is not None
                order = moved
        assert position.equity == pytest.approx(before, rel=1e-9, abs=1e-9 * (abs(units) * 100.0 + 1e5))
    ratio = float(np.prod([each.ratio for each in actions]))
    assert order.units * order.limit == pytest.approx(95.0, rel=1e-9)
    assert position.units == pytest.approx(units * ratio, rel=1e-9)


@given(
    seed=st.integers(0, 2**32), events=happenings, day=st.integers(0, DAYS - 1), for_=st.sampled_from(["split", "all"])
)
def test_no_bar_that_is_carried_depends_on_what_comes_later(
    seed: int, events: list[Happening], day: int, for_: str
) -> None:
    bars, actions, _ = market(seed, events)
    known = [each for each in actions if each.ex_time <= bars.time[day]]
    whole = carried(bars, actions, for_)
    assert whole[: day + 1].content_id == carried(bars[: day + 1], known, for_).content_id
    for name in ("open", "high", "low", "close", "volume"):
        assert getattr(whole, name)[0] == getattr(bars, name)[0]


@given(
    seed=st.integers(0, 2**32), events=happenings, day=st.integers(1, DAYS - 1), for_=st.sampled_from(["split", "all"])
)
def test_carried_prices_are_adjusted_ones_in_other_shares(
    seed: int, events: list[Happening], day: int, for_: str
) -> None:
    bars, actions, returns = market(seed, events)
    found = carried(bars, actions, for_)
    then = adjusted(bars[: day + 1], actions, int(bars.time[day]), for_)
    np.testing.assert_allclose(found.close[: day + 1] / found.close[day], then.close / then.close[day], rtol=1e-12)
    np.testing.assert_allclose(found.volume[: day + 1] / found.volume[day], then.volume / then.volume[day], rtol=1e-12)
    if for_ == "all":
        np.testing.assert_allclose(np.diff(np.log(found.close)), returns[1:], atol=1e-12)


@given(seed=st.integers(0, 2**32), events=happenings, units=st.floats(0.0, 1e6))
def test_one_who_holds_carried_prices_has_the_equity_of_one_who_holds_the_share(
    seed: int, events: list[Happening], units: float
) -> None:
    bars, actions, _ = market(seed, [(day, ratio, 0.0) for day, ratio, _ in events])
    position = Position("X", units, float(bars.close[0]), cash=1e5)
    found = carried(bars, actions)
    for day, time in enumerate(bars.time):
        for action in (each for each in actions if each.ex_time == time):
            position = adjust_position(position, action)
        worth = 1e5 + units * float(found.close[day])
        assert position.cash + position.units * float(bars.close[day]) == pytest.approx(worth, rel=1e-9)


@given(
    length=st.sampled_from(["1h", "12h", "1d", "2d", "1w", "1M", "3M"]),
    present=st.lists(st.booleans(), min_size=12, max_size=12).filter(any),
    days=st.lists(st.integers(0, 800), max_size=4, unique=True),
    kept=st.integers(1, 12),
    first=st.integers(0, 60),
)
def test_bars_of_any_length_may_be_cut_anywhere(
    length: str, present: list[bool], days: list[int], kept: int, first: int
) -> None:
    timeframe = Timeframe.of(length)
    time = [int(timeframe.starts(np.array([FIRST + first * DAY]))[0])]
    while len(time) < len(present):
        time.append(int(timeframe.following(np.array(time[-1:]))[0]))
    held = np.array(time)[np.array(present)]
    close = np.linspace(100.0, 120.0, len(held))
    bars = Bars(held, close, close, close, close, np.full(len(held), 1e6))
    if timeframe.is_intraday:
        days = [day % 8 for day in days]
    ex = {FIRST + day * DAY for day in days}
    actions = [CorporateAction("split", "X", each, each, ratio=2.0) for each in sorted(ex)]
    over = timeframe.following(held)
    inside = any((held < each).any() and over[held < each][-1] > each for each in ex)
    if inside and not timeframe.is_intraday:
        with pytest.raises(InvalidInput, match="lies inside the bar"):
            carried(bars, actions, timeframe=timeframe)
        return
    whole = carried(bars, actions, timeframe=timeframe)
    cut = carried(bars[:kept], actions, timeframe=timeframe)
    assert cut.content_id == whole[:kept].content_id
    expected = [2.0 ** sum(int(held[0]) < each <= at for each in ex) for at in held.tolist()]
    np.testing.assert_array_equal(whole.close, close * expected)
