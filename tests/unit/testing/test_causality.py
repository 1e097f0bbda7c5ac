"""The causality check itself: what it names, what it accepts, and that it compares bits."""

import numpy as np
import pytest

from autonomous_trading.core import Bars, FloatArray, IntParameter, InvalidInput
from autonomous_trading.strategies import Columns, SignalsLike, Strategy
from autonomous_trading.testing import LooksAhead, check_causal, random_walk
from autonomous_trading.testing.causality import default_cuts, same_bits, target_of

BARS = random_walk(100, seed=1)


class Honest(Strategy):
    """Looks back only."""

    window = IntParameter(2, 20, default=5)

    def signals(self, see: Columns) -> SignalsLike:
        return see.close > see.sma(self.window)


class Cheating(Honest):
    """Knows the highest close of all bars."""

    def signals(self, see: Columns) -> SignalsLike:
        closes = np.asarray(see.close, np.float64)
        exposure: FloatArray = closes / closes.max()
        return exposure


def test_what_is_causal_passes() -> None:
    check_causal(lambda bars: (bars.close * 2.0, bars.open), BARS)
    check_causal(lambda bars: bars.close > bars.open, BARS, cuts=[1, 50, 99])
    check_causal(Honest(window=7), BARS)


def test_a_strategy_that_looks_ahead_is_named() -> None:
    with pytest.raises(LooksAhead, match=r"Cheating\(window=5\) looks ahead: its value at row 0"):
        check_causal(Cheating(), BARS)


def test_the_first_wrong_row_is_told() -> None:
    def tomorrow(bars: Bars) -> FloatArray:
        return np.append(bars.close[1:], np.nan)

    with pytest.raises(LooksAhead, match="the function looks ahead: its value at row 29") as caught:
        check_causal(tomorrow, BARS, cuts=[30])
    assert (caught.value.cut, caught.value.row) == (30, 29)


def test_the_last_bit_counts() -> None:
    def nearly(bars: Bars) -> FloatArray:
        return np.nextafter(bars.close, 0.0) if len(bars) < 100 else bars.close

    with pytest.raises(LooksAhead):
        check_causal(nearly, BARS, cuts=[10])


def test_one_value_per_bar_is_asked_for() -> None:
    with pytest.raises(InvalidInput, match=r"mean gave float64 of shape \(\) for 100 bars"):
        check_causal(lambda bars: bars.close.mean(), BARS, name="mean")


def test_bits() -> None:
    left = np.array([0.0, np.nan, 1.0, np.inf])
    right = np.array([-0.0, -np.nan, 1.0, np.inf])
    assert same_bits(left, right).tolist() == [False, True, True, True]


def test_cuts_spread_over_all_lengths() -> None:
    assert default_cuts(2) == [1]
    assert default_cuts(1) == [1]
    cuts = default_cuts(1_000)
    assert (cuts[0], cuts[-1], len(cuts)) == (1, 999, 16)


def test_the_target_of_a_strategy() -> None:
    assert set(target_of(Honest(), BARS)) == {0.0, 1.0}
