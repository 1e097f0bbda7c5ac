"""Value at risk and expected shortfall: tables, the quantiles of a library, and distributions integrated by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from autonomous_trading.core import InvalidInput
from autonomous_trading.validation import normal_tail_risk, student_tail_risk, tail_risk


@pytest.mark.parametrize(
    ("tail", "value", "shortfall"),
    [(0.05, 1.6448536, 2.0627128), (0.025, 1.9599640, 2.3378028), (0.01, 2.3263479, 2.6652142)],
)
def test_the_normal_table(tail: float, value: float, shortfall: float) -> None:
    found = normal_tail_risk(tail=tail)
    assert (round(found.value_at_risk, 7), round(found.conditional_value_at_risk, 7)) == (value, shortfall)


@pytest.mark.parametrize(
    ("deviation", "value", "shortfall"), [(None, 3.7469474, 5.2205842), (1.0, 2.6494919, 3.6915105)]
)
def test_the_table_of_student_with_four_degrees(deviation: float | None, value: float, shortfall: float) -> None:
    found = student_tail_risk(4.0, tail=0.01, deviation=deviation)
    assert (round(found.value_at_risk, 7), round(found.conditional_value_at_risk, 7)) == (value, shortfall)


def test_the_quantiles_of_empyrical() -> None:
    """It returns the quantile, we return the loss: the sign is turned."""
    seen = np.array([1.0, 81.0, 82.0, 83.0, 84.0, 85.0])
    assert tail_risk(seen, tail=0.1).value_at_risk == -41.0
    assert tail_risk(seen, tail=0.3).value_at_risk == -81.5


@pytest.mark.parametrize("tail", [0.01, 0.1])
def test_closed_forms_are_the_integrals(tail: float) -> None:
    shares = (np.arange(2_000_000) + 0.5) / 2_000_000 * tail
    for drawn, found in (
        (stats.norm.ppf(shares) * 0.02 + 0.001, normal_tail_risk(tail=tail, mean=0.001, deviation=0.02)),
        (stats.t.ppf(shares, 5) * 0.02 * 0.6**0.5 + 0.001, student_tail_risk(5, tail=tail, mean=0.001, deviation=0.02)),
    ):
        assert found.conditional_value_at_risk == pytest.approx(-drawn.mean(), rel=1e-4)
        assert found.value_at_risk == pytest.approx(-drawn[-1], rel=1e-4)


@given(st.lists(st.floats(-0.5, 0.5), min_size=1, max_size=50), st.floats(0.01, 0.99))
def test_the_mean_of_the_tail_is_no_smaller_than_its_edge(values: list[float], tail: float) -> None:
    found = tail_risk(np.array(values), tail=tail)
    assert found.conditional_value_at_risk >= found.value_at_risk - 1e-12


def test_what_has_no_tail_is_refused() -> None:
    with pytest.raises(InvalidInput, match="tail must lie between 0 and 1, got 0"):
        tail_risk(np.array([0.1]), tail=0.0)
    with pytest.raises(InvalidInput, match="returns must be finite"):
        tail_risk(np.array([]))
    with pytest.raises(InvalidInput, match="freedom must be above 2, got 2"):
        student_tail_risk(2.0, deviation=0.01)
    with pytest.raises(InvalidInput, match="freedom must be above 1, got 1"):
        student_tail_risk(1.0)
    with pytest.raises(InvalidInput, match="deviation must be above 0"):
        normal_tail_risk(deviation=0.0)
