"""Kelly's stake: published cases, and that no other stake grows faster."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autonomous_trading.core import InvalidInput
from autonomous_trading.validation import Kelly, kelly_of_bet, kelly_of_returns


def test_thorp_and_the_coin() -> None:
    market, coin = kelly_of_returns(0.11, 0.15, risk_free=0.06), kelly_of_bet(0.6)
    assert (round(market.fraction, 6), round(market.growth, 7)) == (2.222222, 0.1155556)
    assert (round(coin.fraction, 12), round(coin.growth, 7)) == (0.2, 0.0201355)


def test_half_kelly_keeps_three_quarters_of_the_growth() -> None:
    whole = kelly_of_returns(0.11, 0.15, risk_free=0.06)
    half = kelly_of_returns(0.11, 0.15, risk_free=0.06, share=0.5)
    assert half.fraction == pytest.approx(whole.fraction / 2.0)
    assert half.growth - 0.06 == pytest.approx(0.75 * (whole.growth - 0.06))


@given(st.floats(0.05, 0.95), st.floats(0.2, 5.0))
def test_no_other_stake_of_a_bet_grows_faster(probability: float, odds: float) -> None:
    found = kelly_of_bet(probability, odds=odds)
    stakes = np.linspace(0.0, 0.999, 500)
    growth = probability * np.log1p(odds * stakes) + (1.0 - probability) * np.log1p(-stakes)
    assert found.growth >= float(growth.max()) - 1e-12
    assert (found.fraction > 0.0) == (probability * odds > 1.0 - probability)


def test_a_price_grows_as_it_says() -> None:
    """Log equity of a lognormal price, rebalanced ten thousand times a year."""
    rng, steps = np.random.default_rng(0), 10_000
    found = kelly_of_returns(0.11, 0.15, risk_free=0.06)
    moves = rng.normal(0.11 / steps, 0.15 / math.sqrt(steps), (200, steps))
    grown = np.log1p(found.fraction * moves + (1.0 - found.fraction) * 0.06 / steps).sum(axis=1)
    assert float(grown.mean()) == pytest.approx(found.growth, abs=3.0 * 0.15 * found.fraction / math.sqrt(200))
    assert float(grown.std()) == pytest.approx(0.15 * found.fraction, rel=0.15)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: kelly_of_returns(0.1, 0.0), "deviation above 0"),
        (lambda: kelly_of_returns(math.nan, 0.1), "mean and risk_free must be finite"),
        (lambda: kelly_of_returns(0.1, 0.1, share=1.5), "share must lie above 0 and at most 1, got 1.5"),
        (lambda: kelly_of_bet(1.0), "probability must lie between 0 and 1, got 1.0"),
        (lambda: kelly_of_bet(0.5, odds=0.0), "odds must be above 0, got 0.0"),
    ],
)
def test_what_makes_no_stake_is_refused(call: Callable[[], Kelly], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        call()
