"""The truncation law: f(bars[:t]) equals f(bars)[:t], bit for bit, for any column on any bars; and what breaks it.

Every column with its defaults, other arguments, late inputs and other futures is held to it by the contract suite
(tests/contracts/test_features.py); here hypothesis looks for bars and arguments on which one of them fails.
"""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autonomous_trading.core import Bars, FloatArray
from autonomous_trading.features import catalogue
from autonomous_trading.testing.causality import LooksAhead, check_causal
from autonomous_trading.testing.contracts.features import catalogue_column, check_truncation, other_arguments
from autonomous_trading.testing.markets import random_walk

BARS = random_walk(400, seed=11)


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_no_column_looks_ahead_on_any_bars(data: st.DataObject) -> None:
    entry = data.draw(st.sampled_from(catalogue()))
    seed = data.draw(st.integers(0, 2**32))
    rng = np.random.default_rng(seed)
    bars = random_walk(int(rng.integers(2, 250)), seed, volatility=10.0 ** rng.uniform(-4, -1))
    column = catalogue_column(entry.name, other_arguments(entry.name, rng))
    check_truncation(column, bars, [int(rng.integers(1, len(bars)))])


def centred(bars: Bars) -> FloatArray:
    padded = np.pad(bars.close, 2, mode="edge")
    centres: FloatArray = np.lib.stride_tricks.sliding_window_view(padded, 5).mean(axis=1)
    return centres


def scaled_by_all(bars: Bars) -> FloatArray:
    highest: float = bars.close.max()
    return bars.close / highest


def tomorrow(bars: Bars) -> FloatArray:
    return np.append(bars.close[1:], np.nan)


def unknown_until_late(bars: Bars) -> FloatArray:
    return np.where(np.arange(len(bars)) < len(bars) - 1, bars.close, np.nan)


@pytest.mark.parametrize("cheat", [centred, scaled_by_all, tomorrow, unknown_until_late])
def test_the_law_catches_what_looks_ahead(cheat: Callable[[Bars], FloatArray]) -> None:
    with pytest.raises(LooksAhead, match="cheat looks ahead: its value at row"):
        check_causal(cheat, BARS, name="cheat")
