"""What becomes of each bar that arrives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from autonomous_trading.core import InvalidInput
from autonomous_trading.data import RawBars, Span
from autonomous_trading.data.streaming import (
    KINDS,
    Arrival,
    MergeSettings,
    MergeState,
    Outcome,
    Settled,
    merge,
    merge_from,
)
from tests.unit.data.streamed_bars import HOUR, MINUTE, START, bar, emitted, kinds, settings, weekdays


def merged(
    *arrivals: Arrival | Settled, lateness: int = 3, state: MergeState | None = None
) -> tuple[list[str], MergeState]:
    outcomes, after = merge(arrivals, settings(lateness), merge_from(START) if state is None else state)
    assert set(kinds(outcomes)) <= set(KINDS)
    return kinds(outcomes), after


def minutes(first: int, stop: int) -> Span:
    return Span(START + first * MINUTE, START + stop * MINUTE)


def test_bars_in_order_leave_at_once() -> None:
    said, state = merged(bar(1), bar(2), bar(3))
    assert said == ["accepted"] * 3
    assert state.last == bar(3)
    assert not state.blocked


def test_the_first_bar_may_be_any_where_nothing_is_there() -> None:
    said, state = merged(bar(5), bar(4), bar(6), state=merge_from())
    assert said == ["accepted", "quarantined", "accepted"]
    assert state.last == bar(6)


def test_the_same_bar_again_is_counted_and_ignored() -> None:
    said, state = merged(bar(1), bar(1, received_at=bar(9).received_at), bar(2))
    assert said == ["accepted", "duplicate", "accepted"]
    assert state.counts == {"accepted": 2, "duplicate": 1}
    assert state.content_id == merged(bar(1), bar(2))[1].content_id


def test_other_values_for_a_bar_are_a_revision_once() -> None:
    said, state = merged(bar(1), bar(1, close=50.0), bar(1, close=50.0), bar(2))
    assert said == ["accepted", "revision", "duplicate", "accepted"]
    assert state.last == bar(2)


def test_a_bar_that_waits_is_told_apart_from_its_copy_and_its_revision() -> None:
    outcomes, _ = merge([bar(2), bar(2), bar(2, close=50.0), bar(1)], settings(), merge_from(START))
    assert kinds(outcomes) == ["held", "hole", "duplicate", "revision", "late", "accepted"]
    assert emitted(outcomes) == [bar(1), bar(2)]


def test_revisions_of_bars_that_were_there_before_are_known() -> None:
    state = merge_from(known=[bar(0), bar(1)])
    assert merged(bar(1), bar(0, close=50.0), bar(2), state=state)[0] == ["duplicate", "revision", "accepted"]


def test_a_hole_blocks_until_it_is_filled() -> None:
    outcomes, state = merge([bar(1), bar(4)], settings(), merge_from(START))
    assert outcomes[1:] == (Outcome("held", bar(4)), Outcome("hole", span=minutes(2, 4)))
    assert state.blocked
    said, state = merged(bar(3), bar(2), state=state)
    assert said == ["held", "late", "accepted", "accepted"]
    assert not state.blocked


def test_a_hole_blocks_until_it_is_settled() -> None:
    _, state = merged(bar(1), bar(4))
    said, state = merged(Settled(minutes(2, 4), 0), bar(5), state=state)
    assert said == ["accepted", "accepted"]
    assert not state.blocked
    assert state.settled == ()


def test_a_part_that_is_settled_leaves_the_rest_to_wait_for() -> None:
    _, state = merged(bar(1), bar(4))
    said, state = merged(Settled(minutes(3, 4), 0), state=state)
    assert said == []
    assert state.blocked
    assert merged(bar(2), state=state)[0] == ["late", "accepted"]


def test_what_is_overtaken_by_too_many_is_a_gap() -> None:
    outcomes, state = merge([bar(1), bar(3), bar(4), bar(5), bar(6), bar(7)], settings(3), merge_from(START))
    assert [each.time for each in emitted(outcomes)] == [bar(k).time for k in (1, 3, 4, 5, 6, 7)]
    assert Outcome("gap", span=minutes(2, 3)) in outcomes
    assert state.gaps == (minutes(2, 3),)
    assert state.blocked
    said, after = merged(bar(2), state=state)
    assert said == ["quarantined"]
    assert not after.blocked
    assert merged(bar(2), state=after)[0] == ["duplicate"]
    assert not merged(Settled(minutes(2, 3), 0), state=state)[1].blocked


def test_a_long_gap_is_given_up_as_far_as_it_was_overtaken() -> None:
    outcomes, state = merge([bar(1), bar(10)], settings(3), merge_from(START))
    assert kinds(outcomes) == ["accepted", "gap", "held", "hole"]
    assert [each.span for each in outcomes if each.span] == [minutes(2, 7), minutes(7, 10)]
    said, state = merged(bar(7), bar(9), bar(8), bar(6), state=state)
    assert said == ["late", "held", "late", "accepted", "accepted", "quarantined"]
    assert state.gaps == (minutes(2, 6),)


def test_with_no_lateness_nothing_is_waited_for() -> None:
    said, state = merged(bar(1), bar(3), bar(2), lateness=0)
    assert said == ["accepted", "gap", "accepted", "quarantined"]
    assert state.gaps == ()


def test_bars_that_nobody_expects_are_taken_and_not_waited_for() -> None:
    on = MergeSettings(weekdays(), 3)
    close = START + 21 * HOUR
    evening = [bar(k, start=close) for k in (0, 5, 9)]
    outcomes, state = merge(evening, on, merge_from(close - MINUTE))
    assert kinds(outcomes) == ["accepted"] * 3
    assert not state.blocked
    many = [bar(k, start=close) for k in range(6)]
    outcomes, state = merge(many, on, merge_from(close - 2 * MINUTE))
    assert kinds(outcomes)[:2] == ["held", "hole"]
    assert kinds(outcomes).count("accepted") == 6
    assert state.gaps == (Span(close - MINUTE, close),)


def test_a_settled_part_of_a_gap_is_not_asked_for_again() -> None:
    _, state = merged(Settled(minutes(2, 4), 0), bar(1))
    _, state = merged(bar(12), state=state)
    assert state.gaps == (minutes(4, 9),)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"high": 1.0}, "high_below_low"),
        ({"close": float("nan")}, "not_finite"),
        ({"open": float("nan")}, "not_finite"),
        ({"high": float("inf")}, "not_finite"),
        ({"low": 0.0}, "not_positive"),
        ({"volume": -1.0}, "bad_volume"),
        ({"open": 1.0}, "outside_range"),
        ({"time": 0}, "bad_time"),
        ({"time": START + MINUTE + 1}, "off_grid"),
    ],
)
def test_a_bar_that_breaks_a_rule_is_put_aside_with_it(fields: dict[str, float], reason: str) -> None:
    broken = replace(bar(1), **fields)  # type: ignore[arg-type]
    outcomes, state = merge([broken, bar(1)], settings(), merge_from(START))
    assert outcomes[0] == Outcome("quarantined", outcomes[0].arrival, reason=reason)
    assert kinds(outcomes) == ["quarantined", "accepted"]
    assert outcomes[0].arrival is broken
    assert state.last == bar(1)


def test_bars_of_the_future_and_bars_in_progress_are_refused() -> None:
    early = bar(1, received_at=START + MINUTE + 30_000_000_000)
    beyond = bar(9, received_at=START + MINUTE)
    just = bar(1, received_at=START + 2 * MINUTE - 2_000_000_000)
    assert merged(early, beyond, just)[0] == ["in_progress", "future", "accepted"]


def test_memory_is_bounded() -> None:
    on = settings(3, memory=50)
    state = merge_from(START)
    sizes = set()
    for first in range(1, 1_200, 4):
        arrivals: list[Arrival | Settled] = [
            bar(first),
            bar(first + 2),
            bar(first),
            Settled(minutes(first, first + 1), 0),
        ]
        _, state = merge(arrivals, on, state)
        sizes.add((len(state.recent), len(state.held) <= 4, len(state.gaps) <= 256, len(state.settled) <= 2))
    assert max(sizes) == (50, True, True, True)
    assert len(state.gaps) == 256


def test_arrivals_go_to_rows_and_back() -> None:
    rows = [bar(1), bar(2, close=7.0)]
    raw = Arrival.as_raw(rows, "BTC")
    assert isinstance(raw, RawBars)
    assert raw.received_at == rows[1].received_at
    back = Arrival.all_of(raw, "poll")
    assert [each.values for each in back] == [each.values for each in rows]
    assert {each.origin for each in back} == {"poll"}
    assert len(Arrival.as_raw([], "BTC")) == 0
    assert np.array_equal(raw.time, [each.time for each in rows])


def test_settings_that_cannot_be_are_refused() -> None:
    with pytest.raises(InvalidInput, match="lateness -1"):
        settings(-1)
    with pytest.raises(InvalidInput, match="unknown origin 'rumour'"):
        bar(1, origin="rumour")
