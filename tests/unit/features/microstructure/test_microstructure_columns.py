"""Columns of trading costs and order flow: against plain loops, published numbers and what must hold between them."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from autonomous_trading.core import Bars, FloatArray, InvalidExpression, InvalidParameter
from autonomous_trading.features import ColumnStore
from autonomous_trading.testing.contracts.features import column_market
from tests.twins import microstructure as twin

BARS = column_market("clean", 300)
LAST = len(BARS) - 1


def last(name: str, *arguments: int | float, bars: Bars = BARS, output: str = "") -> float:
    return float(ColumnStore(bars).column(name, arguments, None, output)[-1])


def flat(close: list[float], volume: list[float] | None = None) -> Bars:
    """Bars of one price each."""
    price = np.array(close)
    units = np.ones(len(close)) if volume is None else np.array(volume)
    time = np.arange(len(close), dtype=np.int64) * 60_000_000_000
    return Bars(time=time, open=price, high=price, low=price, close=price, volume=units)


def quoted(name: str, *arguments: int | float, **series: list[float]) -> FloatArray:
    """A column of quotes."""
    inputs = tuple(np.array(values) for values in series.values())
    store = ColumnStore(flat([100.0] * len(inputs[0])))
    return store.column(name, arguments, inputs)


def test_roll_of_a_bounce() -> None:
    bounce = flat([100.5 if row % 2 else 99.5 for row in range(41)])
    # Changes of plus and minus s: their covariance is -s^2, so that the spread is 2 s.
    assert last("roll_spread", 38, bars=bounce) == pytest.approx(2.0 * math.log(100.5 / 99.5), rel=1e-3)
    trend = flat([100.0 * 1.01 ** (row * row / 40) for row in range(41)])
    assert last("roll_spread", 38, bars=trend) == 0.0
    assert last("roll_spread", 38, 1, bars=trend) < 0.0


def test_corwin_schultz_by_hand() -> None:
    bars = Bars(
        time=np.arange(3, dtype=np.int64) * 60_000_000_000,
        open=np.array([10.0, 10.0, 12.0]),
        high=np.array([10.2, 10.3, 12.2]),
        low=np.array([9.9, 10.0, 12.0]),
        close=np.array([10.0, 10.1, 12.1]),
        volume=np.ones(3),
    )
    spreads = []
    for (h1, l1, c1), (h2, l2) in (((10.2, 9.9, 10.0), (10.3, 10.0)), ((10.3, 10.0, 10.1), (12.2, 12.0))):
        gap = max(0.0, c1 - h2) + min(0.0, c1 - l2)
        beta = math.log(h1 / l1) ** 2 + math.log(h2 / l2) ** 2
        gamma = math.log(max(h1, h2 + gap) / min(l1, l2 + gap)) ** 2
        k = 3.0 - 2.0 * math.sqrt(2.0)
        alpha = (math.sqrt(2.0 * beta) - math.sqrt(beta)) / k - math.sqrt(gamma / k)
        spreads.append(2.0 * (math.exp(alpha) - 1.0) / (1.0 + math.exp(alpha)))
    assert last("corwin_schultz_spread", 2, 1, bars=bars) == pytest.approx(sum(spreads) / 2.0)
    assert last("corwin_schultz_spread", 2, 0, bars=bars) == pytest.approx(
        sum(max(each, 0.0) for each in spreads) / 2.0
    )


def test_abdi_ranaldo_by_hand() -> None:
    part = slice(LAST - 20, LAST + 1)
    c, h, low = (np.log(each[part]) for each in (BARS.close, BARS.high, BARS.low))
    m = (h + low) / 2.0
    squared = 4.0 * sum((c[i] - m[i]) * (c[i] - m[i + 1]) for i in range(20)) / 20.0
    wanted = math.copysign(math.sqrt(abs(squared)), squared)
    assert last("abdi_ranaldo_spread", 20, 1) == pytest.approx(wanted)


def test_edge_is_that_of_its_authors() -> None:
    # bidask 2.1.0: edge(open, high, low, close, sign=True) of these bars
    rows = [(18.21, 18.21, 17.61, 17.61), (17.61, 17.88, 17.55, 17.70), (17.75, 18.02, 17.70, 17.99),
            (18.00, 18.10, 17.80, 17.85), (17.80, 17.95, 17.60, 17.92), (17.92, 18.30, 17.90, 18.25)]  # fmt: skip
    columns = np.array(rows).T
    time = np.arange(6, dtype=np.int64) * 60_000_000_000
    bars = Bars(time=time, open=columns[0], high=columns[1], low=columns[2], close=columns[3], volume=np.ones(6))
    assert last("edge_spread", 6, 1, bars=bars) == pytest.approx(-0.003883882512839363, rel=1e-9)
    # Their own test of what cannot be known: prices that stood still after one move.
    still = np.array([(18.21, 18.21, 17.61, 17.61), (17.61, 17.61, 17.61, 17.61), (17.61, 17.61, 17.61, 17.61)]).T
    prices = dict(zip(("open", "high", "low", "close"), still, strict=True))
    assert math.isnan(last("edge_spread", 3, bars=Bars(time=time[:3], volume=np.ones(3), **prices)))


@pytest.mark.parametrize("kind", ["clean", "coarse"])
def test_edge_is_the_twin(kind: str) -> None:
    bars = column_market(kind, 120)
    found = ColumnStore(bars).column("edge_spread", (15, 1))
    rows = list(zip(*(each.tolist() for each in (bars.open, bars.high, bars.low, bars.close)), strict=True))
    for at in range(14, len(bars)):
        squared = twin.edge_of(rows[at - 14 : at + 1])
        wanted = math.nan if math.isnan(squared) else math.copysign(math.sqrt(abs(squared)), squared)
        assert found[at] == pytest.approx(wanted, rel=1e-6, abs=1e-12, nan_ok=True)


def test_fht_by_hand() -> None:
    bars = flat([100.0, 100.0, 101.0, 101.0, 100.0])
    r = math.log(1.01)
    deviation = math.sqrt(2.0 * r * r / 4.0)
    assert last("fht_spread", 4, bars=bars) == pytest.approx(2.0 * deviation * NormalDist().inv_cdf(0.75))
    assert math.isnan(last("fht_spread", 3, bars=flat([1.0] * 6)))
    assert last("zero_return_share", 4, bars=bars) == 0.5


def test_high_low_spread_is_a_mean_of_ranges() -> None:
    part = slice(LAST - 4, LAST + 1)
    wanted = np.mean(2.0 * (BARS.high[part] - BARS.low[part]) / (BARS.high[part] + BARS.low[part]))
    assert last("high_low_spread", 5) == pytest.approx(wanted)


def test_amihud_and_amivest() -> None:
    bars = flat([100.0, 101.0, 101.0, 102.0], [5.0, 2.0, 0.0, 4.0])
    r1, r3 = math.log(1.01), math.log(102.0 / 101.0)
    assert last("amihud_illiquidity", 3, bars=bars) == pytest.approx((r1 / 202.0 + r3 / 408.0) / 2.0)
    assert last("amivest_liquidity", 3, bars=bars) == pytest.approx((202.0 + 408.0) / (r1 + r3))
    nothing = flat([100.0, 101.0, 102.0], [0.0, 0.0, 0.0])
    assert math.isnan(last("amihud_illiquidity", 2, bars=nothing))
    assert math.isnan(last("amivest_liquidity", 2, bars=flat([1.0, 1.0, 1.0])))


def test_lambdas_are_slopes() -> None:
    moved = np.diff(BARS.close)[-60:]
    volume = BARS.volume[-60:]
    assert last("kyle_lambda", 60) == pytest.approx(np.polyfit(np.sign(moved) * volume, moved, 1)[0])
    returns = np.diff(np.log(BARS.close))[-60:]
    flow = np.sign(returns) * np.sqrt(BARS.close[-60:] * volume)
    assert last("hasbrouck_lambda", 60) == pytest.approx(np.polyfit(flow, returns, 1)[0])
    deviation = [np.diff(BARS.close)[at - 50 : at].std() for at in range(LAST - 59, LAST + 1)]
    bought = np.array([NormalDist().cdf(m / s) for m, s in zip(moved, deviation, strict=True)])
    assert last("kyle_lambda", 60, 1) == pytest.approx(np.polyfit((2.0 * bought - 1.0) * volume, moved, 1)[0])
    wanted = ((2.0 * bought - 1.0) * volume)[-20:].sum() / volume[-20:].sum()
    assert last("bulk_volume_imbalance", 20, 50) == pytest.approx(wanted)
    signs = (np.sign(moved) * volume)[-20:].sum() / volume[-20:].sum()
    assert last("tick_rule_imbalance", 20) == pytest.approx(signs)


def test_prices_that_stand_still_have_no_side_and_no_impact() -> None:
    still = flat([100.0] * 80)
    assert last("bulk_volume_imbalance", 5, 10, bars=still) == 0.0
    assert last("tick_rule_imbalance", 5, bars=still) == 0.0
    for name in ("kyle_lambda", "hasbrouck_lambda", "variance_ratio"):
        assert math.isnan(last(name, 60, bars=still))
    assert math.isnan(last("tick_rule_imbalance", 5, bars=flat([100.0, 101.0] * 5, [0.0] * 10)))


def test_vpin_is_the_twin() -> None:
    found = ColumnStore(BARS).column("vpin", (1.5, 10, 20, 30))
    moved = np.diff(BARS.close, prepend=np.nan)
    bought, size = [], []
    for at in range(len(BARS)):
        known = at >= 30
        share = NormalDist().cdf(moved[at] / moved[at - 29 : at + 1].std()) if known else math.nan
        bought.append(share * BARS.volume[at])
        size.append(1.5 * BARS.volume[at - 20 : at].mean() if at >= 20 else math.nan)
    wanted, _ = twin.buckets_of_volume(BARS.volume.tolist(), bought, size, 10)
    assert found == pytest.approx(np.array(wanted), nan_ok=True)
    assert np.nanmin(found) >= 0.0
    assert np.nanmax(found) <= 1.0


def test_variance_ratio_is_lo_and_mackinlays() -> None:
    prices, q = np.log(BARS.close[-121:]), 5
    n = 120
    mean = (prices[-1] - prices[0]) / n
    single = ((np.diff(prices) - mean) ** 2).sum() / (n - 1)
    longer = ((prices[q:] - prices[:-q] - q * mean) ** 2).sum() / (q * (n - q + 1) * (1.0 - q / n))
    assert last("variance_ratio", n, q) == pytest.approx(longer / single)
    with pytest.raises(InvalidParameter, match="lag 5 is not below period 5"):
        last("variance_ratio", 5, 5)
    steady = flat((100.0 * 1.0001 ** np.arange(300)).tolist())
    assert np.isnan(ColumnStore(steady).column("variance_ratio", (60, 5))).all()


def test_relative_turnover_leaves_its_own_bar_out() -> None:
    bars = flat([10.0, 10.0, 10.0], [1.0, 3.0, 8.0])
    assert last("relative_turnover", 2, bars=bars) == 4.0
    assert math.isnan(last("relative_turnover", 2, bars=flat([10.0, 10.0, 10.0], [0.0, 0.0, 8.0])))


def test_value_area_holds_its_share() -> None:
    store = ColumnStore(BARS)
    control, low, high, position = (store.column("value_area", (40, 20), None, each) for each in
                                    ("control", "low", "high", "position"))  # fmt: skip
    part = slice(LAST - 39, LAST + 1)
    held, width = twin.level_volumes(BARS.high[part], BARS.low[part], BARS.volume[part], 20)
    bottom = BARS.low[part].min()
    first, after = round((low[-1] - bottom) / width), round((high[-1] - bottom) / width)
    assert held[first:after].sum() >= 0.7 * BARS.volume[part].sum()
    assert control[-1] == pytest.approx(bottom + (np.argmax(held) + 0.5) * width)
    assert position[-1] == pytest.approx((BARS.close[-1] - low[-1]) / (high[-1] - low[-1]))


def test_spreads_of_quotes() -> None:
    bid, ask, price = [99.0, 100.0, 101.0], [101.0, 102.0, 103.0], [101.0, 101.0, 101.5]
    assert quoted("quoted_spread", bid=bid, ask=ask).tolist() == [2.0, 2.0, 2.0]
    assert quoted("relative_spread", bid=bid, ask=ask)[0] == 0.02
    effective = quoted("effective_spread", price=price, bid=bid, ask=ask)
    realised = quoted("realised_spread", 1, price=price, bid=bid, ask=ask)
    impact = quoted("price_impact", 1, price=price, bid=bid, ask=ask)
    assert effective == pytest.approx([0.02, 0.0, 2.0 * 0.5 / 102.0])
    # What was paid is what the other side has earned by now, and what the market has moved.
    assert realised[1:] + impact[1:] == pytest.approx(effective[:-1])
    assert realised[1:].tolist() == [0.0, 0.0]
    assert np.isnan(realised[0])


def test_sizes_of_quotes() -> None:
    sizes = {"bid_size": [3.0, 0.0], "ask_size": [1.0, 0.0]}
    assert quoted("book_imbalance", **sizes) == pytest.approx([0.5, math.nan], nan_ok=True)
    quotes = {"bid": [99.0, 99.0], "ask": [101.0, 101.0], **sizes}
    assert quoted("microprice", **quotes) == pytest.approx([100.5, math.nan], nan_ok=True)
    assert quoted("quote_slope", **quotes) == pytest.approx([2.0 / math.log(3.0), math.nan], nan_ok=True)


def test_order_flow_of_cont_kukanov_and_stoikov() -> None:
    found = quoted(
        "order_flow_imbalance",
        1,
        bid=[10.0, 10.0, 11.0, 10.0],
        ask=[12.0, 12.0, 12.0, 11.0],
        bid_size=[5.0, 7.0, 4.0, 6.0],
        ask_size=[3.0, 2.0, 2.0, 8.0],
    )
    # More at the same bid (+2) and less at the same ask (+1); a higher bid (+4); a lower bid (-4) and a lower ask (-8).
    assert found == pytest.approx([math.nan, 3.0, 4.0, -12.0], nan_ok=True)


def test_slope_of_a_book() -> None:
    levels = {"bid": [10.0], "ask": [11.0], "bid_depth": [30.0], "ask_depth": [50.0]}
    assert quoted("book_slope", **levels, bid_far=[7.0], ask_far=[16.0]).tolist() == [10.0]
    assert np.isnan(quoted("book_slope", **levels, bid_far=[10.0], ask_far=[16.0])).all()


def test_quotes_have_to_be_given() -> None:
    with pytest.raises(InvalidExpression, match="quoted_spread needs the series bid"):
        ColumnStore(BARS).column("quoted_spread")
