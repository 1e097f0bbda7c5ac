"""A feed that sends nothing, or only old bars, is noticed; a closed market and a clock that was set are not."""

from __future__ import annotations

import pytest

from autonomous_trading.core import InvalidInput
from autonomous_trading.data.streaming import (
    FeedWatch,
    Reading,
    SteadyTime,
    WatchSettings,
    steady_time,
    watch_feed,
    witnessed,
)
from tests.unit.data.streamed_bars import DAY, HOUR, MINUTE, SECOND, START, always, weekdays


def test_a_silent_feed_is_stale_when_two_bars_are_over_that_it_did_not_send() -> None:
    looks = [(START + MINUTE, START), (START + 2 * MINUTE, None), (START + 3 * MINUTE - 1, None)]
    answers, state = watch_feed(looks, WatchSettings(always()), FeedWatch(START - MINUTE))
    assert answers == (False, False, False)
    assert watch_feed([(START + 3 * MINUTE, None)], WatchSettings(always()), state)[0] == (True,)


def test_old_bars_are_no_sign_of_life_and_only_a_fresh_one_ends_it() -> None:
    looks = [
        (START + 9 * MINUTE, START),
        (START + 9 * MINUTE, START + 2 * MINUTE),
        (START + 9 * MINUTE + SECOND, None),
        (START + 10 * MINUTE, START + 9 * MINUTE),
    ]
    answers, state = watch_feed(looks, WatchSettings(always()), FeedWatch(START))
    assert answers == (True, True, True, False)
    assert state == FeedWatch(START + 9 * MINUTE, False)


def test_a_closed_market_is_not_stale() -> None:
    last = START + 21 * HOUR - MINUTE
    opening = START + 3 * DAY + 14 * HOUR + 30 * MINUTE
    looks = [(last + MINUTE, last), (START + 2 * DAY, None), (opening + MINUTE, None), (opening + 2 * MINUTE, None)]
    answers, _ = watch_feed(looks, WatchSettings(weekdays()), FeedWatch(last - MINUTE))
    assert answers == (False, False, False, True)


def test_without_a_look_nothing_changes() -> None:
    assert watch_feed([], WatchSettings(always()), FeedWatch(START, True)) == ((), FeedWatch(START, True))
    with pytest.raises(InvalidInput, match="after 0 bars"):
        WatchSettings(always(), 0)


def test_time_goes_on_whatever_the_wall_clock_says() -> None:
    state = SteadyTime(Reading(START, 50))
    for wall in (START + SECOND, START + DAY, START - DAY, START + SECOND):
        now, state = steady_time(Reading(wall, 50 + SECOND), state)
        assert now == START + SECOND
    assert state.jumps == 3
    assert state.ahead == 0


def test_a_wall_clock_that_a_new_bar_bears_out_is_followed() -> None:
    state = SteadyTime(Reading(START, 0))
    asleep = Reading(START + HOUR, MINUTE)
    slow = {"longest_age": 2 * MINUTE, "tolerance": 2 * SECOND}
    assert witnessed(asleep, state, end=START + MINUTE, **slow).anchor == state.anchor
    woken = witnessed(asleep, state, end=START + HOUR - SECOND, **slow)
    assert steady_time(asleep, woken)[0] == START + HOUR
    assert woken.jumps == 1
