"""Published numbers of the Sharpe ratio statistics, to the printed digit."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from autonomous_trading.core import InvalidInput, UnknownName
from autonomous_trading.validation import (
    deflated_sharpe_ratio,
    expected_maximum_sharpe,
    minimum_backtest_length,
    minimum_track_record_length,
    probabilistic_sharpe_ratio,
)
from autonomous_trading.validation._sharpe import Convention

# Bailey and Lopez de Prado 2014: annual Sharpe 2.5 over 250 days, five years, annual trial variance 0.5.
DAILY = 2.5 / math.sqrt(250.0)
DAILY_VARIANCE = 0.5 / 250.0

# Monthly example used by both conventions: mean 0.036, standard deviation 0.079, two years.
MONTHLY = 0.036 / 0.079
SHAPE = {"skew": -2.448, "kurtosis": 10.164}
NORMAL = {"skew": 0.0, "kurtosis": 3.0}


@pytest.mark.parametrize(("n_trials", "expected"), [(46, 0.9505017), (88, 0.9101530), (100, 0.9003968)])
def test_deflated_sharpe_of_the_published_example(n_trials: int, expected: float) -> None:
    dsr = deflated_sharpe_ratio(
        DAILY, 1250, n_trials=n_trials, trials_variance=DAILY_VARIANCE, skew=-3.0, kurtosis=10.0
    )
    assert round(dsr, 7) == expected


def test_deflated_sharpe_with_normal_returns() -> None:
    dsr = deflated_sharpe_ratio(DAILY, 1250, n_trials=88, trials_variance=DAILY_VARIANCE)
    assert round(dsr, 7) == 0.9504908


def test_luck_of_a_hundred_trials_in_the_published_example() -> None:
    luck = expected_maximum_sharpe(100, DAILY_VARIANCE)
    assert round(luck, 7) == 0.1131720
    assert round(luck * math.sqrt(250.0), 5) == 1.78941


@pytest.mark.parametrize(("n_trials", "expected"), [(10, 1.5745983), (100, 2.5306029), (1000, 3.2551215)])
def test_expected_maximum_of_standard_normals(n_trials: int, expected: float) -> None:
    assert round(expected_maximum_sharpe(n_trials, 1.0), 7) == expected


@pytest.mark.parametrize("n_trials", [10, 100, 1000])
def test_expected_maximum_agrees_with_the_exact_integral(n_trials: int) -> None:
    grid = np.linspace(-12.0, 12.0, 48_001)
    density = n_trials * stats.norm.pdf(grid) * stats.norm.cdf(grid) ** (n_trials - 1)
    exact = float(np.sum(grid * density) * (grid[1] - grid[0]))
    assert expected_maximum_sharpe(n_trials, 1.0) == pytest.approx(exact, rel=0.03)


def test_five_years_and_forty_five_trials() -> None:
    assert round(minimum_backtest_length(45), 4) == 4.9981


@pytest.mark.parametrize(
    ("convention", "shape", "benchmark", "expected", "digits"),
    [
        ("2012", SHAPE, 0.0, 0.9127093, 7),
        ("2012", SHAPE, 0.1, 0.8553606, 7),
        ("2012", NORMAL, 0.0, 0.9812427, 7),
        ("2012", NORMAL, 0.1, 0.9477746, 7),
        ("2026", SHAPE, 0.0, 0.987, 3),
        ("2026", SHAPE, 0.1, 0.939, 3),
    ],
)
def test_both_conventions_of_the_probabilistic_sharpe_ratio(
    convention: Convention, shape: dict[str, float], benchmark: float, expected: float, digits: int
) -> None:
    psr = probabilistic_sharpe_ratio(
        MONTHLY,
        24,
        skew=shape["skew"],
        kurtosis=shape["kurtosis"],
        benchmark=benchmark,
        convention=convention,
    )
    assert round(psr, digits) == expected


@pytest.mark.parametrize(
    ("convention", "shape", "expected", "digits"),
    [("2012", SHAPE, 34.7614, 4), ("2012", NORMAL, 15.3816, 4), ("2026", SHAPE, 13.029, 3)],
)
def test_both_conventions_of_the_minimum_track_record(
    convention: Convention, shape: dict[str, float], expected: float, digits: int
) -> None:
    length = minimum_track_record_length(MONTHLY, skew=shape["skew"], kurtosis=shape["kurtosis"], convention=convention)
    assert round(length, digits) == expected


def test_minimum_track_record_is_infinite_below_the_benchmark() -> None:
    assert minimum_track_record_length(0.1, benchmark=0.1) == math.inf
    assert minimum_track_record_length(-0.1) == math.inf


def test_one_trial_is_no_selection() -> None:
    assert expected_maximum_sharpe(1, 5.0) == 0.0
    assert deflated_sharpe_ratio(0.1, 500, n_trials=1, trials_variance=5.0) == probabilistic_sharpe_ratio(0.1, 500)


def test_a_sharpe_ratio_of_nan_stays_nan() -> None:
    assert math.isnan(probabilistic_sharpe_ratio(math.nan, 100))
    assert math.isnan(deflated_sharpe_ratio(math.nan, 100, n_trials=10, trials_variance=0.1))
    assert math.isnan(minimum_track_record_length(math.nan))


@pytest.mark.parametrize(("benchmark", "expected"), [(0.5, 1.0), (1.0, 0.5), (1.5, 0.0)])
def test_returns_without_estimation_error_are_decided_by_their_sign(benchmark: float, expected: float) -> None:
    # Skew 2, kurtosis 5: two-valued returns whose Sharpe ratio of 1 has no variance at all.
    assert probabilistic_sharpe_ratio(1.0, 50, skew=2.0, kurtosis=5.0, benchmark=benchmark) == expected


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: probabilistic_sharpe_ratio(1.0, 1), "at least 2 periods, got 1"),
        (lambda: probabilistic_sharpe_ratio(1.0, 9, kurtosis=0.0), r"kurtosis is at least 1 \+ skew\^2"),
        (lambda: probabilistic_sharpe_ratio(1.0, 9, benchmark=math.inf), "benchmark must be a finite"),
        (lambda: expected_maximum_sharpe(0, 1.0), "n_trials must be at least 1, got 0"),
        (lambda: expected_maximum_sharpe(5, -1.0), "finite and not negative, got -1.0"),
        (lambda: expected_maximum_sharpe(5, math.nan), "finite and not negative, got nan"),
        (lambda: minimum_track_record_length(1.0, confidence=1.0), "between 0 and 1, got 1.0"),
        (lambda: minimum_backtest_length(5, sharpe=0.0), "sharpe must be above 0, got 0.0"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(call: Callable[[], float], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        call()


def test_an_unknown_convention_is_named() -> None:
    unknown: Convention = "2013"  # type: ignore[assignment]
    with pytest.raises(UnknownName, match=r"unknown convention '2013'"):
        probabilistic_sharpe_ratio(1.0, 10, convention=unknown)
