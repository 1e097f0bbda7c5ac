"""Series made of other series, held to their words by hand and by truncation."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from autonomous_trading.core import Bars, InvalidInput
from autonomous_trading.data.knowable import (
    KnowableSeries,
    as_of,
    closes_of,
    currency_strength,
    market_capitalisation,
    news_count,
    scaled,
    sentiment_series,
    year_on_year,
)

DAY = 86_400_000_000_000


def whole(*values: int) -> npt.NDArray[Any]:
    return np.array(values, dtype=np.int64)


def month(text: str) -> int:
    return int(np.datetime64(text, "ns").astype(np.int64))


def bars_of(*close: float) -> Bars:
    prices = np.array(close, dtype=np.float64)
    return Bars(
        time=np.arange(len(close)) * DAY, open=prices, high=prices, low=prices, close=prices,
        volume=np.zeros(len(close)), symbol="VIX",
    )  # fmt: skip


def test_closes_are_known_when_the_bar_is_over() -> None:
    vix = scaled(closes_of(bars_of(20.0, 25.0), "vix"), 0.01, "implied_volatility", "fraction a year")
    assert vix.knowable_at.tolist() == [DAY, 2 * DAY]
    assert as_of(vix, whole(DAY - 1, DAY, 3 * DAY))[1:].tolist() == [0.2, 0.25]
    assert (vix.name, vix.unit, vix.source) == ("implied_volatility", "fraction a year", "VIX")


def test_inflation_is_computed_from_what_was_known() -> None:
    cpi = KnowableSeries(
        "cpi",
        whole(10, 20, 30, 40, 50, 60) * DAY,
        whole(
            month("2020-01"), month("2021-01"), month("2020-01"), month("2021-01"), month("2021-02"), month("2020-01")
        ),
        np.array([100.0, 110.0, 88.0, 99.0, 50.0, 0.0]),
    )
    yoy = year_on_year(cpi, "cpi_yoy")
    assert yoy.knowable_at.tolist() == [20 * DAY, 30 * DAY, 40 * DAY, 60 * DAY]
    assert np.allclose(yoy.value, [0.10, 0.25, 0.125, np.nan], equal_nan=True)
    leap = KnowableSeries("x", whole(1, 2), whole(month("2020-02-29"), month("2021-03-01")), np.ones(2))
    assert len(year_on_year(leap, "y")) == 0


def test_inflation_of_a_cut_series_is_the_cut_inflation() -> None:
    rng = np.random.default_rng(3)
    months = np.arange(600, 640).astype("datetime64[M]").astype("datetime64[ns]").astype(np.int64)
    reference = np.repeat(months, 3)
    cpi = KnowableSeries("cpi", reference + rng.permutation(len(reference)) * DAY, reference, rng.uniform(50, 150, 120))
    whole_yoy = year_on_year(cpi, "yoy")
    for cut in cpi.knowable_at[::7].tolist():
        short = year_on_year(cpi.known_by(cut), "yoy")
        same = whole_yoy.known_by(cut)
        assert np.array_equal(short.knowable_at, same.knowable_at)
        assert np.array_equal(short.value, same.value)


def test_a_currency_moves_by_the_mean_of_its_pairs() -> None:
    def pair(name: str, *rows: tuple[int, float]) -> KnowableSeries:
        time = whole(*(row[0] for row in rows))
        return KnowableSeries(name, time, time, np.array([row[1] for row in rows]))

    strength = currency_strength(
        [pair("EURUSD", (1, 1.0), (2, np.e), (3, np.e)), pair("EURGBP", (1, 1.0), (2, 1.0), (4, 1.0 / np.e))]
    )
    assert list(strength) == ["EUR", "GBP", "USD"]
    assert np.allclose(strength["EUR"].value, [0.0, 0.5, 0.5, 0.0])
    assert np.allclose(strength["USD"].value, [0.0, -1.0, -1.0, -1.0])
    assert np.allclose(strength["GBP"].value, [0.0, 0.0, 0.0, 1.0])
    assert strength["EUR"].name == "strength_eur"
    assert currency_strength([]) == {}


@pytest.mark.parametrize("name", ["EURUS", "EUREUR", "EUR123"])
def test_what_names_no_pair_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="names no pair of currencies"):
        currency_strength([KnowableSeries(name, whole(1), whole(1), np.ones(1))])


def test_a_price_of_a_pair_is_positive() -> None:
    with pytest.raises(InvalidInput, match="EURUSD has a price that is not positive"):
        currency_strength([KnowableSeries("EURUSD", whole(1), whole(1), np.zeros(1))])


def test_the_value_of_a_company_is_what_was_filed_times_the_close() -> None:
    shares = KnowableSeries("shares", whole(2 * DAY), whole(0), np.array([10.0]))
    value = market_capitalisation(bars_of(5.0, 6.0, 7.0), shares, whole(1, 2, 3) * DAY)
    assert np.array_equal(value.value, [np.nan, 60.0, 70.0], equal_nan=True)


def test_news_fade() -> None:
    series = sentiment_series(whole(20, 10, 10, 15), np.array([-1.0, 1.0, 0.0, np.nan]), half_life=10)
    assert series.knowable_at.tolist() == [10, 20]
    # At 20: weight 2 of ten ago counts 1, the sum 1 counts 0.5; with the new item (0.5 - 1) / 2.
    assert np.allclose(series.value, [0.5, -0.25])
    assert len(sentiment_series(whole(), np.empty(0), half_life=1)) == 0


def test_news_of_a_cut_are_the_cut_news() -> None:
    rng = np.random.default_rng(4)
    time, score = rng.integers(0, 100, 80), rng.uniform(-1, 1, 80)
    everything = sentiment_series(time, score, half_life=7)
    for cut in range(0, 100, 9):
        early = sentiment_series(time[time <= cut], score[time <= cut], half_life=7)
        assert np.array_equal(early.value, everything.known_by(cut).value)


def test_news_are_counted_while_they_are_new() -> None:
    count = news_count(whole(1, 3, 3), window=4)
    known = as_of(count, whole(0, 1, 2, 3, 4, 5, 6, 7, 8))
    assert np.array_equal(known, [np.nan, 1, 1, 3, 3, 2, 2, 0, 0], equal_nan=True)


def test_what_cannot_be_a_score_or_a_span_is_refused() -> None:
    with pytest.raises(InvalidInput, match="outside -1 to 1"):
        sentiment_series(whole(1), np.array([1.5]), half_life=1)
    with pytest.raises(InvalidInput, match="half_life is 0"):
        sentiment_series(whole(1), np.array([0.5]), half_life=0)
    with pytest.raises(InvalidInput, match="window is -1"):
        news_count(whole(1), window=-1)
    with pytest.raises(InvalidInput, match="score has 2 rows, not 1"):
        sentiment_series(whole(1), np.zeros(2), half_life=1)
