"""The causal law of array operations: what was computed before a bar came does not change when it comes, in any bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autonomous_trading.core import OPERATIONS, FloatArray, OperationRule

OVER_BARS = [rule for rule in OPERATIONS.values() if rule.over_bars]
FORGETFUL = [rule for rule in OVER_BARS if rule.name != "ewm_mean"]  # which only remembers less and less
ELEMENTWISE = [rule for rule in OPERATIONS.values() if not rule.over_bars]
ODD = (np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-308, 1e200, -5.0)


def name_of(rule: OperationRule) -> str:
    return rule.name


def bits(values: FloatArray) -> list[int]:
    """Bit patterns, with one pattern for all NaN."""
    array = np.array(values, dtype=np.float64)
    array[np.isnan(array)] = np.nan
    found: list[int] = array.view(np.int64).tolist()
    return found


def series(n: int, seed: int, odd: float) -> FloatArray:
    """Random values, a share of which is NaN, infinite, zero, tiny or huge."""
    rng = np.random.default_rng(seed)
    values = rng.normal(0.0, 1.0, n) * 10.0 ** rng.integers(-3, 4, n)
    chosen = rng.random(n) < odd
    values[chosen] = rng.choice(ODD, int(chosen.sum()))
    return values


def further_operands(rule: OperationRule, n: int, seed: int) -> list[FloatArray | float]:
    if rule.over_bars:
        return [float(2 + seed % 12), *[1.0] * (len(rule.takes) - 2)]
    return [series(n, seed + k, 0.2) for k in range(1, len(rule.takes))]


def cut(operands: list[FloatArray | float], stop: int) -> list[FloatArray | float]:
    return [part if isinstance(part, float) else part[:stop] for part in operands]


@pytest.mark.parametrize("rule", OPERATIONS.values(), ids=name_of)
@settings(max_examples=15, deadline=None)
@given(n=st.integers(1, 80), seed=st.integers(0, 10**6), odd=st.sampled_from([0.0, 0.02, 0.3]))
def test_a_prefix_gives_a_prefix(rule: OperationRule, n: int, seed: int, odd: float) -> None:
    operands = [series(n, seed, odd), *further_operands(rule, n, seed)]
    with np.errstate(all="ignore"):
        whole = bits(rule.columns(*operands))
        for stop in {1, 1 + n // 3, n - 1, n} - {0}:
            assert bits(rule.columns(*cut(operands, stop))) == whole[:stop]


@pytest.mark.parametrize("rule", ELEMENTWISE, ids=name_of)
@settings(max_examples=10, deadline=None)
@given(n=st.integers(2, 40), seed=st.integers(0, 10**6))
def test_an_elementwise_operation_sees_one_bar(rule: OperationRule, n: int, seed: int) -> None:
    operands = [series(n, seed, 0.1), *further_operands(rule, n, seed)]
    order = np.random.default_rng(seed).permutation(n)
    with np.errstate(all="ignore"):
        whole = rule.columns(*operands)
        shuffled = rule.columns(*(np.asarray(part)[order] for part in operands))
    assert bits(shuffled) == bits(whole[order])


@pytest.mark.parametrize("rule", FORGETFUL, ids=name_of)
@settings(max_examples=15, deadline=None)
@given(n=st.integers(1, 60), seed=st.integers(0, 10**6))
def test_an_operation_over_bars_forgets_what_left_its_window(rule: OperationRule, n: int, seed: int) -> None:
    values = series(n + 20, seed, 0.1)
    operands = further_operands(rule, n, seed)
    older = np.concatenate([np.random.default_rng(seed).normal(size=7), values])
    assert bits(rule.columns(older, *operands)[7 + 13 :]) == bits(rule.columns(values, *operands)[13:])


@pytest.mark.parametrize("rule", OVER_BARS, ids=name_of)
@settings(max_examples=15, deadline=None)
@given(n=st.integers(1, 60), seed=st.integers(0, 10**6))
def test_a_window_with_a_missing_value_is_missing(rule: OperationRule, n: int, seed: int) -> None:
    window = 2 + seed % 12
    values = series(n, seed, 0.0)
    values[seed % n] = np.nan
    result = rule.columns(values, *further_operands(rule, n, seed))
    known = ~np.isnan(values)
    for bar in range(n):
        if rule.name == "shift":
            expected = bar < window or not known[bar - window]
        elif rule.name == "ewm_mean":
            expected = not known[bar] or known[: bar + 1].sum() < window
        else:
            expected = bar < window - 1 or not known[bar - window + 1 : bar + 1].all()
        assert np.isnan(result[bar]) == expected
