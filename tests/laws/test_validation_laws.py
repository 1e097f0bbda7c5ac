"""Laws of the windows and of the Sharpe ratio statistics."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from autonomous_trading.core import IntArray
from autonomous_trading.validation import (
    Window,
    deflated_sharpe_ratio,
    expected_maximum_sharpe,
    minimum_track_record_length,
    probabilistic_sharpe_ratio,
    return_moments,
    walk_forward_windows,
)

HOUR = 3_600_000_000_000


class Plan(NamedTuple):
    """A calendar with holes, and lengths that fit into it."""

    time: IntArray
    train: int
    test: int
    step: int
    expanding: bool

    def windows(self, unit: str) -> tuple[Window, ...]:
        return walk_forward_windows(
            self.time,
            train=self.train,
            test=self.test,
            step=self.step,
            unit="bars" if unit == "bars" else "days",
            expanding=self.expanding,
        )


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    test = draw(st.integers(1, 12))
    step = draw(st.integers(1, test))
    train = draw(st.integers(4, 20))
    days = draw(st.integers(train + test, train + test + 60))
    per_day = draw(st.sampled_from([1, 4, 24]))
    every_hour = np.arange(days * per_day, dtype=np.int64) * (24 // per_day) * HOUR
    # Holes of up to a day; the ends stay, so that the data is as long as it says.
    kept = np.array(draw(st.lists(st.booleans(), min_size=days, max_size=days)))[np.arange(every_hour.size) // per_day]
    kept |= np.arange(every_hour.size) // per_day % 2 == 0
    kept[-1] = True
    return Plan(every_hour[kept], train, test, step, draw(st.booleans()))


def check_folds(windows: tuple[Window, ...], n_bars: int) -> None:
    assert windows
    for window in windows:
        assert 0 <= window.train.start < window.train.stop == window.test.start
        assert window.test.start == window.stitched.start < window.stitched.stop <= window.test.stop <= n_bars
    for earlier, later in pairwise(windows):
        assert earlier.test.start < later.test.start
        assert earlier.train.start <= later.train.start
        assert earlier.stitched.stop == later.stitched.start
    assert windows[-1].stitched.stop == windows[-1].test.stop


@given(plans())
def test_folds_of_days_are_ordered_and_stitch_without_gap_or_overlap(plan: Plan) -> None:
    windows = plan.windows("days")
    check_folds(windows, plan.time.size)
    for window in windows:
        assert plan.time[window.train][-1] < plan.time[window.test][0]
        trained = plan.time[window.test][0] - plan.time[window.train][0]
        assert plan.expanding or trained <= (plan.train + plan.step) * 24 * HOUR


@given(plans())
def test_folds_of_bars_have_exact_lengths_and_leave_less_than_a_step(plan: Plan) -> None:
    assume(plan.train + plan.test <= plan.time.size)
    windows = plan.windows("bars")
    check_folds(windows, plan.time.size)
    assert all(window.test.stop - window.test.start == plan.test for window in windows)
    assert plan.expanding or all(w.train.stop - w.train.start == plan.train for w in windows)
    assert 0 <= plan.time.size - windows[-1].stitched.stop < plan.step


@given(plans(), st.integers(1, 200))
def test_more_data_never_changes_the_training_and_test_windows_before_it(plan: Plan, more: int) -> None:
    step = int(np.median(np.diff(plan.time)))
    longer = np.concatenate([plan.time, plan.time[-1] + step * np.arange(1, more + 1, dtype=np.int64)])
    before = plan.windows("bars") if plan.train + plan.test <= plan.time.size else ()
    after = plan._replace(time=longer).windows("bars") if before else ()
    assert [(w.train, w.test) for w in after][: len(before)] == [(w.train, w.test) for w in before]


@given(
    sharpe=st.floats(-0.5, 0.5),
    n=st.integers(10, 5_000),
    n_trials=st.integers(1, 100_000),
    variance=st.floats(0.0, 0.1),
)
def test_more_trials_never_make_a_sharpe_ratio_more_believable(
    sharpe: float, n: int, n_trials: int, variance: float
) -> None:
    few = deflated_sharpe_ratio(sharpe, n, n_trials=n_trials, trials_variance=variance)
    many = deflated_sharpe_ratio(sharpe, n, n_trials=n_trials * 2, trials_variance=variance)
    assert 0.0 <= many <= few <= 1.0
    assert few <= probabilistic_sharpe_ratio(sharpe, n)


@given(n_trials=st.integers(2, 10**9), scale=st.floats(1e-6, 1e3))
def test_luck_scales_with_the_spread_of_the_trials(n_trials: int, scale: float) -> None:
    assert expected_maximum_sharpe(n_trials, scale**2) == pytest.approx(scale * expected_maximum_sharpe(n_trials, 1.0))


@given(
    values=st.lists(st.floats(-0.2, 0.2), min_size=3, max_size=60),
    benchmark=st.floats(-0.3, 0.3),
    convention=st.sampled_from(["2012", "2026"]),
)
def test_the_minimum_track_record_is_where_the_probability_reaches_its_confidence(
    values: list[float], benchmark: float, convention: str
) -> None:
    moments = return_moments(np.array(values))
    assume(benchmark + 1e-3 < moments.sharpe < 5.0)
    rule = "2012" if convention == "2012" else "2026"
    shape = {"skew": moments.skew, "kurtosis": moments.kurtosis, "benchmark": benchmark}
    needed = minimum_track_record_length(moments.sharpe, **shape, convention=rule)  # type: ignore[arg-type]
    assume(needed > 3.0)
    below, above = (
        probabilistic_sharpe_ratio(moments.sharpe, n, **shape, convention=rule)  # type: ignore[arg-type]
        for n in (int(needed) - 1, int(needed) + 2)
    )
    assert below <= 0.95 <= above
