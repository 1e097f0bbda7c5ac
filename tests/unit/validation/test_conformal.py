"""Conformal intervals: the published index, coverage where scores are exchangeable, and a bound that always holds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autonomous_trading.core import FloatArray, InvalidInput
from autonomous_trading.validation import adaptive_conformal, conformal_index


@pytest.mark.parametrize(("n", "miss", "index"), [(99, 0.1, 90), (19, 0.05, 19), (18, 0.05, 19), (0, 0.5, 1)])
def test_the_published_index(n: int, miss: float, index: int) -> None:
    assert conformal_index(n, miss) == index
    assert (index > n) == (n in (0, 18))  # then nothing bounds the next score


@pytest.mark.parametrize(("n", "miss"), [(99, 0.1), (40, 0.25), (60, 0.05)])
def test_the_index_covers_what_is_exchangeable(n: int, miss: float) -> None:
    drawn = np.random.default_rng(0).exponential(size=(20_000, n + 1))
    bound = np.sort(drawn[:, :n], axis=1)[:, conformal_index(n, miss) - 1]
    covered = float(np.mean(drawn[:, n] <= bound))
    assert 1.0 - miss - 0.006 <= covered <= 1.0 - miss + 1.0 / (n + 1) + 0.006


@st.composite
def any_scores(draw: st.DrawFn) -> FloatArray:
    """Whatever happens: drifting, jumping, constant."""
    return np.array(draw(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=150)))


@given(any_scores(), st.floats(0.01, 0.9), st.floats(0.001, 0.5), st.sampled_from([None, 1, 20]))
def test_the_bound_on_the_share_of_misses_holds_for_any_scores(
    scores: FloatArray, miss: float, rate: float, window: int | None
) -> None:
    """Gibbs and Candes (2021), proposition 4.1, derived.

    The level moves by rate x (miss - missed). At 0 or below nothing is missed, so it rises; at 1 or above everything
    is, so it falls: it stays in [-rate, 1 + rate]. Over T periods last - first = rate x (T miss - misses), hence
    |misses / T - miss| = |last - first| / (rate T) <= (max(first, 1 - first) + rate) / (rate T).
    """
    found = adaptive_conformal(scores, miss=miss, rate=rate, window=window)
    periods = len(scores)
    assert bool(np.all((found.levels >= -rate - 1e-12) & (found.levels <= 1.0 + rate + 1e-12)))
    off = abs(float(found.missed.mean()) - miss)
    assert off <= (max(miss, 1.0 - miss) + rate) / (rate * periods) + 1e-9


@given(any_scores(), st.sampled_from([None, 1, 7]))
def test_intervals_are_those_of_a_plain_loop_and_see_no_future(scores: FloatArray, window: int | None) -> None:
    found = adaptive_conformal(scores, miss=0.2, rate=0.05, window=window)
    level = 0.2
    for period, score in enumerate(scores.tolist()):
        before = sorted(
            scores[:period].tolist() if window is None else scores[max(0, period - window) : period].tolist()
        )
        index = math.ceil((len(before) + 1) * (1.0 - level) - 1e-9)
        reach = math.inf if level <= 0.0 or index > len(before) else before[index - 1]
        if level >= 1.0 or index <= 0:
            reach = -math.inf
        assert (found.levels[period], found.reach[period]) == (pytest.approx(level), reach)
        level += 0.05 * (0.2 - (score > reach))
    cut = len(scores) // 2
    assert (
        found.reach[:cut].tolist()
        == adaptive_conformal(scores[:cut], miss=0.2, rate=0.05, window=window).reach.tolist()
    )


def test_a_jump_of_volatility_is_followed() -> None:
    rng = np.random.default_rng(0)
    scores = np.abs(np.concatenate([rng.normal(size=1_000), 4.0 * rng.normal(size=1_000)]))
    fixed, moving = (
        adaptive_conformal(scores, miss=0.1, rate=rate, window=250).missed[1_000:1_500].mean() for rate in (1e-9, 0.05)
    )
    assert abs(moving - 0.1) < 0.03 < fixed - 0.1


def test_what_has_no_interval_is_refused() -> None:
    scores = np.ones(5)
    with pytest.raises(InvalidInput, match="miss must lie between 0 and 1, got 1"):
        conformal_index(5, 1.0)
    with pytest.raises(InvalidInput, match="n must not be negative, got -1"):
        conformal_index(-1, 0.1)
    with pytest.raises(InvalidInput, match="rate must be above 0"):
        adaptive_conformal(scores, rate=0.0)
    with pytest.raises(InvalidInput, match="window at least 1"):
        adaptive_conformal(scores, window=0)
    with pytest.raises(InvalidInput, match="scores must be finite"):
        adaptive_conformal(np.array([np.inf]))
