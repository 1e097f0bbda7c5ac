"""Simulated markets are what they say: methods that are known to work recover the truth beside the bars.

An estimate is compared in units of its standard error; of many independent ones the largest stays below 4 (of 40
normal ones it would be above once in 400 proofs). Seeds 0 to 9 unless the figure says otherwise.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np

from autonomous_trading.core import Bars, FloatArray
from autonomous_trading.testing.markets import (
    LIMIT_ORDER,
    MARKET_ORDER,
    ORDER_CANCELLED,
    BookLaw,
    BookTruth,
    FactorLaw,
    GarchLaw,
    JumpLaw,
    cointegrated_pair,
    dividends_and_splits,
    factor_market,
    garch,
    jump_diffusion,
    made_up_sessions,
    order_driven,
    regime_switching,
    session_market,
)
from proofs.claims import Figure, at_least, at_most, holds, run

TITLE = "Simulated markets and the truth beside them"
SEEDS = range(10)
_ERRORS = 4.0


def measure() -> list[Figure]:
    """Law by law."""
    laws = (_regimes, _garch, _jumps, _factors, _pair, _book, _sessions, _actions)
    return [figure for law in laws for figure in law()]


def _largest(name: str, errors: Sequence[float]) -> Figure:
    return at_most(f"{name}, largest of {len(errors)}", max(abs(error) for error in errors), _ERRORS, "errors")


def _steps(bars: Bars) -> FloatArray:
    steps: FloatArray = np.log(bars.close / bars.open)
    return steps


def _z(values: FloatArray, expected: float) -> float:
    return float((values.mean() - expected) / (values.std() / np.sqrt(len(values))))


def _regimes() -> list[Figure]:
    """Occupancy, whose error is that of a chain with autocorrelation 0.93; and moments inside each regime."""
    occupancy, moments, seen_by_filter = [], [], []
    for seed in SEEDS:
        market = regime_switching(40_000, seed, timeframe="1m")
        truth, steps = market.truth, _steps(market.single)
        share = truth.stationary[1]
        error = np.sqrt(share * (1.0 - share) * 1.93 / 0.07 / len(steps))
        occupancy.append(((truth.regime == 1).mean() - share) / error)
        for regime in (0, 1):
            inside = steps[truth.regime == regime]
            moments.append(_z(inside, truth.drift[regime]))
            moments.append(_z((inside - truth.drift[regime]) ** 2, truth.volatility[regime] ** 2))
        seen_by_filter.append(_filtered_accuracy(steps, truth.regime, truth.transition, truth.volatility))
    return [
        _largest("regimes: occupancy", occupancy),
        _largest("regimes: mean and variance in each", moments),
        at_least("regimes: told right by a filter that knows the law (0.71 by saying calm)", min(seen_by_filter), 0.85),
    ]


def _filtered_accuracy(steps: FloatArray, regime: np.ndarray, transition: FloatArray, volatility: FloatArray) -> float:
    """Hamilton's filter with normal densities: the share of bars whose regime it says."""
    density = np.exp(-0.5 * (steps[:, np.newaxis] / volatility) ** 2) / volatility
    state, said = np.array([0.5, 0.5]), np.empty(len(steps), dtype=np.int64)
    for row, likelihood in enumerate(density):
        state = (transition.T @ state) * likelihood
        state = state / state.sum()
        said[row] = int(state[1] > 0.5)
    return float((said == regime).mean())


def _garch() -> list[Figure]:
    """The package arch fits what it was not told."""
    from arch import arch_model

    law = GarchLaw(drift=0.0)
    errors = []
    for seed in SEEDS:
        market = garch(8_000, seed, law, timeframe="1m")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what it says about the scale of data and convergence
            fitted = arch_model(100.0 * _steps(market.single), mean="Zero", dist="t").fit(disp="off")
        true = {"omega": 1e4 * market.truth.omega, "alpha[1]": law.alpha, "beta[1]": law.beta, "nu": law.freedom}
        errors += [float((fitted.params[name] - value) / fitted.std_err[name]) for name, value in true.items()]
    inside = float(np.mean([abs(error) < 2.0 for error in errors]))
    return [
        _largest("GARCH: parameters by arch", errors),
        at_least("GARCH: parameters within 2 errors", 100.0 * inside, 85.0, "%"),
    ]


def _jumps() -> list[Figure]:
    """Lee and Mykland (2008): a return over the bipower volatility of the bars around it, and a threshold of 5."""
    law = JumpLaw()
    found, false, counts, variance = 0, 0, [], []
    large, bars = 0, 0
    for seed in SEEDS:
        market = jump_diffusion(20_000, seed, law, timeframe="1m")
        truth, steps = market.truth, _steps(market.single)
        size = np.abs(steps)
        local = np.convolve(size[1:] * size[:-1], np.ones(200) / 200.0, mode="same") * np.pi / 2.0
        flagged = size > 5.0 * np.sqrt(np.append(local, local[-1]))
        clear = np.abs(truth.size) > 8.0 * law.volatility
        found += int((flagged & clear).sum())
        large += int(clear.sum())
        false += int((flagged & (truth.jumps == 0)).sum())
        bars += len(steps)
        counts.append(float((truth.jumps.sum() - law.intensity * len(steps)) / np.sqrt(law.intensity * len(steps))))
        variance.append(_z((steps - truth.size) ** 2, law.volatility**2))
    return [
        _largest("jumps: their number", counts),
        _largest("jumps: variance without them", variance),
        at_least(f"jumps: of {large:,} above 8 deviations seen by a bipower test", 100.0 * found / large, 99.0, "%"),
        at_most("jumps: seen where there are none, per 10,000 bars", 1e4 * false / bars, 1.0),
    ]


def _factors() -> list[Figure]:
    """Kendall's tau of an elliptical copula is 2/pi arcsin(correlation), whatever the tails."""
    from scipy.stats import kendalltau

    betas, taus, tails = [], [], []
    for seed in SEEDS:
        market = factor_market(20_000, seed, FactorLaw(variation=0.0), timeframe="1m")
        truth = market.truth
        steps = {name: _steps(bars) for name, bars in market.instruments.items()}
        for number, each in enumerate(steps.values()):
            own = each - truth.beta[number, 0] * truth.factor
            # An error that allows for variances that come together: the product's own deviation.
            betas.append(_z(own * truth.factor, 0.0))
        expected = 2.0 / np.pi * np.arcsin(truth.correlation(0)[0, 1])
        seen = kendalltau(steps["F1"], steps["F2"]).statistic
        taus.append(float((seen - expected) / (2.0 / 3.0 / np.sqrt(20_000))))
        low = [each < np.quantile(each, 0.01) for each in (steps["F1"], steps["F2"])]
        tails.append(float((low[0] & low[1]).mean() / 0.01))
    return [
        _largest("factors: betas", betas),
        _largest("factors: Kendall's tau", taus),
        at_least("factors: F2 in its worst 1 % when F1 is (normal copula: 0.18)", float(np.mean(tails)), 0.25),
    ]


def _pair() -> list[Figure]:
    """Half-life by regression of the spread on itself, with the hedge ratio from least squares."""
    kept_errors, hedge, half_lives = [], [], []
    for seed in SEEDS:
        market = cointegrated_pair(40_000, seed, timeframe="1m")
        truth = market.truth
        a, b = (np.log(market.instruments[name].close) for name in "AB")
        slope = float(np.cov(a, b)[0, 1] / b.var(ddof=1))
        spread = a - slope * b
        spread = spread - spread.mean()
        kept = float((spread[1:] * spread[:-1]).sum() / (spread[:-1] ** 2).sum())
        true = 0.5 ** (1.0 / truth.half_life)
        kept_errors.append((kept - true) / np.sqrt((1.0 - true**2) / len(spread)))
        half_lives.append(float(np.log(0.5) / np.log(kept)))
        hedge.append(abs(slope - truth.hedge_ratio))
    return [
        _largest("pair: speed of return", kept_errors),
        at_most("pair: half-life of 15, mean of seeds, away by", abs(float(np.mean(half_lives)) - 15.0), 0.5, "bars"),
        at_most("pair: hedge ratio of 0.8, away by at most", max(hedge), 0.02),
    ]


def _book() -> list[Figure]:
    """Counts of Poisson processes, the book that changes add up to, and a spread that grows with market orders."""
    law = BookLaw()
    rates, crossed, wrong_sides, events = [], 0, 0, 0
    for seed in SEEDS:
        truth = order_driven(400, seed, law).truth
        expected = {
            LIMIT_ORDER: 2.0 * law.limit_rate * law.levels * 24_000.0,
            MARKET_ORDER: 2.0 * law.market_rate * 24_000.0,
            ORDER_CANCELLED: law.cancel_rate * truth.waiting,
        }
        rates += [float(((truth.kind == kind).sum() - mean) / np.sqrt(mean)) for kind, mean in expected.items()]
        crossed += _differences(truth)
        events += len(truth.kind)
        wrong_sides += _wrong_sides(truth)
    spreads = [
        float(np.mean([_mean_spread(order_driven(300, seed, BookLaw(market_rate=rate)).truth) for seed in range(4)]))
        for rate in (0.025, 0.05, 0.1)
    ]
    ticks = " < ".join(f"{100.0 * spread:.2f}" for spread in spreads)
    return [
        _largest("order book: rates of three kinds of events", rates),
        holds(
            "order book: quotes other than those of the rebuilt book",
            crossed == 0,
            bound="0",
            figure=f"{crossed} of {events:,}",
        ),
        holds(
            "order book: aggressors that the quote before denies", wrong_sides == 0, bound="0", figure=f"{wrong_sides}"
        ),
        holds(
            "order book: mean spread in ticks as market orders double twice",
            spreads[0] < spreads[1] < spreads[2],
            bound="rises",
            figure=ticks,
        ),
    ]


def _differences(truth: BookTruth) -> int:
    """Events after which best prices or sizes differ from the book that the published changes add up to."""
    flow = truth.published
    books = {1: dict(map(tuple, flow.opening_bids.tolist())), -1: dict(map(tuple, flow.opening_asks.tolist()))}
    changes = zip(flow.level_side.tolist(), flow.level_price.tolist(), flow.level_size.tolist(), strict=True)
    quotes = np.column_stack([flow.bid, flow.ask, flow.bid_size, flow.ask_size]).tolist()
    different = 0
    for (side, price, size), (bid, ask, bid_size, ask_size) in zip(changes, quotes, strict=True):
        if size > 0.0:
            books[side][price] = size
        else:
            books[side].pop(price)
        best = max(books[1]), min(books[-1])
        different += best != (bid, ask) or (books[1][bid], books[-1][ask]) != (bid_size, ask_size)
    return different


def _wrong_sides(truth: BookTruth) -> int:
    """Trades that were not at the ask before them for a buyer, or at the bid for a seller."""
    flow = truth.published
    at = np.flatnonzero(truth.kind == MARKET_ORDER)
    known = at > 0
    quote = np.where(truth.aggressor > 0, flow.ask[at - 1], flow.bid[at - 1])
    return int((flow.trade_price != quote)[known].sum())


def _mean_spread(truth: BookTruth) -> float:
    """The spread on average over time, not over events."""
    flow = truth.published
    lasted = np.diff(flow.quote_time).astype(np.float64)
    return float(((flow.ask - flow.bid)[:-1] * lasted).sum() / lasted.sum())


def _sessions() -> list[Figure]:
    """Variance of bars and gaps, and the U-shape by place in the session."""
    scaled, gaps, places = [], [], []
    for seed in SEEDS:
        market = session_market(made_up_sessions(1_000), seed, timeframe="30m")
        truth, bars = market.truth, market.single
        steps = _steps(bars)
        scaled.append(_z((steps / truth.volatility) ** 2, 1.0))
        first = np.flatnonzero(np.diff(truth.session, prepend=-1))
        gaps.append(_z(np.log(bars.open[first[1:]] / bars.close[first[1:] - 1]) ** 2, 0.3 * 0.012**2))
        whole = first[np.diff(np.append(first, len(bars))) == 13]
        for place in range(13):
            expected = 0.7 * 0.012**2 * truth.shape[30 * place : 30 * place + 30].sum() / 390.0
            places.append(_z(steps[whole + place] ** 2, float(expected)))
    return [
        _largest("sessions: variance of all bars", scaled),
        _largest("sessions: variance of gaps", gaps),
        _largest("sessions: variance by half hour", places),
    ]


def _actions() -> list[Figure]:
    """Raw prices and actions give back what the owner earned."""
    furthest, raw_error = 0.0, []
    for seed in SEEDS:
        market = dividends_and_splits(5_000, seed)
        truth, bars = market.truth, market.single
        ratio, paid = np.ones(len(bars)), np.zeros(len(bars))
        ratio[truth.split_rows], paid[truth.dividend_rows] = truth.split_ratios, truth.dividends
        before = np.append(100.0, bars.close[:-1])
        earned = np.cumsum(np.log(bars.close / (before / ratio - paid)))
        true = np.log(truth.total_return / 100.0)
        furthest = max(furthest, float(np.abs(earned - true).max()))
        raw_error.append(float(np.abs(np.log(bars.close / 100.0) - true).max()))
    return [
        at_most("actions: total return from raw prices, log, away by at most", furthest, 1e-9),
        at_least("actions: the same from raw prices alone, at least", min(raw_error), 0.1),
    ]


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
