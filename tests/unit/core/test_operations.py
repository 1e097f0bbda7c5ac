"""Operations against slow, obvious definitions of the same thing."""

import math
import statistics
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from autonomous_trading.core import OPERATIONS, FloatArray, InvalidExpression, OperationRule

RNG = np.random.default_rng(5)
PRICES = 100.0 * np.exp(np.cumsum(RNG.normal(0.0, 0.02, 300)))

WINDOWED: dict[str, Callable[[Sequence[float]], float]] = {
    "rolling_sum": math.fsum,
    "rolling_mean": statistics.fmean,
    "rolling_min": min,
    "rolling_max": max,
    "rolling_median": statistics.median,
}


def columns(name: str) -> Callable[..., FloatArray]:
    return OPERATIONS[name].columns


@pytest.mark.parametrize("window", [1, 2, 3, 4, 7, 8, 20, 31, 32, 33, 300])
@pytest.mark.parametrize("name", WINDOWED)
def test_a_rolling_statistic_is_that_of_every_window(name: str, window: int) -> None:
    result = columns(name)(PRICES, window)
    assert np.isnan(result[: window - 1]).all()
    expected = [WINDOWED[name](PRICES[i - window : i].tolist()) for i in range(window, 301)]
    np.testing.assert_allclose(result[window - 1 :], expected, rtol=1e-14)


@pytest.mark.parametrize(("window", "ddof"), [(1, 0), (2, 0), (2, 1), (5, 1), (20, 0), (37, 2), (300, 0)])
def test_rolling_std_has_divisor_window_minus_ddof(window: int, ddof: int) -> None:
    result = columns("rolling_std")(PRICES, window, ddof)
    expected = [
        math.sqrt(math.fsum((v - statistics.fmean(part)) ** 2 for v in part) / (window - ddof))
        for part in (PRICES[i - window : i].tolist() for i in range(window, 301))
    ]
    np.testing.assert_allclose(result[window - 1 :], expected, rtol=1e-9, atol=1e-12)


def test_rolling_std_does_not_lose_small_moves_of_large_numbers() -> None:
    values = 1e9 + np.tile([0.0, 1e-3], 50)
    steps = values - 1e9
    np.testing.assert_allclose(columns("rolling_std")(values, 10, 0)[9:], steps[:10].std(), rtol=1e-4)


def test_zscore_is_the_distance_from_the_mean_in_standard_deviations() -> None:
    mean, deviation = columns("rolling_mean")(PRICES, 20), columns("rolling_std")(PRICES, 20, 0)
    np.testing.assert_array_equal(columns("zscore")(PRICES, 20), (PRICES - mean) / deviation)


@pytest.mark.parametrize("value", [0.1, 1 / 3, 98.7654321])
@pytest.mark.parametrize("window", [2, 3, 7, 50, 61])
def test_constant_values_have_exactly_their_mean_and_no_deviation(value: float, window: int) -> None:
    values = np.full(80, value)
    assert set(columns("rolling_mean")(values, window)[window - 1 :]) == {value}
    assert set(columns("rolling_std")(values, window, 0)[window - 1 :]) == {0.0}
    assert set(columns("ewm_mean")(values, window)[window - 1 :]) == {value}
    assert np.isnan(columns("zscore")(values, window)).all()


def test_ewm_mean_follows_its_recursion_from_the_first_value() -> None:
    mean, expected = PRICES[0], [PRICES[0]]
    for price in PRICES[1:].tolist():
        mean += 2.0 / 8.0 * (price - mean)
        expected.append(mean)
    result = columns("ewm_mean")(PRICES, 7)
    assert np.isnan(result[:6]).all()
    np.testing.assert_allclose(result[6:], expected[6:], rtol=1e-13)


def test_ewm_mean_passes_over_missing_values() -> None:
    gaps = np.insert(PRICES[:50], [0, 0, 10, 30, 30], np.nan)
    result = columns("ewm_mean")(gaps, 4.5)
    np.testing.assert_array_equal(result[~np.isnan(gaps)], columns("ewm_mean")(PRICES[:50], 4.5))
    assert np.isnan(result[np.isnan(gaps)]).all()


def test_a_median_ignores_what_lies_outside_windows_with_missing_values() -> None:
    values = np.array([5.0, 1.0, np.nan, 2.0, 9.0, 4.0, -np.inf, 3.0])
    result = columns("rolling_median")(values, 3)
    np.testing.assert_array_equal(result, [np.nan] * 5 + [4.0, 4.0, 3.0])


@pytest.mark.parametrize("name", [*WINDOWED, "zscore", "ewm_mean"])
def test_a_window_longer_than_the_data_knows_nothing(name: str) -> None:
    assert np.isnan(columns(name)(PRICES[:5], 6)).all()
    assert len(columns(name)(PRICES[:0], 6)) == 0


@pytest.mark.parametrize(
    ("name", "operands", "message"),
    [
        ("rolling_mean", (0,), "needs a window of at least 1 bar, got 0"),
        ("rolling_mean", (2.5,), "a number of bars and must be whole, got 2.5"),
        ("rolling_mean", (math.nan,), "must be whole"),
        ("rolling_mean", ("ten",), "must be whole, got 'ten'"),
        ("rolling_std", (2, 2), "ddof=2 needs a window longer than 2 bars"),
        ("rolling_std", (2, -1), "ddof=-1"),
        ("shift", (-1,), "would read the future"),
        ("ewm_mean", (0.5,), "a span of at least 1 bar, got 0.5"),
        ("ewm_mean", (math.inf,), "a span of at least 1 bar"),
    ],
)
def test_an_impossible_window_is_refused(name: str, operands: tuple[object, ...], message: str) -> None:
    with pytest.raises(InvalidExpression, match=message):
        columns(name)(PRICES, *operands)


def test_a_whole_float_is_a_window() -> None:
    np.testing.assert_array_equal(columns("rolling_max")(PRICES, 7.0), columns("rolling_max")(PRICES, 7))


def test_minimum_and_maximum_prefer_nan_and_then_the_second_operand() -> None:
    a, b = np.array([1.0, np.nan, 2.0, -0.0, 0.0]), np.array([2.0, 1.0, np.nan, 0.0, -0.0])
    for name, expected in (("minimum", [1.0, np.nan, np.nan]), ("maximum", [2.0, np.nan, np.nan])):
        result = columns(name)(a, b)
        np.testing.assert_array_equal(result[:3], expected)
        assert np.signbit(result[3:]).tolist() == [False, True]


@pytest.mark.parametrize(
    ("exponent", "exact"),
    [(2.0, PRICES * PRICES), (0.5, np.sqrt(PRICES)), (-1.0, 1.0 / PRICES), (1.0, PRICES)],
)
def test_a_power_is_exact_where_it_can_be(exponent: float, exact: FloatArray) -> None:
    np.testing.assert_array_equal(columns("power")(PRICES, exponent), exact)
    mixed = np.where(np.arange(300) % 2 == 0, exponent, 3.0)
    np.testing.assert_array_equal(columns("power")(PRICES, mixed)[::2], exact[::2])


def test_static_powers_are_those_of_python() -> None:
    statics = OPERATIONS["power"].statics
    assert statics is not None
    whole = np.array([2, 3, 10])
    assert statics(whole, np.array(3)).tolist() == [8, 27, 1000]
    assert statics(whole, np.array(3)).dtype == np.int64
    assert statics(whole, np.array([3, 3, 3])).dtype == np.float64
    assert statics(whole, np.array(0.3)).tolist() == [value**0.3 for value in (2, 3, 10)]
    with np.errstate(all="ignore"):
        edges = statics(np.array([0.0, -8.0, 1e200]), np.array([-1.0, 1 / 3, 2.0])).tolist()
    assert edges[0] == math.inf
    assert math.isnan(edges[1])
    assert edges[2] == math.inf


def test_truth_values_count_in_static_arithmetic() -> None:
    statics = OPERATIONS["add"].statics
    assert statics is not None
    assert statics(np.array([True, False]), np.array([True, True])).tolist() == [2, 1]


@pytest.mark.parametrize("rule", OPERATIONS.values(), ids=lambda rule: rule.name)
def test_every_line_of_the_table_is_whole(rule: OperationRule) -> None:
    assert OPERATIONS[rule.name] is rule
    assert set(rule.takes) <= {"any", "number", "condition"}
    assert (rule.check is not None) == rule.over_bars


def test_opcodes_are_the_contract_with_the_interpreter() -> None:
    opcodes = {rule.name: rule.opcode for rule in OPERATIONS.values() if rule.opcode is not None}
    order = [
        "shift",
        "add",
        "subtract",
        "multiply",
        "divide",
        "minimum",
        "maximum",
        "less",
        "less_equal",
        "greater",
        "greater_equal",
        "equal",
        "not_equal",
        "and",
        "or",
        "xor",
        "not",
        "negative",
        "absolute",
        "sqrt",
        "floor",
        "ceil",
        "sign",
        "isnan",
        "where",
    ]
    assert opcodes == {name: opcode for opcode, name in enumerate(order, start=2)}
