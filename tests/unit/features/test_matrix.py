"""Features side by side: names, values, and what is refused."""

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
from autonomous_trading.testing.causality import check_causal
from autonomous_trading.testing.markets import random_walk

BARS = random_walk(500, seed=41)


def test_values_are_those_of_the_columns() -> None:
    found = compute_features(BARS, {"speed": "rsi(14)", "above": "close > sma(close, 50)"})
    store = ColumnStore(BARS)
    assert (found.names, found.formulas) == (("speed", "above"), ("rsi(14)", "close > sma(close, 50)"))
    np.testing.assert_array_equal(found.column("speed"), store.column("rsi", (14,)))
    assert set(found.column("above")) == {0.0, 1.0}
    assert len(found) == 500
    np.testing.assert_array_equal(found.known_rows(), np.arange(14, 500))
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
