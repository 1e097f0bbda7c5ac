"""Spreads and impact that were put into simulated trades come out of the columns again.

Trades bounce between bid and ask around a price that wanders, as in Roll (1984), 390 a bar; bars are made of them, and
all that a column sees is the bars. Estimates are taken with their sign over each block of 250 bars and their mean is
compared with the spread that was put in. On the simulated book of zero intelligence, which has no price of its own, the
spread paid is compared with what its quotes say.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from autonomous_trading.core import Bars, FloatArray
from autonomous_trading.data.knowable import Quotes, Trades, national_best
from autonomous_trading.features import ColumnStore
from autonomous_trading.features.microstructure.ticks import quoted_middles, spreads_paid
from autonomous_trading.testing.markets import order_driven
from proofs.claims import Figure, at_most, run

TITLE = "Known spreads and impacts are recovered"
SEED: Final = 20_261
TRADES: Final = 390
BLOCK: Final = 250
BLOCKS: Final = 40
SPREADS: Final = (0.005, 0.01, 0.02)
VOLATILITY: Final = 0.01  # of a bar
# How far the mean of 40 estimates may be from the truth, as a fraction of it. That of Corwin and Schultz is known to be
# biased where few of the trades of a bar are at its extremes. Roll's is by far the noisiest: see `_three_errors`.
TOLERANCES: Final = {"corwin_schultz_spread": 0.15, "abdi_ranaldo_spread": 0.05, "edge_spread": 0.05}


def measure() -> list[Figure]:
    """Each estimator at each spread, then the two lambdas, then the book."""
    figures = []
    for name in ("roll_spread", *TOLERANCES):
        for spread in SPREADS:
            tolerance = TOLERANCES.get(name, _three_errors(spread))
            found = _estimate(name, _bounced(spread))
            figures.append(
                at_most(
                    f"{name}: {spread:.1%} put in, {found:.3%} found; away by",
                    abs(found / spread - 1.0),
                    tolerance,
                    "of it",
                )
            )
    return [*figures, *_lambdas(), *_paid_in_a_book()]


def _bounced(spread: float) -> Bars:
    """Bars of trades at half a spread above or below a geometric random walk; a buyer is as likely as a seller."""
    rng = np.random.default_rng([SEED, round(spread * 1e6)])
    shape = (BLOCK * BLOCKS, TRADES)
    moves = rng.normal(0.0, VOLATILITY / np.sqrt(TRADES), shape)
    price = 100.0 * np.exp(np.cumsum(moves.ravel())).reshape(shape)
    price *= 1.0 + spread * (rng.integers(0, 2, shape) - 0.5)
    return _bars(price[:, 0], price.max(axis=1), price.min(axis=1), price[:, -1], np.ones(len(price)))


def _three_errors(spread: float) -> float:
    """Three standard errors of Roll's spread, as a fraction of it: var(r) / sqrt(n) is that of a covariance of 0."""
    variance = VOLATILITY**2 + spread**2 / 2.0
    return float(3.0 * 2.0 * variance / (spread**2 * np.sqrt(BLOCK * BLOCKS)))


def _bars(opening: FloatArray, high: FloatArray, low: FloatArray, close: FloatArray, volume: FloatArray) -> Bars:
    time = np.arange(len(close), dtype=np.int64) * 86_400_000_000_000
    return Bars(time=time, open=opening, high=high, low=low, close=close, volume=volume)


def _estimate(name: str, bars: Bars) -> float:
    """The spread over all blocks: the root of the mean of its signed squares where it is one, else the mean."""
    each = ColumnStore(bars).column(name, (BLOCK - 2, 1))[BLOCK - 1 :: BLOCK]
    if name == "corwin_schultz_spread":
        return float(each.mean())
    return float(np.sqrt(max(0.0, float(np.mean(np.sign(each) * each**2)))))


def _lambdas() -> list[Figure]:
    """A price that moves a millionth per unit bought, with noise or without; a return that does per root of money."""
    rng = np.random.default_rng([SEED, 1])
    n, period = 20_000, 500
    figures = []
    impact, size = 1e-6, rng.lognormal(10.0, 1.0, n)
    for share in (0.0, 0.5):  # of the variance of price changes, in ways that do not depend on volume
        flow = size * rng.choice((-1.0, 1.0), n)
        noise = np.abs(rng.normal(0.0, np.sqrt(share) * impact * size.std(), n)) * np.sign(flow)
        close = 1_000.0 + np.cumsum(impact * flow + noise)
        found = _median("kyle_lambda", _bars(close, close, close, close, size), period)
        wanted = impact if share == 0.0 else _slope(flow, impact * flow + noise)
        words = f"{impact:g} put in" if share == 0.0 else f"with noise, {wanted:.4g} on the flow that was put in"
        figures.append(_away(f"kyle_lambda: {words}", found, wanted))
    root_impact = 1e-6
    # The money of a bar depends on the price that it moves: bar after bar.
    price, closes = 100.0, np.empty(n)
    signs = rng.choice((-1.0, 1.0), n)
    for row in range(n):
        money, moved = size[row] * price, 0.0
        for _ in range(3):  # the close at which the money of the bar is counted
            moved = float(root_impact * signs[row] * np.sqrt(money))
            money = size[row] * price * np.exp(moved)
        price *= float(np.exp(moved))
        closes[row] = price
    found = _median("hasbrouck_lambda", _bars(closes, closes, closes, closes, size), period)
    return [*figures, _away(f"hasbrouck_lambda: {root_impact:g} put in", found, root_impact)]


def _slope(x: FloatArray, y: FloatArray) -> float:
    return float(np.polyfit(x, y, 1)[0])


def _median(name: str, bars: Bars, period: int) -> float:
    return float(np.nanmedian(ColumnStore(bars).column(name, (period,))))


def _away(name: str, found: float, wanted: float) -> Figure:
    return at_most(f"{name}, {found:.4g} found; away by", abs(found / wanted - 1.0), 0.02, "of it")


def _paid_in_a_book() -> list[Figure]:
    """In the book of zero intelligence a market order pays the best price of the other side: half the quoted spread."""
    flow = order_driven(2_000, SEED).truth.published
    trades = Trades("X", flow.trade_time, flow.trade_price, flow.trade_size)
    best = national_best(Quotes("X", flow.quote_time, flow.bid, flow.bid_size, flow.ask, flow.ask_size))
    paid = spreads_paid(trades, best)
    middle = quoted_middles(trades, best)
    at = np.searchsorted(flow.quote_time, flow.trade_time, side="left") - 1
    quoted = (flow.ask[at] - flow.bid[at]) / middle
    known = ~np.isnan(paid) & (at >= 0)
    away = float(np.max(np.abs(paid[known] / quoted[known] - 1.0)))
    words = f"spread paid by {int(known.sum()):,} trades in a simulated book; away from the quoted one by"
    return [at_most(words, away, 1e-9, "of it")]


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
