"""Labels on prices small enough to read: where they begin and end, what they earn, what they weigh."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from autonomous_trading.core import Bars, InvalidInput, UnknownName
from autonomous_trading.models.labels import (
    HORIZON,
    LOWER,
    UPPER,
    Barriers,
    Labels,
    concurrent_labels,
    draw_probabilities,
    fixed_horizon,
    meta_labels,
    return_attribution_weights,
    sequential_bootstrap,
    time_decay,
    trend_scanning,
    triple_barrier,
    uniqueness_weights,
)
from autonomous_trading.testing import random_walk

DAY = 86_400_000_000_000


def market(opens: list[float], closes: list[float], reach: float = 0.0) -> Bars:
    """Bars whose highs and lows are `reach` beyond their open and close."""
    one, other = np.array(opens), np.array(closes)
    high, low = np.maximum(one, other) + reach, np.minimum(one, other) - reach
    return Bars(np.arange(len(one)) * DAY, one, high, low, other, np.ones(len(one)))


def spans(rows: list[int], ends: list[int]) -> Labels:
    """Labels from close to close over these bars."""
    n = len(rows)
    return Labels(
        rows=np.array(rows),
        ends=np.array(ends),
        held_to=np.array(ends),
        time=np.array(rows) * DAY,
        end_time=np.array(ends) * DAY,
        value=np.ones(n),
        returns=np.ones(n),
        weight=np.ones(n),
        barrier=np.zeros(n, dtype=np.int64),
        entry="close",
    )


# The numbers of the example in AFML, section 4.5.3: labels over the returns r(0,3), r(2,4) and r(4,6).
BOOK = spans([0, 2, 4], [3, 4, 6])


def test_a_fixed_horizon_goes_from_open_to_open() -> None:
    bars = market([10, 11, 12, 9, 8], [10, 12, 11, 9, 8])
    labels = fixed_horizon(bars, 2)
    assert labels.rows.tolist() == [0, 1]
    assert labels.ends.tolist() == [3, 4]
    assert labels.held_to.tolist() == [2, 3]
    assert labels.returns == pytest.approx([9 / 11 - 1, 8 / 12 - 1])
    assert labels.value.tolist() == [-1.0, -1.0]
    assert labels.end_time.tolist() == [3 * DAY, 4 * DAY]
    assert labels.barrier.tolist() == [HORIZON, HORIZON]


def test_a_fixed_horizon_can_go_from_close_to_close() -> None:
    labels = fixed_horizon(market([10, 11, 12, 9], [10, 12, 11, 9]), 2, entry="close")
    assert labels.rows.tolist() == [0, 1]
    assert labels.ends.tolist() == labels.held_to.tolist() == [2, 3]
    assert labels.returns == pytest.approx([0.1, -0.25])


def test_returns_within_the_threshold_are_no_direction() -> None:
    bars = market([10, 10, 11, 12, 12], [10, 10, 11, 12, 12])
    assert fixed_horizon(bars, 1, threshold=0.095).value.tolist() == [1.0, 0.0, 0.0]
    known = np.array([np.nan, 0.0, 0.0, 0.0, 0.0])
    assert fixed_horizon(bars, 1, threshold=known).rows.tolist() == [1, 2]


def test_each_barrier_and_the_horizon() -> None:
    bars = market([100, 100, 100, 104, 104, 98, 98], [100, 100, 104, 104, 100, 98, 98])
    labels = triple_barrier(bars, Barriers(3, 0.03, 0.05), rows=np.array([0, 1, 2]))
    assert labels.barrier.tolist() == [UPPER, UPPER, LOWER]
    assert labels.ends.tolist() == [2, 2, 5]
    assert labels.returns == pytest.approx([0.03, 0.03, 98 / 104 - 1])  # the last one opens beyond its barrier
    assert labels.held_to.tolist() == [2, 2, 4]


def test_the_width_of_a_bar_scales_its_barriers() -> None:
    bars = market([100] * 6, [100] * 6, reach=3.0)
    widths = np.array([0.01, 0.02, np.nan, 0.02, 0.02, 0.02])
    labels = triple_barrier(bars, Barriers(2, 2.0, math.inf), width=widths)
    assert labels.rows.tolist() == [0, 1]
    assert labels.barrier.tolist() == [UPPER, HORIZON]
    assert labels.returns == pytest.approx([0.02, 0.0])


def test_at_the_horizon_a_label_is_a_sign_or_nothing() -> None:
    bars = market([100, 100, 101, 102, 103], [100, 101, 102, 103, 103])
    assert triple_barrier(bars, Barriers(2, 0.5, 0.5)).value.tolist() == [1.0, 1.0]
    assert triple_barrier(bars, Barriers(2, 0.5, 0.5, at_horizon="zero")).value.tolist() == [0.0, 0.0]


def test_the_path_decides_a_bar_that_touches_both() -> None:
    bars = market([100] * 4, [100] * 4, reach=5.0)
    found = {
        path: triple_barrier(bars, Barriers(1, 0.02, 0.03, path), rows=np.array([0])).barrier[0]
        for path in ("pessimistic", "optimistic", "nearest")
    }
    assert found == {"pessimistic": LOWER, "optimistic": UPPER, "nearest": UPPER}


def test_meta_labels_say_whether_a_signal_paid() -> None:
    bars = market([100, 100, 97, 97, 97, 97, 99, 99], [100, 97, 97, 97, 97, 99, 99, 99])
    side = np.array([-1.0, -1.0, 0.0, np.nan, 1.0, 1.0, 0.0, 0.0])
    labels = meta_labels(bars, side, Barriers(2, 0.5, 0.5))
    assert labels.rows.tolist() == [0, 4]  # one label per change to a position
    assert labels.returns == pytest.approx([0.03, 99 / 97 - 1])
    assert labels.value.tolist() == [1.0, 1.0]
    assert meta_labels(bars, side, Barriers(2, 0.5, 0.5), cost=0.025).value.tolist() == [1.0, 0.0]


def test_a_trend_is_known_when_the_longest_length_is_over() -> None:
    closes = [1.0, 2.0, 3.0, 4.1, 3.9, 4.0, 3.0, 3.0, 3.0]
    labels = trend_scanning(market(closes, closes), (3, 5), entry="close")
    assert labels.value[0] == 1.0
    assert labels.ends[0] == 2
    assert labels.end_time[0] == 4 * DAY


def test_a_price_that_stands_still_has_no_trend() -> None:
    labels = trend_scanning(market([5.0] * 9, [5.0] * 9), (3, 4))
    assert labels.value.tolist() == [0.0] * len(labels)
    assert labels.weight.tolist() == [0.0] * len(labels)


def test_uniqueness_of_the_example_in_the_book() -> None:
    assert concurrent_labels(BOOK).tolist() == [0, 1, 1, 2, 1, 1, 1]
    assert uniqueness_weights(BOOK) == pytest.approx([5 / 6, 3 / 4, 1.0])


def test_draws_of_the_example_in_the_book() -> None:
    assert draw_probabilities(BOOK, np.array([], dtype=np.int64)) == pytest.approx([1 / 3] * 3)
    assert draw_probabilities(BOOK, np.array([1])) == pytest.approx([5 / 14, 3 / 14, 6 / 14])


def test_the_sequential_bootstrap_overlaps_less_than_a_plain_one() -> None:
    labels = fixed_horizon(random_walk(300, 3), 20)
    rng = np.random.default_rng(5)

    def covered(positions: list[int]) -> int:
        bars: set[int] = set()
        for at in positions:
            bars |= set(range(int(labels.rows[at]) + 1, int(labels.held_to[at]) + 1))
        return len(bars)

    drawn = [covered(sequential_bootstrap(labels, 15, rng).tolist()) for _ in range(60)]
    plain = [covered(rng.integers(len(labels), size=15).tolist()) for _ in range(60)]
    assert np.mean(drawn) > np.mean(plain)


def test_return_attribution_gives_shared_returns_to_each_in_part() -> None:
    bars = market([1.0] * 5, [1.0, math.exp(0.1), math.exp(0.3), math.exp(0.3), math.exp(0.2)])
    bars = Bars(bars.time, bars.close, bars.close, bars.close, bars.close, bars.volume)
    labels = spans([0, 1, 3], [2, 3, 4])  # returns .1, .2 | .2, 0 | -.1; the .2 is shared
    own = np.array([0.1 + 0.1, 0.1, 0.1])
    assert return_attribution_weights(labels, bars) == pytest.approx(own * 3 / own.sum())


def test_return_attribution_from_open_to_open_ends_with_the_horizon() -> None:
    opens = [1.0, 1.0, math.exp(0.1), math.exp(0.3), math.exp(0.2), math.exp(0.2)]
    labels = fixed_horizon(market(opens, opens), 2, rows=np.array([0, 2]))
    assert labels.rows.tolist() == [0, 2]
    assert return_attribution_weights(labels, market(opens, opens)) == pytest.approx([1.5, 0.5])


def test_without_any_move_all_labels_weigh_the_same() -> None:
    flat = market([1.0] * 6, [1.0] * 6)
    assert return_attribution_weights(fixed_horizon(flat, 1), flat).tolist() == [1.0] * 4


def test_decay_falls_in_a_straight_line() -> None:
    assert time_decay(np.ones(4), 1.0).tolist() == [1.0] * 4
    assert time_decay(np.ones(4), 0.5) == pytest.approx([0.625, 0.75, 0.875, 1.0])
    assert time_decay(np.ones(4), -0.5) == pytest.approx([0.0, 0.0, 0.5, 1.0])


def test_labels_are_named_by_their_content() -> None:
    one, other = fixed_horizon(random_walk(50, 1), 3), fixed_horizon(random_walk(50, 1), 3)
    assert one.content_id == other.content_id
    assert one.with_weight(np.full(len(one), 2.0)).content_id != one.content_id
    assert one.take(np.arange(5)).content_id != one.content_id
    assert len(one.take(one.value > 0)) == int((one.value > 0).sum())
    assert repr(one).startswith("Labels(46 labels: ")


def test_labels_cannot_be_written_to() -> None:
    labels = fixed_horizon(random_walk(50, 1), 3)
    with pytest.raises(ValueError, match="read-only"):
        labels.value[0] = 5.0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"weight": np.array([1.0])}, r"weight of labels has shape \(1,\) for 3 rows"),
        ({"weight": np.array([1.0, -1.0, 1.0])}, "weight of a label is negative"),
        ({"value": np.array([1.0, np.nan, 1.0])}, "value of labels holds a number that is not finite"),
        ({"rows": np.array([0, 0, 4])}, "rows of labels must increase"),
        ({"ends": np.array([3, 4, 5])}, "ends at or before the bar that asks it"),
    ],
)
def test_labels_that_cannot_be_are_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        replace(BOOK, **change)


BARS = random_walk(60, 2)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: fixed_horizon(BARS, 0), "horizon must be a whole number of bars from 1 on, got 0"),
        (lambda: fixed_horizon(BARS, 60), "none of 60 rows of 60 bars has a label"),
        (lambda: fixed_horizon(BARS, 5, threshold=-0.1), "threshold must not be negative"),
        (lambda: fixed_horizon(BARS, 5, threshold=np.ones(3)), r"threshold has shape \(3,\) for 60 bars"),
        (lambda: fixed_horizon(BARS, 5, rows=np.array([3, 2])), "rows must be whole numbers that increase"),
        (lambda: fixed_horizon(BARS, 5, rows=np.array([3, 60])), "rows reach from 3 to 60, there are 60 bars"),
        (lambda: Barriers(5, upper=0.0), "upper must be above 0, got 0.0"),
        (lambda: Barriers(5, lower=math.nan), "lower must be above 0, got nan"),
        (lambda: triple_barrier(BARS, Barriers(5), width=0.0), "width must be above 0, at row 0 it is 0.0"),
        (lambda: meta_labels(BARS, np.zeros(60), Barriers(5)), "none of 0 rows of 60 bars has a label"),
        (lambda: meta_labels(BARS, np.ones(60), Barriers(5), cost=-1.0), "cost must not be negative, got -1.0"),
        (lambda: trend_scanning(BARS, (2, 5)), "horizon must be a whole number of bars from 3 on, got 2"),
        (lambda: trend_scanning(BARS, ()), "horizon must be a whole number of bars from 3 on, got 0"),
        (lambda: time_decay(np.ones(3), 2.0), "oldest must lie between -1 and 1, got 2.0"),
        (lambda: time_decay(np.zeros(3)), "uniqueness must be above 0 for every label"),
        (lambda: sequential_bootstrap(BOOK, 0, np.random.default_rng(0)), "0 of 3 labels cannot be drawn"),
        (lambda: uniqueness_weights(BOOK.take(np.arange(0))), "there are no labels to weigh"),
        (lambda: return_attribution_weights(BOOK, BARS[:3]), "labels reach bar 6, but there are 3 bars"),
    ],
)
def test_what_cannot_be_labelled_is_refused(call: object, words: str) -> None:
    assert callable(call)
    with pytest.raises(InvalidInput, match=words):
        call()


@pytest.mark.parametrize("field", ["path", "entry", "at_horizon"])
def test_a_word_that_is_none_is_refused(field: str) -> None:
    words: dict[str, Any] = {field: "opne"}
    with pytest.raises(UnknownName, match=r"unknown .* 'opne'"):
        Barriers(5, **words)
