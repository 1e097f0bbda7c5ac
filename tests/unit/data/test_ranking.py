"""Ranking instruments: each component by hand, nothing from the future, and an honest answer about what followed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from autonomous_trading.core import Bars, FloatArray, InvalidInput, NothingToReport, Panel, UnknownName
from autonomous_trading.data.ranking import (
    COMPONENTS,
    MomentumWindow,
    RankingRules,
    RankingWindows,
    evaluate_ranking,
    rank_instruments,
)
from autonomous_trading.testing.markets import random_walk

SHORT = RankingWindows(momentum=(MomentumWindow(10, 2), MomentumWindow(20, 0)), volatility=15, liquidity=9, absent=3)
MOMENTUM = RankingRules(windows=SHORT, weights={"momentum": 1.0})
LIQUIDITY = RankingRules(windows=SHORT, weights={"liquidity": 1.0})


def walks(count: int, n: int, seed: int = 1, drift: float = 0.0) -> dict[str, Bars]:
    """Random walks; with `drift` those named first rise and those named last fall."""
    slopes = np.linspace(drift, -drift, count)
    return {
        f"S{number}": replace(random_walk(n, seed=100 * seed + number, drift=slope), symbol=f"S{number}")
        for number, slope in enumerate(slopes.tolist())
    }


def ragged(n: int = 120) -> Panel:
    """Seven instruments: one begins late, one stops, one has holes, one never moves."""
    bars = walks(7, n)
    bars["S1"] = bars["S1"][40:]
    bars["S2"] = bars["S2"][:70]
    holes = np.arange(n) % 4 != 0
    columns = {name: getattr(bars["S3"], name)[holes] for name in ("time", "open", "high", "low", "close", "volume")}
    bars["S3"] = Bars(**columns, symbol="S3")
    flat = np.full(n, 50.0)
    bars["S4"] = replace(bars["S4"], open=flat, high=flat, low=flat, close=flat)
    return Panel.of(bars)


def robust(values: FloatArray) -> FloatArray:
    away = values - np.nanmedian(values)
    found: FloatArray = np.clip(away / (1.4826 * np.nanmedian(np.abs(away))), -3.0, 3.0)
    return found


def test_momentum_is_the_return_of_the_past_in_units_of_volatility() -> None:
    panel = Panel.of(walks(6, 80))
    ranking = rank_instruments(panel, np.array([50]), rules=MOMENTUM)
    level = np.log(panel.close)
    usual = np.diff(level, axis=1)[:, 50 - 15 : 50].std(axis=1, ddof=1)
    first = (level[:, 48] - level[:, 38]) / (usual * np.sqrt(10))
    second = (level[:, 50] - level[:, 30]) / (usual * np.sqrt(20))
    expected = 0.5 * (robust(first) + robust(second))
    np.testing.assert_allclose(ranking.scores["momentum"][:, 0], expected, rtol=1e-9)
    np.testing.assert_allclose(ranking.total[:, 0], expected, rtol=1e-9)
    assert ranking.rank[:, 0].tolist() == (np.argsort(np.argsort(-expected)) + 1).tolist()


def test_liquidity_is_money_traded_and_little_impact() -> None:
    panel = Panel.of(walks(6, 80))
    ranking = rank_instruments(panel, np.array([60]), rules=LIQUIDITY)
    money = panel.close * panel.volume
    rows = slice(60 - 9 + 1, 61)
    median = np.log(np.median(money[:, rows], axis=1))
    impact = np.log((np.abs(np.diff(np.log(panel.close), axis=1, prepend=np.nan)) / money)[:, rows].mean(axis=1))
    expected = 0.5 * (robust(median) + robust(-impact))
    np.testing.assert_allclose(ranking.scores["liquidity"][:, 0], expected, rtol=1e-9)


def test_size_and_sentiment_are_compared_as_they_were_known() -> None:
    panel = Panel.of(walks(6, 80))
    size = np.exp(np.arange(6.0))[:, np.newaxis] * np.ones(80)
    size[2, :] = np.nan
    rules = RankingRules(windows=SHORT, weights={"size": 1.0})
    ranking = rank_instruments(panel, size=size, rules=rules)
    known = np.array([0.0, 1.0, np.nan, 3.0, 4.0, 5.0])
    np.testing.assert_allclose(ranking.scores["size"][:, 30], robust(known))
    assert ranking.rank[:, 30].tolist() == [5, 4, 0, 3, 2, 1]
    feeling = rank_instruments(
        panel, sentiment=-size, rules=RankingRules(windows=SHORT, weights={"sentiment": -2.0}, scale="rank")
    )
    assert feeling.rank[:, 30].tolist() == [5, 4, 0, 3, 2, 1]
    assert feeling.scores["sentiment"][:, 30][[0, 1, 3, 4, 5]].std() == pytest.approx(1.0)


def test_components_that_were_not_given_are_left_out_and_named() -> None:
    panel = Panel.of(walks(6, 80))
    ranking = rank_instruments(panel, rules=RankingRules(windows=SHORT))
    assert ranking.left_out == ("size", "sentiment")
    assert dict(ranking.weights) == {"momentum": 0.5, "liquidity": 0.2}
    mixed = (0.5 * ranking.scores["momentum"] + 0.2 * ranking.scores["liquidity"]) / 0.7
    np.testing.assert_allclose(ranking.total[:, 40:], mixed[:, 40:])
    assert (ranking.coverage[:, 40:] == 1.0).all()
    unknown = rank_instruments(panel, size=np.full(panel.close.shape, np.nan), rules=RankingRules(windows=SHORT))
    assert unknown.left_out == ("size", "sentiment")
    np.testing.assert_allclose(unknown.coverage[:, 40:], 0.7 / 0.85)


def test_what_is_known_of_an_instrument_counts_and_less_than_half_of_the_weight_does_not() -> None:
    panel = Panel.of(walks(6, 80))
    sentiment = np.ones(panel.close.shape)
    sentiment[0, :] = np.nan
    half = RankingRules(windows=SHORT, weights={"momentum": 0.6, "sentiment": 0.4})
    ranking = rank_instruments(panel, np.array([60]), sentiment=sentiment, rules=half)
    assert ranking.coverage[0, 0] == pytest.approx(0.6)
    assert ranking.total[0, 0] == ranking.scores["momentum"][0, 0]
    assert "sentiment" not in ranking.places()[ranking.rank[0, 0] - 1].scores
    little = RankingRules(windows=SHORT, weights={"momentum": 0.4, "sentiment": 0.6})
    assert rank_instruments(panel, np.array([60]), sentiment=sentiment, rules=little).rank[0, 0] == 0
    nothing = rank_instruments(panel, rules=RankingRules(windows=SHORT, weights={"size": 1.0}))
    assert not nothing.rank.any()
    assert nothing.places() == ()


def test_who_is_not_there_is_not_ranked() -> None:
    panel = ragged()
    ranking = rank_instruments(panel, rules=MOMENTUM)
    began, stopped = ranking.rank[1], ranking.rank[2]
    assert not began[:52].any()
    assert began[60:].all()
    assert stopped[60:72].all()  # two rows without a bar are borne, the third is not
    assert not stopped[72:].any()
    assert not ranking.rank[3].any()  # a quarter of its bars is missing: less than four fifths are there
    assert not ranking.rank[4].any()  # nothing moved: there is no unit to measure a return by


def test_places_are_in_order_and_say_what_put_them_there() -> None:
    panel = Panel.of(walks(6, 80))
    ranking = rank_instruments(panel, rules=RankingRules(windows=SHORT))
    places = ranking.places()
    assert [place.rank for place in places] == [1, 2, 3, 4, 5, 6]
    assert [place.total for place in places] == sorted((place.total for place in places), reverse=True)
    assert set(places[0].scores) == {"momentum", "liquidity"}
    assert len(ranking) == 80
    assert ranking.places(45)[0].rank == 1
    assert set(COMPONENTS) == {"momentum", "size", "liquidity", "sentiment"}


def test_equal_totals_are_ranked_in_the_order_of_the_instruments() -> None:
    panel = Panel.of(walks(6, 40))
    ranking = rank_instruments(
        panel, sentiment=np.ones((6, 40)), rules=RankingRules(windows=SHORT, weights={"sentiment": 1.0})
    )
    assert ranking.rank[:, -1].tolist() == [1, 2, 3, 4, 5, 6]
    assert (ranking.total == 0.0).all()


def test_where_half_of_the_values_are_the_same_the_others_still_count() -> None:
    panel = Panel.of(walks(6, 40))
    sentiment = np.zeros((6, 40))
    sentiment[5] = 1.0
    rules = RankingRules(windows=SHORT, weights={"sentiment": 1.0})
    total = rank_instruments(panel, sentiment=sentiment, rules=rules).total[:, -1]
    assert total[5] == 3.0
    assert (total[:5] == 0.0).all()


@pytest.mark.parametrize("scale", ["robust", "rank"])
@pytest.mark.parametrize("cut", [1, 8, 25, 41, 63, 71, 100, 119])
def test_cut_anywhere_what_came_before_does_not_change(scale: Any, cut: int) -> None:
    panel = ragged()
    rng = np.random.default_rng(5)
    size, sentiment = rng.lognormal(0.0, 1.0, (2, 7, 120))
    size[:, :50] = np.nan
    sentiment[rng.random((7, 120)) < 0.3] = np.nan
    rules = RankingRules(windows=SHORT, scale=scale)
    whole = rank_instruments(panel, size=size, sentiment=sentiment, rules=rules)
    part = rank_instruments(panel[:cut], size=size[:, :cut], sentiment=sentiment[:, :cut], rules=rules)
    np.testing.assert_array_equal(part.total, whole.total[:, :cut])
    np.testing.assert_array_equal(part.rank, whole.rank[:, :cut])
    np.testing.assert_array_equal(part.coverage, whole.coverage[:, :cut])
    one = rank_instruments(panel, np.array([cut - 1]), size=size, sentiment=sentiment, rules=rules)
    np.testing.assert_array_equal(one.total[:, 0], whole.total[:, cut - 1])


def test_a_large_price_long_ago_leaves_no_trace() -> None:
    bars = walks(6, 200)
    wild = {name: getattr(bars["S0"], name).copy() for name in ("open", "high", "low", "close")}
    for values in wild.values():
        values[:20] *= 1e8
    changed = Panel.of({**bars, "S0": replace(bars["S0"], **wild)})
    rows = np.arange(100, 200)
    before, after = (rank_instruments(panel, rows, rules=MOMENTUM) for panel in (Panel.of(bars), changed))
    np.testing.assert_array_equal(before.total, after.total)


def test_an_order_that_foretells_is_found() -> None:
    panel = Panel.of(walks(30, 700, drift=0.004))
    evidence = evaluate_ranking(rank_instruments(panel, rules=MOMENTUM), panel, horizon=10)
    assert evidence.verdict == "evidence"
    assert evidence.coefficient.low > 0.2
    assert evidence.spread.mean > 0.01
    assert evidence.words.startswith("evidence: rank IC +0.")
    rows = np.arange(len(panel))
    against = RankingRules(windows=SHORT, weights={"momentum": -1.0})
    reverse = evaluate_ranking(rank_instruments(panel, rows, rules=against), panel, horizon=10)
    assert reverse.verdict == "evidence against"
    assert "wrong way round" in reverse.words


def test_an_order_by_lot_is_no_evidence_and_the_error_is_that_of_the_mean() -> None:
    panel = Panel.of(walks(20, 600))
    evidence = evaluate_ranking(rank_instruments(panel, rules=MOMENTUM), panel, horizon=10)
    assert evidence.verdict == "no evidence"
    assert "drawn by lot" in evidence.words
    assert evidence.dates == len(evidence.coefficients) == 58
    ic = evidence.coefficient
    assert ic.mean == pytest.approx(evidence.coefficients.mean())
    assert ic.error == pytest.approx(evidence.coefficients.std(ddof=1) / np.sqrt(58))
    assert ic.high - ic.mean == pytest.approx(2.0025 * ic.error, rel=1e-4)  # Student's t, 57 degrees of freedom


def test_the_coefficient_is_that_of_spearman() -> None:
    from scipy.stats import spearmanr

    panel = Panel.of(walks(9, 200))
    ranking = rank_instruments(panel, rules=MOMENTUM)
    evidence = evaluate_ranking(ranking, panel, horizon=5)
    first = int(np.flatnonzero(ranking.rank.all(axis=0))[0])
    came = panel.open[:, first + 6] / panel.open[:, first + 1]
    assert evidence.coefficients[0] == pytest.approx(spearmanr(ranking.total[:, first], came).statistic)


def test_an_order_in_which_all_are_equal_says_nothing() -> None:
    panel = Panel.of(walks(6, 200))
    rules = RankingRules(windows=SHORT, weights={"sentiment": 1.0})
    evidence = evaluate_ranking(rank_instruments(panel, sentiment=np.ones((6, 200)), rules=rules), panel, horizon=5)
    assert (evidence.coefficients == 0.0).all()
    assert evidence.verdict == "no evidence"


REFUSED = (
    ({"as_of_rows": np.array([3, 3])}, "as_of_rows are no rows of a panel of 60"),
    ({"as_of_rows": np.array([60])}, "as_of_rows are no rows"),
    ({"as_of_rows": np.array([], dtype=np.int64)}, "as_of_rows are no rows"),
    ({"as_of_rows": np.array([1.0])}, "as_of_rows are no rows"),
    ({"size": np.ones(6)}, r"size has shape \[6\], the panel \[6, 60\]"),
)


@pytest.mark.parametrize(("arguments", "words"), REFUSED, ids=[str(number) for number in range(len(REFUSED))])
def test_what_is_no_question_is_refused(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        rank_instruments(Panel.of(walks(6, 60)), **arguments)


def test_rules_that_are_none_are_refused() -> None:
    with pytest.raises(UnknownName, match=r"unknown component 'momentun'.*'momentum'"):
        RankingRules(weights={"momentun": 1.0})
    with pytest.raises(InvalidInput, match="no component has a weight"):
        RankingRules(weights={"momentum": 0.0})
    with pytest.raises(InvalidInput, match="no component has a weight"):
        RankingRules(weights={"momentum": float("nan")})
    with pytest.raises(UnknownName, match="unknown scale 'z'"):
        RankingRules(scale="z")  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="windows of a ranking are one bar or more"):
        RankingWindows(momentum=())
    with pytest.raises(InvalidInput, match="windows of a ranking are one bar or more"):
        RankingWindows(volatility=1)


def test_evidence_needs_a_future_of_its_own_panel() -> None:
    panel = Panel.of(walks(6, 60))
    ranking = rank_instruments(panel, rules=MOMENTUM)
    with pytest.raises(NothingToReport, match=r"2 dates with 5 ranked instruments say too little"):
        evaluate_ranking(ranking, panel, horizon=21)
    with pytest.raises(InvalidInput, match="not of this panel"):
        evaluate_ranking(ranking, Panel.of(walks(5, 60)))
    with pytest.raises(InvalidInput, match="a horizon is 1 bar or more"):
        evaluate_ranking(ranking, panel, horizon=0)


def test_a_panel_shorter_than_every_window_ranks_nobody() -> None:
    ranking = rank_instruments(Panel.of(walks(6, 5)), rules=RankingRules())
    assert not ranking.rank.any()
    assert set(ranking.left_out) == set(COMPONENTS)
