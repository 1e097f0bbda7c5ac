"""Laws of merging: cut anywhere, shuffled within the window, repeated and revised, the bars that leave are the same."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from autonomous_trading.data.streaming import Arrival, FeedWatch, Outcome, WatchSettings, merge, merge_from, watch_feed
from tests.unit.data.streamed_bars import MINUTE, SECOND, START, always, bar, emitted, settings


@st.composite
def disturbed(draw: st.DrawFn) -> tuple[list[Arrival], list[Arrival], int]:
    """Bars in order, the same ones shuffled so that none is overtaken by more than the lateness, and the lateness."""
    lateness = draw(st.integers(0, 6))
    n = draw(st.integers(1, 40))
    clean = [bar(k) for k in range(1, n + 1)]
    delays = draw(st.lists(st.integers(0, lateness), min_size=n, max_size=n))
    # A bar that is sent `d` places later is overtaken by at most `d` newer ones.
    order = sorted(range(n), key=lambda k: (k + delays[k], k))
    return clean, [clean[k] for k in order], lateness


@st.composite
def any_arrivals(draw: st.DrawFn) -> list[Arrival]:
    """Bars of a few minutes: missing, repeated, revised, early, late, broken, in any order."""
    indices = draw(st.lists(st.integers(0, 15), max_size=40))
    arrivals = []
    for k in indices:
        kind = draw(st.sampled_from(["", "", "", "revised", "early", "broken", "off"]))
        made = bar(k, close=50.0) if kind == "revised" else bar(k)
        changes: dict[str, dict[str, Any]] = {
            "early": {"received_at": START},
            "broken": {"low": -1.0},
            "off": {"time": made.time + 1},
        }
        arrivals.append(replace(made, **changes.get(kind, {})))
    return arrivals


def outcomes_of(arrivals: list[Arrival], lateness: int) -> tuple[tuple[Outcome, ...], str]:
    outcomes, state = merge(arrivals, settings(lateness), merge_from(START))
    return outcomes, state.content_id


@given(disturbed())
def test_any_order_within_the_window_gives_the_same_bars(case: tuple[list[Arrival], list[Arrival], int]) -> None:
    clean, shuffled, lateness = case
    first, second = outcomes_of(clean, lateness), outcomes_of(shuffled, lateness)
    assert emitted(second[0]) == emitted(first[0]) == clean
    assert second[1] == first[1]


@given(any_arrivals(), st.integers(0, 4), st.integers(0, 40))
def test_cut_anywhere_and_carried_on_it_is_the_same(arrivals: list[Arrival], lateness: int, cut: int) -> None:
    on = settings(lateness, memory=6)
    whole, end = merge(arrivals, on, merge_from())
    first, state = merge(arrivals[:cut], on, merge_from())
    second, after = merge(arrivals[cut:], on, state)
    assert first + second == whole
    assert after == end


@given(any_arrivals(), st.integers(0, 4))
def test_bars_leave_in_order_and_once_whatever_comes(arrivals: list[Arrival], lateness: int) -> None:
    outcomes, state = merge(arrivals, settings(lateness), merge_from())
    times = [each.time for each in emitted(outcomes)]
    assert times == sorted(set(times))
    assert sum(state.counts.values()) == len(outcomes)
    assert sum(each.arrival is not None for each in outcomes if each.kind != "held") == len(arrivals) - len(state.held)


@given(any_arrivals(), st.integers(0, 4), st.data())
def test_what_comes_for_decided_times_changes_no_decision(
    arrivals: list[Arrival], lateness: int, data: st.DataObject
) -> None:
    outcomes, state = merge(arrivals, settings(lateness), merge_from(START))
    decided = emitted(outcomes)
    again = data.draw(st.lists(st.integers(0, (state.floor - START) // MINUTE), max_size=10))
    changed = [bar(k, close=data.draw(st.sampled_from([50.0, 60.0]))) for k in again]
    late, after = merge(changed, settings(lateness), state)
    assert emitted(late) == []
    assert (after.last, after.floor, after.held) == (state.last, state.floor, state.held)
    assert decided == emitted(outcomes)


@given(st.lists(st.tuples(st.integers(0, 200), st.none() | st.integers(0, 60)), max_size=30), st.integers(0, 30))
def test_watching_is_a_scan_too(looks: list[tuple[int, int | None]], cut: int) -> None:
    times = [(START + now * 20 * SECOND, None if at is None else START + at * MINUTE) for now, at in looks]
    on = WatchSettings(always())
    whole, end = watch_feed(times, on, FeedWatch(START))
    first, state = watch_feed(times[:cut], on, FeedWatch(START))
    second, after = watch_feed(times[cut:], on, state)
    assert (first + second, after) == (whole, end)
