"""Sharpe ratios from running sums: those of the spans, also where digits get lost and where nothing moves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autonomous_trading.core import FloatArray
from autonomous_trading.validation._part_scores import RunningSums, existing, sharpe_ratios


def plain(part: FloatArray) -> list[float]:
    """Of every set, from its own mean and deviation."""
    still = np.ptp(part, axis=0) == 0.0
    deviation = np.where(still, 1.0, part.std(axis=0, ddof=1))
    return [float(each) for each in np.where(still, np.nan, part.mean(axis=0) / deviation)]


@given(st.data())
def test_spans_have_the_sharpe_ratio_of_their_returns(data: st.DataObject) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 10_000)))
    returns = rng.normal(0.001, 0.01, (60, 4)) * np.array([1.0, 1e-6, 1.0, 10.0])
    returns[:, 2] = np.where(rng.random(60) < 0.7, 0.0, returns[:, 2])
    first = data.draw(st.integers(0, 57))
    stop = data.draw(st.integers(first + 2, 60))
    found = RunningSums.of(returns).scores(np.array([first]), np.array([stop]))
    assert existing(found)[0].tolist() == pytest.approx(plain(returns[first:stop]), rel=1e-9, nan_ok=True)


def test_a_set_that_stands_still_for_a_while_has_none_there() -> None:
    rng = np.random.default_rng(0)
    returns = rng.normal(0.0, 0.01, (300, 3))
    returns[100:200, 0] = 0.0
    returns[100:200, 1] = 0.1 + 1e-17 * np.arange(100)
    found = RunningSums.of(returns).scores(np.array([100, 99, 150]), np.array([200, 200, 202]))
    assert np.isneginf(found).tolist() == [[True, True, False], [False] * 3, [False] * 3]


def test_digits_lost_to_a_wild_past_are_won_back() -> None:
    rng = np.random.default_rng(1)
    returns = rng.normal(0.0, 5.0, (400, 2))
    returns[200:] = 1e-4 + rng.normal(0.0, 1e-8, (200, 2))
    spans = np.array([[200, 300], [210, 400], [150, 250]])
    found = RunningSums.of(returns).scores(spans[:, 0], spans[:, 1])
    expected = [sharpe_ratios(returns[first:stop]).tolist() for first, stop in spans]
    assert found.tolist() == [pytest.approx(row, rel=1e-9) for row in expected]
