"""Corporate actions: refused where they say nothing, applied when they were known, and once."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from autonomous_trading.core import Bars, InvalidInput, Timeframe
from autonomous_trading.data import Sessions
from autonomous_trading.data.actions import (
    CorporateAction,
    OpenOrder,
    Position,
    adjust_order,
    adjust_position,
    adjusted,
    adjustment_factors,
    carried,
    carried_for,
)

DAY = 86_400_000_000_000
EX = 18_505 * DAY  # 2020-08-31
SPLIT = CorporateAction("split", "AAPL", EX, EX - 30 * DAY, ratio=4.0)
DIVIDEND = CorporateAction("dividend", "AAPL", EX, EX, amount=2.0)
RENAME = CorporateAction("rename", "AAPL", EX, EX, new_symbol="PEAR")
DELISTED = CorporateAction("delisting", "AAPL", EX, EX, amount=7.0)


def bars_at(times: list[int], closes: list[float]) -> Bars:
    close = np.array(closes)
    return Bars(np.array(times), close, close, close, close, np.full(len(close), 100.0), symbol="AAPL")


def daily(*closes: float) -> Bars:
    """Bars of days around the ex date: the last of them is that date's."""
    return bars_at([EX + (at + 1 - len(closes)) * DAY for at in range(len(closes))], list(closes))


def test_an_action_reads_as_a_person_writes_it() -> None:
    texts = [each.text for each in (SPLIT, DIVIDEND, RENAME, DELISTED)]
    assert texts == [
        "AAPL split 4 on 2020-08-31",
        "AAPL dividend 2 on 2020-08-31",
        "AAPL rename to PEAR on 2020-08-31",
        "AAPL delisting 7 on 2020-08-31",
    ]


def test_an_id_names_the_content() -> None:
    assert SPLIT.id == replace(SPLIT).id == CorporateAction("split", "AAPL", EX, EX - 30 * DAY, 4.0).id
    assert len({SPLIT.id, replace(SPLIT, ratio=4.5).id, replace(SPLIT, ex_time=EX + 1).id, DIVIDEND.id}) == 4


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"kind": "merger"}, "unknown kind of corporate action 'merger'"),
        ({"symbol": ""}, "has no symbol"),
        ({"ratio": 0.0}, "has ratio 0.0"),
        ({"ratio": math.nan}, "has ratio nan"),
        ({"amount": -1.0}, "amount -1.0"),
        ({"amount": math.inf}, "amount inf"),
        ({"ratio": 1.0}, "a split has a ratio"),
        ({"amount": 1.0}, "and each nothing else"),
        ({"new_symbol": "X"}, "new symbol 'X'"),
        ({"kind": "dividend"}, "a dividend an amount"),
        ({"kind": "rename"}, "a rename a new symbol"),
        ({"kind": "rename", "ratio": 1.0, "new_symbol": "AAPL"}, "a rename a new symbol"),
        ({"kind": "delisting"}, "and each nothing else"),
    ],
)
def test_what_says_nothing_is_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        replace(SPLIT, **wrong)  # type: ignore[arg-type]


def test_older_prices_are_in_todays_shares() -> None:
    bars = daily(400.0, 404.0, 102.0)
    found = adjusted(bars, [SPLIT], EX)
    assert found.close.tolist() == [100.0, 101.0, 102.0]
    assert found.volume.tolist() == [400.0, 400.0, 100.0]
    assert (found.symbol, found.time.tolist()) == ("AAPL", bars.time.tolist())


def test_a_split_is_not_applied_before_it_happens_or_is_known() -> None:
    bars = daily(400.0, 404.0, 102.0)
    assert adjusted(bars, [SPLIT], EX - 1).content_id == bars.content_id
    late = replace(SPLIT, knowable_at=EX + DAY)
    assert adjusted(bars, [late], EX).content_id == bars.content_id
    assert adjusted(bars, [late], EX + DAY).close[0] == 100.0


def test_the_same_action_twice_counts_once() -> None:
    assert adjusted(daily(400.0, 102.0), [SPLIT, replace(SPLIT)], EX).close[0] == 100.0


def test_a_dividend_is_reinvested_at_the_last_close() -> None:
    bars = daily(90.0, 100.0, 98.0)
    assert adjusted(bars, [DIVIDEND], EX).content_id == bars.content_id
    found = adjusted(bars, [DIVIDEND], EX, "all")
    assert found.close.tolist() == pytest.approx([90.0 * 0.98, 98.0, 98.0], rel=1e-15)
    assert found.volume.tolist() == bars.volume.tolist()


def test_later_prices_are_in_the_shares_of_the_first_bar() -> None:
    found = carried(daily(400.0, 404.0, 102.0), [SPLIT])
    assert found.close.tolist() == [400.0, 404.0, 408.0]
    assert found.volume.tolist() == [100.0, 100.0, 25.0]
    paid = carried(daily(90.0, 100.0, 98.0), [DIVIDEND], "all")
    assert paid.close.tolist() == pytest.approx([90.0, 100.0, 100.0], rel=1e-15)
    assert carried(daily(90.0, 100.0, 98.0), [DIVIDEND]).close.tolist() == [90.0, 100.0, 98.0]


def test_what_happened_before_the_first_bar_or_after_the_last_carries_nothing() -> None:
    bars = daily(400.0, 404.0, 102.0)
    for day in (-2, 1):
        moved = replace(SPLIT, ex_time=EX + day * DAY)
        assert carried(bars, [moved]).content_id == bars.content_id
    assert carried(bars, [replace(SPLIT, ex_time=EX - DAY)]).close.tolist() == [400.0, 1616.0, 408.0]
    assert carried(bars, [replace(SPLIT, knowable_at=EX + 9 * DAY)]).close.tolist() == [400.0, 404.0, 408.0]
    with pytest.raises(InvalidInput, match="unknown adjustment 'none'"):
        carried(bars, [SPLIT], "none")


def test_a_dividend_on_the_day_of_a_split_is_of_new_shares() -> None:
    found = adjusted(daily(400.0, 98.0), [DIVIDEND, SPLIT], EX, "all")
    assert found.close.tolist() == pytest.approx([98.0, 98.0], rel=1e-15)


def test_two_dividends_between_two_bars_are_paid_from_one_price() -> None:
    special = replace(DIVIDEND, amount=18.0)
    found = adjusted(daily(100.0, 80.0), [DIVIDEND, special], EX, "all")
    assert found.close.tolist() == pytest.approx([80.0, 80.0], rel=1e-15)
    with pytest.raises(InvalidInput, match="is not below the close before it, "):
        adjusted(daily(100.0, 80.0), [replace(DIVIDEND, amount=60.0), replace(DIVIDEND, amount=41.0)], EX, "all")


def test_a_dividend_later_on_the_day_of_a_split_is_of_new_shares_and_an_earlier_one_of_old() -> None:
    hour = 3_600_000_000_000
    later = replace(DIVIDEND, ex_time=EX + 13 * hour)
    found = adjusted(daily(400.0, 98.0), [SPLIT, later], EX + DAY, "all")
    assert found.close.tolist() == pytest.approx([98.0, 98.0], rel=1e-15)
    split = replace(SPLIT, ex_time=EX + 13 * hour)
    found = adjusted(daily(400.0, 99.5), [split, DIVIDEND], EX + DAY, "all")
    assert found.close.tolist() == pytest.approx([99.5, 99.5], rel=1e-15)


def test_a_dividend_before_the_first_bar_changes_nothing() -> None:
    bars = daily(98.0)
    assert adjusted(bars, [DIVIDEND], EX + DAY, "all").content_id == bars.content_id


def test_a_dividend_above_the_price_is_refused() -> None:
    with pytest.raises(InvalidInput, match="is not below the close before it, 2"):
        adjusted(daily(2.0, 2.0), [DIVIDEND], EX, "all")
    with pytest.raises(InvalidInput, match="is not below the price 1"):
        adjust_position(Position("AAPL", 1.0, 1.0), DIVIDEND)


def test_short_bars_are_compared_with_the_moment() -> None:
    opening = EX + 13 * 3_600_000_000_000
    action = replace(SPLIT, ex_time=opening)
    bars = bars_at([opening - 3_600_000_000_000, opening], [400.0, 100.0])
    assert adjustment_factors(bars, [action], opening)[0].tolist() == [0.25, 1.0]
    assert adjusted(daily(400.0, 100.0), [action], opening).close.tolist() == [100.0, 100.0]


@pytest.mark.parametrize(
    ("opens", "closes", "hours", "factors"),
    [
        (-1, 5, (-19, -1, 0), [0.25, 1.0, 1.0]),  # Sydney: the session of the ex date opens on the evening before
        (14, 21, (-4, 0, 10, 14), [0.25, 0.25, 1.0, 1.0]),  # New York: trading goes on past 00:00 UTC
    ],
)
def test_an_ex_date_begins_between_two_sessions(
    opens: int, closes: int, hours: tuple[int, ...], factors: list[float]
) -> None:
    hour = 3_600_000_000_000
    dates = EX + np.arange(-2, 3, dtype=np.int64) * DAY
    sessions = Sessions("X", dates, dates + opens * hour, dates + closes * hour, np.empty((0, 2), dtype=np.int64))
    bars = bars_at([EX + each * hour for each in hours], [100.0] * len(hours))
    as_of = int(bars.time[-1])
    assert adjustment_factors(bars, [SPLIT], as_of, sessions=sessions)[0].tolist() == factors
    assert adjusted(bars, [SPLIT], as_of, sessions=sessions).close.tolist() == [100.0 * each for each in factors]
    assert adjustment_factors(daily(400.0, 100.0), [SPLIT], EX, sessions=sessions)[0].tolist() == [0.25, 1.0]
    far = replace(SPLIT, ex_time=EX + 90 * DAY, knowable_at=EX)
    assert adjustment_factors(bars, [far], far.ex_time, sessions=sessions)[0].tolist() == [0.25] * len(hours)


def test_a_split_inside_a_week_is_refused() -> None:
    monday = EX - 7 * DAY
    weeks = bars_at([monday, EX, EX + 7 * DAY], [400.0, 100.0, 100.0])
    assert adjusted(weeks, [SPLIT], EX).close.tolist() == [100.0, 100.0, 100.0]
    with pytest.raises(InvalidInput, match="AAPL split 4 on 2020-09-02 lies inside the bar of 2020-08-31"):
        adjusted(weeks, [replace(SPLIT, ex_time=EX + 2 * DAY)], EX + 9 * DAY)


def _months(count: int) -> Bars:
    starts = (np.datetime64("2020-01") + np.arange(count)).astype("datetime64[ns]").astype(np.int64)
    return bars_at([int(each) for each in starts], [400.0] * count)


@pytest.mark.parametrize("timeframe", [None, Timeframe.of("1M")])
@pytest.mark.parametrize("date", ["2020-01-30", "2020-01-31", "2020-02-29", "2020-05-31"])
def test_a_split_at_the_end_of_a_month_is_seen(date: str, timeframe: Timeframe | None) -> None:
    bars = _months(6)  # February is shorter than January by two days
    moment = int(np.datetime64(date, "ns").astype(np.int64))
    split = replace(SPLIT, ex_time=moment, knowable_at=moment)
    inside = f"on {date} lies inside the bar of {date[:7]}-01"
    with pytest.raises(InvalidInput, match=inside):
        carried(bars, [split], timeframe=timeframe)
    with pytest.raises(InvalidInput, match=inside):
        adjusted(bars, [split], int(bars.time[-1]), timeframe=timeframe)
    at_start = replace(split, ex_time=int(bars.time[1]))
    assert carried(bars, [at_start], timeframe=timeframe).close.tolist() == [400.0, *[1600.0] * 5]


def test_a_split_behind_the_last_bar_of_a_cut_is_not_inside_it() -> None:
    friday = EX - 3 * DAY
    full = bars_at([friday, EX, EX + DAY], [400.0, 400.0, 100.0])
    split = replace(SPLIT, ex_time=EX + DAY)
    assert carried(full[:2], [split]).content_id == carried(full, [split])[:2].content_id
    saturday = replace(SPLIT, ex_time=friday + DAY)
    day = Timeframe.of("1d")
    assert (
        carried(full[:2], [saturday], timeframe=day).content_id
        == carried(full, [saturday], timeframe=day)[:2].content_id
    )
    week = bars_at([EX], [400.0])
    with pytest.raises(InvalidInput, match="lies inside the bar of 2020-08-31"):
        carried(week, [split], timeframe=Timeframe.of("1w"))


def test_what_is_carried_for_is_what_has_bars_on_both_sides() -> None:
    bars = daily(400.0, 404.0, 102.0)
    before, behind = (replace(SPLIT, ex_time=EX + day * DAY) for day in (-2, 1))
    given = [behind, SPLIT, replace(SPLIT), before, DIVIDEND, RENAME]
    assert carried_for(bars, given) == (SPLIT,)
    assert carried_for(bars, given, "all") == (SPLIT, DIVIDEND)


def test_an_unknown_adjustment_is_refused() -> None:
    with pytest.raises(InvalidInput, match="unknown adjustment 'both'"):
        adjusted(daily(1.0), [], EX, "both")


@pytest.mark.parametrize(
    ("action", "units", "price", "cash"),
    [
        (SPLIT, 40.0, 100.0, 50.0),
        (DIVIDEND, 10.0, 398.0, 70.0),
        (RENAME, 10.0, 400.0, 50.0),
        (DELISTED, 0.0, 7.0, 120.0),
    ],
)
def test_a_position_goes_over_an_action_once(action: CorporateAction, units: float, price: float, cash: float) -> None:
    before = Position("AAPL", 10.0, 400.0, 50.0)
    after = adjust_position(before, action)
    assert (after.units, after.price, after.cash) == (units, price, cash)
    assert after.symbol == ("PEAR" if action is RENAME else "AAPL")
    assert adjust_position(after, action) == after
    if action is not DELISTED:
        assert after.equity == pytest.approx(before.equity, rel=1e-12)


def test_a_short_position_pays_the_dividend() -> None:
    assert adjust_position(Position("AAPL", -10.0, 400.0), DIVIDEND).cash == -20.0


def test_another_symbols_action_changes_nothing() -> None:
    other = replace(SPLIT, symbol="TSLA")
    position, order = Position("AAPL", 10.0, 400.0), OpenOrder("AAPL", 1.0, limit=390.0)
    assert adjust_position(position, other) == position
    assert adjust_order(order, other) == order


@pytest.mark.parametrize(
    ("units", "action", "expected"),
    [
        (10.0, SPLIT, (40.0, 95.0, 90.0)),
        (-10.0, SPLIT, (-40.0, 95.0, 90.0)),
        (10.0, DIVIDEND, (10.0, 378.0, 360.0)),
        (-10.0, DIVIDEND, (-10.0, 380.0, 358.0)),
        (10.0, RENAME, (10.0, 380.0, 360.0)),
    ],
)
def test_an_order_goes_over_an_action_once(
    units: float, action: CorporateAction, expected: tuple[float, float, float]
) -> None:
    after = adjust_order(OpenOrder("AAPL", units, limit=380.0, stop=360.0), action)
    assert after is not None
    assert (after.units, after.limit, after.stop) == expected
    assert adjust_order(after, action) == after


def test_an_order_without_a_price_keeps_none() -> None:
    for action in (SPLIT, DIVIDEND):
        for units in (1.0, -1.0):
            after = adjust_order(OpenOrder("AAPL", units), action)
            assert after is not None
            assert math.isnan(after.limit)
            assert math.isnan(after.stop)


def test_an_order_ends_with_the_symbol() -> None:
    assert adjust_order(OpenOrder("AAPL", 1.0), DELISTED) is None
