"""Walk-forward designs: a plain loop over windows gives the same, and a planted edge is found by all of them."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np
import pytest

from autonomous_trading.core import FloatArray, InvalidInput
from autonomous_trading.validation import (
    Design,
    WalkForwardDesign,
    chosen_returns,
    walk_forward_design,
    walk_forward_efficiency,
    walk_forward_windows,
)

DAY = 86_400_000_000_000
TIMES = np.arange(400, dtype=np.int64) * DAY
LENGTHS: dict[str, Any] = {"trains": (60.0, 100.0, 150.0), "tests": (20.0, 50.0)}


def noise(seed: int, sets: int = 12) -> FloatArray:
    """Returns of worthless sets, one of which stands still for a while and one always."""
    returns = np.random.default_rng(seed).normal(0.0, 0.01, (400, sets))
    returns[100:260, 3] = 0.0
    returns[:, 5] = 0.0
    return returns


def sharpe(values: FloatArray) -> float:
    if len(values) < 2 or float(np.ptp(values)) == 0.0:
        return math.nan
    return float(values.mean() / values.std(ddof=1))


def plain(returns: FloatArray, design: Design) -> tuple[FloatArray, list[float], list[bool]]:
    """One design, window by window: stitched returns, Sharpe ratios in training, and which windows gained."""
    windows = walk_forward_windows(
        TIMES, train=design.train, test=design.test, step=design.test, expanding=design.expanding
    )
    record: list[float] = []
    inside, gained = [], []
    for window in windows:
        scores = [sharpe(column) for column in returns[window.train].T]
        known = [-math.inf if math.isnan(each) else each for each in scores]
        best = known.index(max(known))
        inside.append(scores[best])
        part = returns[window.stitched, best].tolist()
        gained.append(math.prod(1.0 + each for each in part) > 1.0)
        record += part
    return np.array(record), inside, gained


def test_designs_are_those_of_a_plain_loop() -> None:
    returns = noise(0)
    found = walk_forward_design(returns, TIMES, **LENGTHS)
    assert found.designs == tuple(Design(*each) for each in product((60.0, 100.0, 150.0), (20.0, 50.0), (False, True)))
    shared = returns[150:400]  # the longest training window leaves these, and each test ends with the data
    for row, design in enumerate(found.designs):
        record, inside, gained = plain(returns, design)
        assert found.windows[row] == len(inside)
        assert found.in_sample[row] == pytest.approx(np.mean(inside))
        assert found.out_of_sample[row] == pytest.approx(sharpe(record))
        expected = walk_forward_efficiency(float(np.mean(inside)), sharpe(record))
        assert found.efficiency[row] == pytest.approx(expected)
        assert found.gains[row] == pytest.approx(np.mean(gained))
        last = 400 - len(shared) - int(design.train)
        stop = min(int(each.train) + int(each.test) * int((400 - each.train) // each.test) for each in found.designs)
        assert found.on_shared_bars[row] == pytest.approx(sharpe(record[last : stop - int(design.train)]))


def test_how_results_move() -> None:
    found = walk_forward_design(noise(1), TIMES, **LENGTHS, own=Design(100.0, 50.0, expanding=True))
    values = sorted(found.out_of_sample.tolist())
    assert found.median == pytest.approx((values[5] + values[6]) / 2.0)
    assert found.range == (values[0], values[-1])
    assert found.share_above_zero == sum(each > 0.0 for each in values) / 12
    mine = found.out_of_sample[found.own]
    assert found.designs[found.own] == (100.0, 50.0, True)
    assert found.own_percentile == pytest.approx(values.index(mine) / 11)


def of(values: list[float], own: int) -> WalkForwardDesign:
    """A report with these Sharpe ratios out of sample, and nothing else in it."""
    empty = np.full(len(values), np.nan)
    designs = tuple(Design(float(n), 1.0) for n in range(len(values)))
    return WalkForwardDesign(
        designs, np.ones(len(values), dtype=np.int64), empty, np.array(values), empty, empty, empty, own
    )


def test_an_own_design_that_lies_apart_is_an_outlier() -> None:
    assert of([0.01, 0.02, 0.03, 0.04, 0.5], own=4).own_is_outlier
    assert of([0.01, 0.02, 0.03, 0.04, -0.5], own=4).own_is_outlier
    assert not of([0.01, 0.02, 0.03, 0.04, 0.05], own=4).own_is_outlier
    assert of([0.01, 0.02, 0.02, 0.04, math.nan], own=1).own_percentile == pytest.approx((1 + 0.5) / 3)
    for nothing in (of([0.1, 0.2], own=-1), of([0.1], own=0), of([0.1, math.nan], own=1)):
        assert math.isnan(nothing.own_percentile)
        assert not nothing.own_is_outlier


def test_an_edge_is_found_by_all_designs_and_noise_by_none() -> None:
    returns = noise(2)
    returns[:, 7] += 0.004
    found = walk_forward_design(returns, TIMES, **LENGTHS)
    assert found.share_above_zero == 1.0
    assert 0.7 < float(np.median(found.efficiency)) < 1.4
    assert abs(float(np.mean([walk_forward_design(noise(seed), TIMES, **LENGTHS).median for seed in range(20)]))) < 0.03


def test_a_design_that_does_not_fit_is_left_empty() -> None:
    found = walk_forward_design(noise(3), TIMES, trains=(100.0, 390.0), tests=(30.0,))
    assert found.windows.tolist() == [10, 10, 0, 0]
    assert np.isnan(found.out_of_sample).tolist() == [False, False, True, True]
    assert np.isnan(found.gains).tolist() == np.isnan(found.in_sample).tolist() == [False, False, True, True]
    assert math.isfinite(found.median)


def test_the_calendar_makes_designs_too() -> None:
    found = walk_forward_design(noise(4), TIMES, trains=(3, 6), tests=(1, 3), unit="months")
    assert found.windows.tolist() == [10, 10, 3, 3, 7, 7, 2, 2]


def test_with_all_sets_still_nothing_is_held() -> None:
    windows = walk_forward_windows(TIMES, train=100, test=100, step=100, unit="bars")
    returns = noise(5, sets=6)
    returns[:100] = 0.0
    stitched = chosen_returns(returns, windows)
    assert stitched[:100].tolist() == [0.0] * 100
    assert len(stitched) == 300
    assert np.any(stitched[100:] != 0.0)
    still = walk_forward_design(np.zeros((400, 3)), TIMES, **LENGTHS)
    assert math.isnan(still.median)
    assert np.isnan(still.in_sample).all()


def test_the_future_is_not_seen() -> None:
    returns, changed = noise(6), noise(6)
    windows = walk_forward_windows(TIMES, train=100, test=50, step=25, unit="bars")
    changed[225:] = noise(7)[225:]
    assert chosen_returns(returns, windows)[:125].tolist() == chosen_returns(changed, windows)[:125].tolist()


def test_chunks_of_sets_do_not_change_the_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    windows = walk_forward_windows(TIMES, train=100, test=50, step=25, unit="bars")
    returns = np.tile(noise(8), 2)  # every set twice: the first of two equals is chosen
    whole = chosen_returns(returns, windows)
    monkeypatch.setattr("autonomous_trading.validation._walk_forward_design._VALUES_AT_ONCE", 400 * 5)
    assert chosen_returns(returns, windows).tolist() == whole.tolist()


def test_what_has_no_design_is_refused() -> None:
    returns = noise(0)
    with pytest.raises(InvalidInput, match="returns must be finite and"):
        walk_forward_design(np.where(returns > 0.02, np.nan, returns), TIMES)
    with pytest.raises(InvalidInput, match="of 400 bars, got shape"):
        walk_forward_design(returns[1:], TIMES)
    with pytest.raises(InvalidInput, match="walk-forward needs 500 days"):
        walk_forward_design(returns, TIMES, trains=(450.0, 600.0), tests=(50.0,))
    with pytest.raises(InvalidInput, match="there is no window to choose in"):
        chosen_returns(returns, ())
