"""Features side by side: names, values, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest

from autonomous_trading.core import Bars, InvalidExpression, InvalidInput, UnknownName
from autonomous_trading.features import (
    STANDARD_FEATURES,
    ColumnStore,
    compute_features,
    feature_name,
    named_features,
)
from autonomous_trading.features.formulas import evaluate_formula, parse
from autonomous_trading.testing.causality import check_causal
from autonomous_trading.testing.markets import random_walk

BARS = random_walk(500, seed=41)


def test_values_are_those_of_the_columns() -> None:
    found = compute_features(BARS, {"speed": "rsi(14)", "above": "close > sma(close, 50)"})
    store = ColumnStore(BARS)
    assert (found.names, found.formulas) == (("speed", "above"), ("rsi(14)", "close > sma(close, 50)"))
    np.testing.assert_array_equal(found.column("speed"), store.column("rsi", (14,)))
    assert set(found.column("above")[49:]) == {0.0, 1.0}
    assert len(found) == 500
    np.testing.assert_array_equal(found.known_rows(), np.arange(49, 500))
    part = found[10:20].chosen(["above"])
    assert part.values.shape == (10, 1)
    np.testing.assert_array_equal(part.time, BARS.time[10:20])


def test_what_is_infinite_is_not_known() -> None:
    flat = np.full(30, 5.0)
    bars = Bars(np.arange(30, dtype=np.int64) * 10**12, flat, flat, flat, flat, np.ones(30))
    assert np.isnan(compute_features(bars, ["1 / (close - open)"]).values).all()


def test_the_standard_set_is_known_causal_and_without_prices() -> None:
    found = compute_features(BARS, STANDARD_FEATURES)
    assert np.isfinite(found.values[-1]).all()
    prices = (BARS.open * 1_000.0, BARS.high * 1_000.0, BARS.low * 1_000.0, BARS.close * 1_000.0)
    dear = Bars(BARS.time, *prices, volume=BARS.volume)
    again = compute_features(dear, STANDARD_FEATURES)
    np.testing.assert_allclose(again.values, found.values, rtol=1e-6, atol=1e-6)
    check_causal(lambda bars: list(compute_features(bars, STANDARD_FEATURES).values.T), BARS, cuts=[60, 261, 262, 499])


def test_content_names_features_and_values() -> None:
    first = compute_features(BARS, ["rsi(14)"])
    assert first.content_id == compute_features(BARS, ["rsi(14)"]).content_id
    assert first.content_id != compute_features(BARS[:499], ["rsi(14)"]).content_id
    assert first.content_id != compute_features(BARS, {"other": "rsi(14)"}).content_id


def test_names() -> None:
    assert feature_name("ema(close, 12) / ema(close, 26) - 1") == "ema_close_12_over_ema_close_26_minus_1"
    assert feature_name("~(close >= open) & volume**2 < -3") == "not_close_ge_open_and_volume_to_2_lt_neg_3"
    assert dict(named_features({"a": "close"})) == {"a": "close"}


@pytest.mark.parametrize(
    ("features", "message"),
    [
        ("rsi(14)", "is one text"),
        ([], "0 features cannot be computed"),
        (["rsi(14)", "rsi( 14 )"], "two features would be called rsi_14"),
        ([f"close + {number}" for number in range(10_001)], "10001 features cannot be computed"),
    ],
)
def test_lists_that_cannot_be(features: list[str], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        named_features(features)


def test_formulas_and_names_that_cannot_be() -> None:
    with pytest.raises(InvalidExpression, match="cannot be read"):
        compute_features(BARS, ["rsi("])
    with pytest.raises(UnknownName, match="did you mean 'rsi'"):
        compute_features(BARS, ["rsj(14)"])
    found = compute_features(BARS, ["rsi(14)"])
    for ask in (lambda: found.column("rsi_15"), lambda: found.chosen(["rsi_15"])):
        with pytest.raises(UnknownName, match="did you mean 'rsi_14'"):
            ask()


def test_a_condition_is_not_known_before_what_it_asks_about() -> None:
    texts = {
        "compared": "rsi(14) > 70",
        "differs": "rsi(14) != 70",
        "inverse": "not (rsi(14) > 70)",
        "both": "rsi(14) > 70 and close > 0",
        "exclusive": "(rsi(14) > 70) ^ (close > 0)",
        "chosen": "where(rsi(14) > 70, 1, 2)",
        "counted": "rolling_sum(rsi(14) > 70, 3)",
        "summed": "(rsi(14) > 70) + 1",
        "before": "shift(close > 0, 14)",
    }
    found = compute_features(BARS, texts)
    for name in texts:
        first = 16 if name == "counted" else 14
        assert np.flatnonzero(~np.isnan(found.column(name))).tolist() == list(range(first, 500)), name
    store = ColumnStore(BARS)
    for name, text in texts.items():
        known = ~np.isnan(found.column(name))
        as_acted_on = evaluate_formula(parse(text), store)
        np.testing.assert_array_equal(found.column(name)[known], as_acted_on[known], err_msg=name)
    # A strategy does not act on what it does not know.
    assert set(evaluate_formula(parse("rsi(14) > 70"), store)[:14]) == {0.0}


def test_what_a_known_part_decides_is_known() -> None:
    known = {
        "never": "rsi(14) > 70 and close < 0",
        "always": "rsi(14) > 70 or close > 0",
        "asked": "isnan(rsi(14))",
        "finite": "isfinite(rsi(14))",
        "filled": "fillna(rsi(14), 50) > 70",
        "guarded": "not isnan(rsi(14)) and rsi(14) > 70",
        "number": "where(isnan(rsi(14)), 50, rsi(14))",
        "constant": "1 > 0 and close > 0",
    }
    found = compute_features(BARS, known)
    store = ColumnStore(BARS)
    for name, text in known.items():
        np.testing.assert_array_equal(found.column(name), evaluate_formula(parse(text), store), err_msg=name)
    assert set(found.column("asked")[:14]) == {1.0}
    crossed = compute_features(BARS, ["crossed_above(rsi(14), 50)"]).values[:, 0]
    assert np.isnan(crossed[:14]).all()
    assert not np.isnan(crossed[15:]).any()


def test_content_is_the_same_for_every_nan_and_every_zero() -> None:
    first = compute_features(BARS, ["rsi(14)"])
    values = first.values.copy()
    values[20] = 0.0
    plain = replace(first, values=values).content_id
    negative = np.where(np.isnan(values), -np.nan, values)
    negative[20] = -0.0
    assert negative.tobytes() != values.tobytes()
    assert replace(first, values=negative).content_id == plain
    assert plain != first.content_id
