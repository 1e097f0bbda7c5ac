"""Thinning keeps what the eye looks for: highs and lows, the ends, and the trials that carry the story."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from autonomous_trading.interfaces.report import Objective, PriceBars, Trials
from autonomous_trading.interfaces.report._downsample import bar_buckets, best_so_far, extreme_rows, trial_rows
from tests.e2e.report_content import synthetic_bars

VALUES = st.floats(-1e6, 1e6, allow_nan=False)


@pytest.mark.parametrize(("n_bars", "size"), [(10, 1), (100, 1), (101, 2), (1_000, 10), (1_001, 11)])
def test_buckets_are_as_small_as_the_limit_allows(n_bars: int, size: int) -> None:
    buckets = bar_buckets(synthetic_bars(n_bars), 100)
    assert buckets.size == size
    assert len(buckets.first) <= 100


def test_buckets_keep_first_open_highest_high_lowest_low_and_last_close() -> None:
    bars = PriceBars(
        time=[0, 1, 2, 3, 4],
        open=[10, 11, 12, 13, 14],
        high=[15, 19, 16, 17, 18],
        low=[9, 8, 7, 9, 6],
        close=[11, 12, 13, 14, 15],
    )
    buckets = bar_buckets(bars, 2)
    assert buckets.first.tolist() == [0, 3]
    assert buckets.open.tolist() == [10, 13]
    assert buckets.high.tolist() == [19, 18]
    assert buckets.low.tolist() == [7, 6]
    assert buckets.close.tolist() == [13, 15]


@given(arrays(np.float64, st.tuples(st.integers(1, 3), st.integers(1, 400)), elements=VALUES), st.integers(8, 60))
def test_a_thinned_line_keeps_its_extremes_and_its_ends(matrix: np.ndarray, limit: int) -> None:
    series = list(matrix)
    rows = extreme_rows(series, limit)
    assert len(rows) <= max(limit, 1)
    assert np.all(np.diff(rows) > 0)
    assert rows[0] == 0
    assert rows[-1] == matrix.shape[1] - 1
    for values in series:
        assert values[rows].max() == values.max()
        assert values[rows].min() == values.min()


def test_a_lonely_spike_survives_among_many_bars() -> None:
    values = np.zeros(100_000)
    values[54_321], values[77_777] = 9.0, -9.0
    rows = extreme_rows([values, np.arange(100_000.0)], 200)
    assert {54_321, 77_777} <= set(rows.tolist())


def test_series_that_peak_together_leave_room_for_finer_buckets() -> None:
    values = np.random.default_rng(1).normal(size=50_000).cumsum()
    alone = len(extreme_rows([values], 1_000))
    assert len(extreme_rows([values, 2 * values, 3 * values], 1_000)) > 0.8 * alone


def test_nan_rows_are_no_extremes() -> None:
    values = np.where(np.arange(1_000) % 2, np.nan, np.arange(1_000.0))
    rows = extreme_rows([values], 50)
    assert not np.isnan(values[rows[:-1]]).any()


@pytest.mark.parametrize(("sign", "expected"), [(1.0, [np.nan, 2, 2, 5]), (-1.0, [np.nan, 2, 1, 1])])
def test_best_so_far_follows_the_direction_and_skips_nan(sign: float, expected: list[float]) -> None:
    np.testing.assert_array_equal(best_so_far(np.array([np.nan, 2.0, 1.0, 5.0]), sign), expected)


def many_trials(n_trials: int) -> Trials:
    rng = np.random.default_rng(5)
    values = rng.normal(size=(n_trials, 2))
    values[::7] = np.nan
    return Trials(
        objectives=(Objective("sharpe_ratio"), Objective("max_drawdown", "minimize")),
        values=values,
        parameters={"fast": rng.integers(5, 50, n_trials)},
        on_front=rng.random(n_trials) < 0.01,
        chosen=1_234,
    )


def test_trials_that_fit_are_all_drawn_but_the_failed_ones() -> None:
    trials = many_trials(5_000)
    rows = trial_rows(trials, 5_000)
    assert rows.tolist() == np.flatnonzero(np.isfinite(trials.matrix()[:, 0])).tolist()


def test_thinned_trials_keep_the_chosen_the_improving_and_the_front() -> None:
    trials = many_trials(5_000)
    rows = trial_rows(trials, 400)
    valid = np.isfinite(trials.matrix()[:, 0])
    assert len(rows) == 400
    assert 1_234 in rows
    assert set(np.flatnonzero(np.asarray(trials.on_front) & valid)) <= set(rows.tolist())
    assert int(np.nanargmax(trials.matrix()[:, 0])) in rows
    assert int(np.nanargmin(trials.matrix()[:, 1])) in rows


def test_even_a_front_that_is_too_large_respects_the_limit() -> None:
    trials = many_trials(5_000)
    crowded = Trials(
        objectives=trials.objectives, values=trials.values, parameters={}, on_front=[True] * 5_000, chosen=9
    )
    rows = trial_rows(crowded, 100)
    assert len(rows) == 100
    assert 9 in rows
