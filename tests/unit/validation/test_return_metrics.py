"""Return metrics: the published numbers of two libraries, and the same numbers as the simulator's."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autonomous_trading as at
from autonomous_trading.core import FloatArray, InvalidInput
from autonomous_trading.testing import random_walk
from autonomous_trading.validation import kappa_ratio, return_metrics, tail_risk

# Bacon (2008), 24 months from January 2000 in percent: data/portfolio_bacon.csv, column 1, of the R package
# PerformanceAnalytics, whose documentation prints the numbers below to two to five digits.
FIRST_YEAR = [0.3, 2.6, 1.1, -1.0, 1.5, 2.5, 1.6, 6.7, -1.4, 4.0, -0.5, 8.1]
SECOND_YEAR = [4.0, -3.7, -6.1, 1.7, -4.9, -2.2, 7.0, 5.8, -6.5, 2.4, -0.5, -0.9]
MONTHS = np.array(FIRST_YEAR + SECOND_YEAR) / 100.0
PRINTED = {
    "downside_deviation": (0.0255367, 7),
    "downside_potential": (0.0137083, 7),
    "downside_frequency": (0.458333, 6),
    "upside_risk": (0.0293733, 7),
    "upside_potential": (0.0177083, 7),
    "omega_ratio": (1.2917933, 7),
    "bernardo_ledoit_ratio": (1.7797834, 7),
    "d_ratio": (0.4013329, 7),
    "mean_absolute_deviation": (0.0310833, 7),
    "pain_index": (0.0399897, 7),
    "max_drawdown": (0.1446730, 7),
    "martin_ratio": (1.6945, 4),
    "adjusted_sharpe_ratio": (0.7591435, 7),
}
# The series of the tests of empyrical, in percent. Its "mixed" one begins with a missing return, which it leaves out of
# every ratio but counts as a day when it takes growth to a year.
MIXED = np.array([1.0, 10.0, -4.0, 2.0, 3.0, 2.0, 1.0, -10.0]) / 100.0
NEGATIVE = np.array([0.0, -6.0, -7.0, -1.0, -9.0, -2.0, -6.0, -8.0, -5.0]) / 100.0


@pytest.mark.parametrize("name", PRINTED)
def test_the_numbers_of_bacon(name: str) -> None:
    expected, digits = PRINTED[name]
    found = return_metrics(MONTHS, periods_per_year=12.0, target=0.005)
    assert round(getattr(found, name), digits) == expected


def test_kappa_and_omega_sharpe_of_bacon() -> None:
    assert round(kappa_ratio(MONTHS, order=2.0, target=0.005), 7) == 0.1566371
    assert round(kappa_ratio(MONTHS, order=1.0, target=0.005), 7) == 0.2917933  # "omega-Sharpe ratio"


def test_the_numbers_of_empyrical() -> None:
    mixed, negative = return_metrics(MIXED), return_metrics(NEGATIVE)
    assert mixed.sharpe_ratio == pytest.approx(1.7238613961706866, rel=1e-14)
    assert mixed.sortino_ratio == pytest.approx(2.605531251673693, rel=1e-14)
    assert negative.sharpe_ratio == pytest.approx(-24.406808633910085, rel=1e-14)
    assert negative.sortino_ratio == pytest.approx(-13.532743075043401, rel=1e-14)
    with_the_missing_day = np.concatenate([[0.0], MIXED])
    assert return_metrics(with_the_missing_day).calmar_ratio == pytest.approx(19.135925373194233, rel=1e-14)
    assert return_metrics(MIXED, target=0.01).omega_ratio == pytest.approx(0.8125, rel=1e-12)
    assert return_metrics(np.array([0.1, -0.1, 0.1])).max_drawdown == pytest.approx(0.1, rel=1e-14)


def test_a_run_and_its_returns_have_the_same_numbers() -> None:
    run = at.backtest("ma_cross", random_walk(1_500, seed=1, timeframe="1d"), initial_cash=50_000.0)
    equity = np.concatenate([[50_000.0], run.equity.to_numpy()])
    returns = equity[1:] / equity[:-1] - 1.0
    per_year = run.metrics["annualized_return"] / float(returns.mean())
    found = return_metrics(returns, periods_per_year=per_year)
    for name in ("volatility", "sharpe_ratio", "sortino_ratio", "calmar_ratio", "omega_ratio", "max_drawdown"):
        assert getattr(found, name) == pytest.approx(run.metrics[name], rel=1e-9)
    assert found.annual_return == pytest.approx(run.metrics["cagr"], rel=1e-9)
    assert tail_risk(returns) == pytest.approx(
        (run.metrics["value_at_risk"], run.metrics["conditional_value_at_risk"]), rel=1e-9
    )


@st.composite
def several(draw: st.DrawFn) -> FloatArray:
    return np.array(draw(st.lists(st.floats(-0.5, 0.5), min_size=2, max_size=40)))


@given(several(), st.floats(-0.02, 0.02))
def test_ratios_that_are_one_number_with_two_names(returns: FloatArray, target: float) -> None:
    found = return_metrics(returns, periods_per_year=12.0, target=target)
    assert kappa_ratio(returns, order=1.0, target=target) == pytest.approx(found.omega_ratio - 1.0, nan_ok=True)
    sortino = kappa_ratio(returns, order=2.0, target=target) * math.sqrt(12.0)
    assert sortino == pytest.approx(found.sortino_ratio, nan_ok=True)
    assert return_metrics(returns).omega_ratio == pytest.approx(found.bernardo_ledoit_ratio, nan_ok=True)


@given(several())
def test_drawdowns_by_hand(returns: FloatArray) -> None:
    equity, highest, falls = 1.0, 1.0, []
    for each in returns.tolist():
        equity *= 1.0 + each
        highest = max(highest, equity)
        falls.append(1.0 - equity / highest)
    found = return_metrics(returns)
    assert found.max_drawdown == pytest.approx(max(falls), abs=1e-12)
    assert found.pain_index == pytest.approx(sum(falls) / len(falls), abs=1e-12)
    assert found.ulcer_index == pytest.approx(math.sqrt(sum(each * each for each in falls) / len(falls)), abs=1e-12)


def test_a_ratio_without_meaning_is_nan() -> None:
    still = return_metrics(np.full(10, 0.01))
    names = ("sharpe_ratio", "sortino_ratio", "calmar_ratio", "omega_ratio", "adjusted_sharpe_ratio", "martin_ratio")
    assert all(math.isnan(getattr(still, name)) for name in names)
    assert math.isnan(kappa_ratio(np.full(10, 0.01)))
    assert math.isnan(return_metrics(NEGATIVE).d_ratio)


def test_nothing_happens_after_ruin() -> None:
    found = return_metrics(np.array([0.5, -1.2, 3.0, -2.0]))
    assert (found.max_drawdown, found.annual_return) == (1.0, -1.0)
    assert found.pain_index == 0.75


def test_what_has_no_metrics_is_refused() -> None:
    with pytest.raises(InvalidInput, match="two finite returns or more"):
        return_metrics(np.array([0.1]))
    with pytest.raises(InvalidInput, match="two finite returns or more"):
        return_metrics(np.array([0.1, np.nan]))
    with pytest.raises(InvalidInput, match="periods_per_year must be above 0"):
        return_metrics(MIXED, periods_per_year=0.0)
    with pytest.raises(InvalidInput, match="order must be above 0, got 0"):
        kappa_ratio(MIXED, order=0.0)
