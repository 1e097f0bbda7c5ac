"""TA-Lib behind its door: published values, ranges as the library has them, and what NaN does."""

import numpy as np
import pytest
import talib

from autonomous_trading.core import InvalidExpression, InvalidParameter, UnknownName
from autonomous_trading.features import CatalogueEntry, ColumnStore, find, reach_of
from autonomous_trading.features._talib import compute, function_names
from autonomous_trading.features._talib_facts import FACTS, MAY_BE_INFINITE, NEVER_ON_PRICES, ZERO_FIRST
from autonomous_trading.features._talib_memory import ANCHORED, faded
from autonomous_trading.testing.markets import random_walk

# Wilder's RSI-14 of these closes as StockCharts publishes it.
WILDER_CLOSES = """
44.3389 44.0902 44.1497 43.6124 44.3278 44.8264 45.0955 45.4245 45.8433 46.0826 45.8931
46.0328 45.6140 46.2820 46.2820 46.0028 46.0328 46.4116 46.2222 45.6439 46.2122 46.2521
45.7137 46.4515 45.7835 45.3548 44.0288 44.1783 44.2181 44.5672 43.4205 42.6628 43.1314
"""
WILDER_RSI = """
70.5328 66.3186 66.5498 69.4063 66.3552 57.9749 62.9296 63.2571 56.0593 62.3771 54.7076
50.4228 39.9898 41.4605 41.8689 45.4632 37.3040 33.0795 37.7730
"""

TALIB_ENTRIES = [find(name) for name in function_names()]
BOUNDED = [(entry, parameter.name) for entry in TALIB_ENTRIES for parameter in entry.parameters]


def numbers(text: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([float(word) for word in text.split()])


def talib_names() -> list[str]:
    return list(talib.get_functions())  # type: ignore[no-untyped-call]


def call_talib(entry: CatalogueEntry, **changed: float) -> object:
    arguments = {parameter.name: parameter.default for parameter in entry.parameters} | changed
    series = [np.linspace(10.0, 20.0, 60) for _ in entry.inputs]
    return getattr(talib, entry.name.upper())(*series, **arguments)


def test_rsi_is_wilders_as_published() -> None:
    closes = numbers(WILDER_CLOSES)
    store = ColumnStore(random_walk(len(closes), seed=1))
    rsi = store.column("rsi", (14,), (closes,))
    assert np.isnan(rsi[:14]).all()
    # Four decimals are published, computed from closes that had more than the four given here.
    np.testing.assert_allclose(rsi[14:], numbers(WILDER_RSI), atol=2e-3)


def test_every_function_of_talib_is_in_the_catalogue() -> None:
    assert {entry.name.upper() for entry in TALIB_ENTRIES} == set(talib_names())


@pytest.mark.parametrize(("entry", "name"), BOUNDED, ids=lambda each: getattr(each, "name", each))
def test_bounds_are_talibs_own(entry: CatalogueEntry, name: str) -> None:
    parameter = next(each for each in entry.parameters if each.name == name)
    if entry.name == "mavp":  # its two periods bound each other; compared in their own test
        return
    for bound, beyond in ((parameter.low, -1), (parameter.high, 1)):
        whole = parameter.kind == "int"
        outside = int(bound) + beyond if whole else bound + beyond * max(abs(bound), 1e-3) * 1e-3
        call_talib(entry, **{name: int(bound) if whole else bound})
        with pytest.raises(Exception, match="TA_BAD_PARAM"):
            call_talib(entry, **{name: outside})


def test_what_talib_alone_can_refuse_becomes_our_error() -> None:
    store = ColumnStore(random_walk(60, seed=1))
    periods = np.full(60, 5.0)
    with pytest.raises(InvalidParameter, match=r"TA-Lib refused mavp\(20, 10, 0\).*fit together"):
        store.column("mavp", (20, 10), (store.column("close"), periods))


def test_mistakes_of_our_own_are_not_taken_for_talibs() -> None:
    with pytest.raises(TypeError):
        compute(find("sma"), ("ten",), [np.ones(20)])  # type: ignore[arg-type]


def test_a_required_series_is_asked_for() -> None:
    store = ColumnStore(random_walk(60, seed=1))
    with pytest.raises(InvalidExpression, match="mavp needs the series periods"):
        store.column("mavp")


@pytest.mark.parametrize("name", ["ad", "nvi", "pvi", "vwap", "wad", "sma", "obv"])
def test_no_input_no_value(name: str) -> None:
    # TA-Lib itself gives ad, nvi, pvi, vwap and wad a value on the last of bars that are all unknown.
    store = ColumnStore(random_walk(40, seed=1))
    unknown = tuple(np.full(40, np.nan) for _ in find(name).inputs)
    assert np.isnan(store.column(name, (), unknown)).all()


def whole_outputs(entry: CatalogueEntry) -> list[bool]:
    return [output in entry.zero_first for output in entry.outputs or ("",)]


@pytest.mark.parametrize("entry", TALIB_ENTRIES, ids=lambda each: each.name)
def test_after_a_row_without_input_all_starts_anew(entry: CatalogueEntry) -> None:
    store = ColumnStore(random_walk(700, seed=1))
    names = [each.default or "close" for each in entry.inputs]
    inputs = [store.column(each).copy() for each in names]
    if entry.name == "mavp":
        inputs[1] = 2.0 + np.arange(700, dtype=np.float64) % 7.0
    inputs[-1][300:302] = np.nan
    inputs[0][500] = np.nan
    arguments = [each.default for each in entry.parameters]
    found = compute(entry, arguments, inputs)
    first, last = ([each[rows] for each in inputs] for rows in (slice(0, 300), slice(501, 700)))
    for values, before, after, whole in zip(
        found, compute(entry, arguments, first), compute(entry, arguments, last), whole_outputs(entry), strict=True
    ):
        assert np.isnan(values[[300, 301, 500]]).all()
        np.testing.assert_array_equal(values[:300], before)
        # Positions are rows of the whole.
        at = np.where(np.arange(199) >= entry.warm_up, 501.0, 0.0) if entry.name.endswith("index") else 0.0
        np.testing.assert_array_equal(values[501:], after + at)
        assert (
            (values[501 : 501 + entry.warm_up] == 0.0).all() if whole else np.isnan(values[501:][: entry.warm_up]).all()
        )


@pytest.mark.parametrize("name", ["rsi", "sma", "ema", "cmo", "stochrsi"])
def test_a_missing_close_costs_a_warm_up_and_no_more(name: str) -> None:
    store = ColumnStore(random_walk(200, seed=1))
    closes = store.column("close").copy()
    closes[100] = np.nan
    output = (find(name).outputs or ("",))[0]
    values, again = store.column(name, (), (closes,), output), 101 + find(name).warm_up
    assert np.isnan(values[100:again]).all()
    assert np.isfinite(values[again:]).all()
    cut = ColumnStore(random_walk(200, seed=1)[:150]).column(name, (), (closes[:150],), output)
    np.testing.assert_array_equal(cut, values[:150])


def test_a_row_without_input_is_no_neutral_candle() -> None:
    store = ColumnStore(random_walk(60, seed=1))
    prices = [store.column(each).copy() for each in ("open", "high", "low", "close")]
    prices[3][40] = np.nan
    found = store.column("cdldoji", (), tuple(prices))
    assert np.isnan(found[40])
    assert (found[41:51] == 0.0).all()


def test_whole_number_outputs_are_zero_before_they_mean_something() -> None:
    store = ColumnStore(random_walk(40, seed=1))
    unknown = (np.full(40, np.nan),) * 4
    np.testing.assert_array_equal(store.column("cdldoji", (), unknown), np.zeros(40))


def test_the_input_may_warm_up() -> None:
    store = ColumnStore(random_walk(60, seed=1))
    smooth = store.column("sma", (5,), (store.column("rsi", (14,)),))
    assert np.isnan(smooth[:18]).all()
    assert np.isfinite(smooth[18:]).all()


def test_outputs_are_what_talib_gives() -> None:
    bars = random_walk(200, seed=3)
    store = ColumnStore(bars)
    expected = talib.MACD(bars.close, 10, 20, 5)
    for name, values in zip(("macd", "macdsignal", "macdhist"), expected, strict=True):
        np.testing.assert_array_equal(store.column("macd", (10, 20, 5), None, name), values)
    np.testing.assert_array_equal(store.column("atr", (14,)), talib.ATR(bars.high, bars.low, bars.close, 14))
    np.testing.assert_array_equal(store.column("obv"), talib.OBV(bars.close, bars.volume))


def test_moving_average_types_have_names() -> None:
    store = ColumnStore(random_walk(80, seed=1))
    assert store.column("ma", (10, "EMA")) is store.column("ma", (10, 1))
    with pytest.raises(UnknownName, match=r"unknown matype of ma 'emma'.*did you mean 'ema'"):
        store.column("ma", (10, "emma"))
    with pytest.raises(InvalidParameter, match="timeperiod must be a number, got the text 'ten'"):
        store.column("ma", ("ten",))


@pytest.mark.parametrize("entry", TALIB_ENTRIES, ids=lambda each: each.name)
def test_finite_inputs_give_nothing_infinite(entry: CatalogueEntry) -> None:
    rng = np.random.default_rng(7)
    n = 300
    kinds = [
        np.zeros(n),
        rng.integers(-1, 2, n).astype(np.float64),
        rng.integers(0, 2, n).astype(np.float64),
        -np.abs(rng.normal(size=n)),
        rng.normal(size=n) * 1e300,
        rng.normal(size=n) * 1e-310,
    ]
    for values in kinds:
        inputs = [rng.permutation(values) for _ in entry.inputs]
        if entry.name == "mavp":
            inputs[1] = 2.0 + np.arange(n) % 7
        columns = compute(entry, [each.default for each in entry.parameters], inputs)
        assert not any(np.isinf(column).any() for column in columns)


def test_what_is_infinite_in_talib_is_not_known() -> None:
    store = ColumnStore(random_walk(4, seed=1))
    assert np.isnan(store.column("div", (), (np.ones(4), np.zeros(4)))).all()
    assert np.isnan(store.column("ln", (), (np.zeros(4),))).all()
    np.testing.assert_array_equal(store.column("exp", (), (np.array([0.0, 710.0, 0.0, 1.0]),))[:3], [1.0, np.nan, 1.0])


def test_every_function_has_its_facts_once() -> None:
    assert set(FACTS) == set(function_names())
    assert MAY_BE_INFINITE | set(ZERO_FIRST) | NEVER_ON_PRICES | ANCHORED <= set(FACTS)


@pytest.mark.parametrize("entry", TALIB_ENTRIES, ids=lambda each: each.name)
def test_whole_number_outputs_are_those_that_start_with_zero(entry: CatalogueEntry) -> None:
    found = call_talib(entry)
    columns = found if isinstance(found, tuple) else (found,)
    outputs = entry.outputs or ("",)
    whole = tuple(name for name, values in zip(outputs, columns, strict=True) if np.asarray(values).dtype.kind == "i")
    assert entry.zero_first == whole


@pytest.mark.parametrize(("means", "period"), [(1, 30), (2, 14), (3, 30), (6, 5)])
def test_a_cascade_of_means_has_forgotten_what_is_older_than_its_tail(means: int, period: int) -> None:
    impulse = np.zeros(6_000)
    impulse[0] = 1.0
    for _ in range(means):
        out, mean = np.zeros(len(impulse)), 0.0
        for row, value in enumerate(impulse):
            mean += (value - mean) * 2.0 / (period + 1.0)
            out[row] = mean
        impulse = out
    tail = faded((period - 1.0) / (period + 1.0), means)
    assert impulse[tail:].sum() <= 1e-7 < impulse[int(tail * 0.9) :].sum()


def test_memories_follow_the_arguments() -> None:
    assert reach_of("sma", (30,)) == (29, 29, 0.0)
    assert reach_of("ema", (30,)) == (29, 29 + 242, 1e-6)
    assert reach_of("ema", (1,)) == (0, 0, 0.0)
    assert reach_of("ma", (30, "ema")) == reach_of("ema", (30,))
    assert reach_of("ma", (30, "default")) == reach_of("sma", (30,))
    assert reach_of("apo", (12, 26, "default")) == reach_of("apo", (12, 26, "ema"))
    assert reach_of("sar", (0.0, 0.2)).memory is None
    assert reach_of("sarext", (1.0,)).memory is None
    assert reach_of("sarext", (0.0, 0.0, 0.0, 0.0)).memory is None
    assert reach_of("obv").memory is None
    with pytest.raises(InvalidParameter, match="timeperiod must lie in"):
        reach_of("ema", (0,))
    with pytest.raises(UnknownName, match="ema"):
        reach_of("emaa")
