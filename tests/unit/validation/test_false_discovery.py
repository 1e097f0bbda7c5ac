"""False discoveries among Sharpe ratios: the published example, and a population drawn to count them in."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autonomous_trading.core import InvalidInput
from autonomous_trading.validation import (
    ReturnMoments,
    minimum_track_record_length,
    observed_false_discovery_rate,
    planned_false_discovery_rate,
    probabilistic_sharpe_ratio,
    sharpe_error_of_moments,
    sharpe_power,
)

# The monthly example of "How to use the Sharpe ratio" (SSRN 5520741), and what its code asserts (functions.py of
# zoonek/2025-sharpe-ratio); with autocorrelation the numbers of that code.
SEEN = ReturnMoments(0.036 / 0.079, 24, -2.448, 10.164)
SHARPE = SEEN.sharpe
SHAPE = {"skew": SEEN.skew, "kurtosis": SEEN.kurtosis}


def test_the_published_example() -> None:
    assert round(sharpe_error_of_moments(SEEN), 3) == 0.329
    assert round(sharpe_error_of_moments(ReturnMoments(SHARPE, 24)), 3) == 0.214
    beta = 1.0 - sharpe_power(0.5, 24, **SHAPE)
    assert round(beta, 3) == 0.315
    assert round(planned_false_discovery_rate(prior=0.05, size=0.05, power=1.0 - 0.315), 3) == 0.581
    assert round(planned_false_discovery_rate(prior=0.05, power=1.0 - beta), 3) == 0.581
    assert round(observed_false_discovery_rate(SEEN, alternative=0.5, prior=0.05), 3) == 0.306


def test_the_published_example_with_autocorrelation() -> None:
    assert round(sharpe_error_of_moments(SEEN, autocorrelation=0.2), 5) == 0.37949
    first, second = (
        probabilistic_sharpe_ratio(SHARPE, 24, **SHAPE, benchmark=benchmark, convention="2026", autocorrelation=0.2)
        for benchmark in (0.0, 0.1)
    )
    assert (round(first, 6), round(second, 6)) == (0.965832, 0.900476)
    needed = minimum_track_record_length(SHARPE, **SHAPE, convention="2026", autocorrelation=0.2)
    assert round(needed, 4) == 19.5432
    found = observed_false_discovery_rate(SEEN, alternative=0.5, prior=0.05, autocorrelation=0.2)
    assert round(found, 6) == 0.543665


def test_rates_counted_in_a_population() -> None:
    """Ideas of which one in five is good: what passes, and what shows as much, is counted."""
    rng, n, prior, alternative = np.random.default_rng(1), 60, 0.2, 0.3
    good = rng.random(40_000) < prior
    drawn = rng.normal(size=(40_000, n)) + (alternative * good)[:, np.newaxis]
    sharpe = drawn.mean(axis=1) / drawn.std(axis=1, ddof=1)
    passed = sharpe > 1.6449 / math.sqrt(n)
    power = sharpe_power(alternative, n)
    assert float(passed[good].mean()) == pytest.approx(power, abs=0.02)
    planned = planned_false_discovery_rate(prior=prior, power=power)
    assert float(np.mean(~good[passed])) == pytest.approx(planned, abs=0.02)
    for seen in (0.1, 0.25):
        observed = observed_false_discovery_rate(ReturnMoments(seen, n), alternative=alternative, prior=prior)
        assert float(np.mean(~good[sharpe >= seen])) == pytest.approx(observed, abs=0.03)


@given(st.floats(0.01, 0.98), st.floats(0.05, 0.95), st.floats(0.01, 0.5))
def test_the_more_ideas_are_good_the_fewer_discoveries_are_false(prior: float, power: float, size: float) -> None:
    found = planned_false_discovery_rate(prior=prior, power=power, size=size)
    assert 0.0 < planned_false_discovery_rate(prior=prior + 0.01, power=power, size=size) < found < 1.0


@given(st.floats(-0.2, 1.5), st.floats(-0.5, 0.5))
def test_a_higher_sharpe_ratio_is_less_likely_to_be_worthless(sharpe: float, autocorrelation: float) -> None:
    lower, higher = (
        observed_false_discovery_rate(
            ReturnMoments(each, 100), alternative=0.2, prior=0.1, autocorrelation=autocorrelation
        )
        for each in (sharpe, sharpe + 0.05)
    )
    assert higher < lower <= 1.0


def test_what_is_not_known_is_nan() -> None:
    assert math.isnan(observed_false_discovery_rate(ReturnMoments(math.nan, 9), alternative=0.5, prior=0.1))
    assert math.isnan(observed_false_discovery_rate(ReturnMoments(9.0, 5_000), alternative=0.1, prior=0.1))
    assert math.isnan(sharpe_error_of_moments(ReturnMoments(math.nan, 9)))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sharpe_power(0.1, 1), "at least 2 periods, got 1"),
        (lambda: sharpe_power(0.1, 9, benchmark=0.2), "above the benchmark of 0.2, got 0.1"),
        (lambda: sharpe_power(0.1, 9, confidence=1.0), "confidence must lie between 0 and 1, got 1.0"),
        (lambda: sharpe_power(0.1, 9, autocorrelation=1.0), "autocorrelation must lie between -1 and 1, got 1.0"),
        (lambda: planned_false_discovery_rate(prior=0.0, power=0.5), "prior must lie between 0 and 1, got 0.0"),
        (lambda: observed_false_discovery_rate(SEEN, alternative=0.5, prior=1.0), "prior must lie between 0 and 1"),
        (lambda: observed_false_discovery_rate(SEEN, alternative=math.inf, prior=0.1), "above the benchmark of 0"),
        (lambda: sharpe_error_of_moments(ReturnMoments(0.1, 1)), "at least 2 periods, got 1"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(call: Callable[[], float], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        call()
