"""Hypothesis strategies for the fill contract: markets, targets and settings that make rules collide.

Prices live on a coarse grid and distances are round, so levels are touched exactly; bars gap, stand still,
trade no volume or move by a factor of four; targets come in runs. `cases` has one instrument,
`portfolio_cases` several with missing bars; `long_cases` and `long_portfolio_cases` are too long to be drawn
number by number, so they are made from one drawn seed.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from hypothesis import strategies as st

from tests.twins.records import DAY_NS, TwinCosts, TwinExits, TwinMarket, TwinRun

HOUR_NS = 3_600_000_000_000
MONDAY_NS = 1_704_067_200_000_000_000  # 2024-01-01, a Monday
WEEKDAYS = 5

# One bar = one number, read digit by digit in these bases; 0 is the calm bar that examples shrink to.
GAPS = (0, 0, 0, 1, -1, 2, -5, 6, -10, 10)  # open against the previous close, in ticks
BODIES = (0, 1, -1, 2, -3, 5, -5, 10, -10)  # close against the open, in ticks
WICKS = (0, 0, 1, 2, 5, 12)  # beyond open and close, in ticks, once for each side
VOLUMES = (1000.0, 100.0, 20.0, 0.0)
LEAPS = (1.0,) * 26 + (4.0, 0.25)  # the open is this multiple of the previous close before the gap
BAR_CODES = len(GAPS) * len(BODIES) * len(WICKS) ** 2 * len(VOLUMES) * len(LEAPS)

TARGETS = (0.0, 1.0, -1.0, 0.5, -0.5, 2.0, math.nan)
RUN_LENGTHS = (1, 1, 1, 2, 3, 6)
FLOOR, CEILING = 2.0, 1600.0  # prices stay between these, in ticks


@dataclass
class Case:
    """One instrument, everything a simulation needs."""

    market: TwinMarket
    target: list[float]
    costs: TwinCosts
    exits: TwinExits
    run: TwinRun


@dataclass
class PortfolioCase:
    """Several instruments on one account."""

    markets: list[TwinMarket]
    present: list[list[bool]]
    targets: list[list[float]]
    costs: TwinCosts
    exits: TwinExits
    run: TwinRun


@st.composite
def markets(draw: st.DrawFn, min_bars: int, max_bars: int) -> TwinMarket:
    """Valid OHLCV with the columns of the costs, `min_bars` to `max_bars` long."""
    n_bars = draw(st.integers(min_bars, max_bars))
    codes = draw(st.lists(st.integers(0, BAR_CODES - 1), min_size=n_bars, max_size=n_bars))
    start = draw(st.sampled_from((100.0, 20.0, 8.0)))
    tick = draw(st.sampled_from((1.0, 0.5)))
    times = draw(st.sampled_from((_daily_weekdays, _daily, _hourly)))(len(codes))
    return _market(codes, start, tick, times, draw(st.integers(0, 2**16 - 1)))


@st.composite
def targets(draw: st.DrawFn, n_bars: int) -> list[float]:
    """Target exposures in runs, NaN (hold) among them."""
    code = st.integers(0, len(TARGETS) * len(RUN_LENGTHS) - 1)
    values: list[float] = []
    for number in draw(st.lists(code, min_size=n_bars, max_size=n_bars)):
        length, which = divmod(number, len(TARGETS))
        values += [TARGETS[which]] * RUN_LENGTHS[length]
        if len(values) >= n_bars:
            break
    return values[:n_bars]


def cost_settings() -> st.SearchStrategy[TwinCosts]:
    """Costs that are often off, sometimes ordinary and sometimes absurd."""
    return st.builds(
        TwinCosts,
        commission=st.sampled_from((0.0, 0.001, 0.01)),
        per_unit=st.sampled_from((0.0, 0.0, 0.05)),
        minimum=st.sampled_from((0.0, 0.0, 1.0)),
        slippage=st.sampled_from((0.0, 0.001, 0.06)),
        slippage_atr=st.sampled_from((0.0, 0.0, 0.1)),
        impact=st.sampled_from((0.0, 0.0, 0.5)),
        participation=st.sampled_from((None, None, 0.02, 0.1, 1.0)),
        borrow_rate=st.sampled_from((0.0, 0.1)),
        cash_rate=st.sampled_from((0.0, 0.04)),
        leverage_rate=st.sampled_from((0.0, 0.2)),
    )


@st.composite
def exit_settings(draw: st.DrawFn) -> TwinExits:
    """Protective exits, as round fractions or as multiples of ATR."""
    unit = draw(st.sampled_from(("fraction", "atr")))
    distance = st.sampled_from((None, 0.05, 0.1, 0.02, 0.5) if unit == "fraction" else (None, 1.0, 2.0, 0.5))
    return TwinExits(
        stop_loss=draw(distance),
        take_profit=draw(distance),
        trailing_stop=draw(distance),
        max_bars_held=draw(st.sampled_from((None, None, 1, 2, 5))),
        unit=unit,
        path=draw(st.sampled_from(("pessimistic", "optimistic", "nearest"))),
    )


@st.composite
def run_settings(draw: st.DrawFn, n_bars: int) -> TwinRun:
    """Fill rule, leverage, rebalancing and the part of the bars that is run."""
    start = draw(st.sampled_from((0, 0, 0, 1, 3)))
    leverage = draw(st.sampled_from((1.0, 2.0, 4.0)))
    return TwinRun(
        stop=n_bars,
        start=min(start, n_bars - 1),
        fill=draw(st.sampled_from(("open", "open", "close", "same_close"))),
        leverage=leverage,
        scale=draw(st.sampled_from((1.0, 0.5))) * leverage,
        rebalance_band=draw(st.sampled_from((None, None, 0.1, 0.3))),
        initial_cash=draw(st.sampled_from((1000.0, 10_000.0))),
    )


@st.composite
def cases(draw: st.DrawFn, min_bars: int = 1, max_bars: int = 24) -> Case:
    """Everything at once for one instrument."""
    market = draw(markets(min_bars, max_bars))
    n_bars = len(market.time)
    return Case(
        market=market,
        target=draw(targets(n_bars)),
        costs=draw(cost_settings()),
        exits=draw(exit_settings()),
        run=draw(run_settings(n_bars)),
    )


@st.composite
def portfolio_cases(draw: st.DrawFn, min_bars: int = 1, max_bars: int = 12) -> PortfolioCase:
    """Two or three instruments on the same times, with bars missing here and there."""
    first = draw(markets(min_bars, max_bars))
    n_bars = len(first.time)
    others = draw(st.lists(markets(n_bars, n_bars), min_size=1, max_size=2))
    whole = [first, *[_on_times(market, first.time) for market in others]]
    gaps = st.integers(0, 2**n_bars - 1) | st.just(0)
    present = [_present(draw(gaps), n_bars) for _ in whole]
    return PortfolioCase(
        markets=[_carried(market, seen) for market, seen in zip(whole, present, strict=True)],
        present=present,
        targets=[draw(targets(n_bars)) for _ in whole],
        costs=draw(cost_settings()),
        exits=draw(exit_settings()),
        run=draw(run_settings(n_bars)),
    )


@st.composite
def long_cases(draw: st.DrawFn, min_bars: int, max_bars: int) -> Case:
    """Everything at once for one instrument, on hundreds of bars."""
    n_bars, rng = draw(st.integers(min_bars, max_bars)), _seeded(draw)
    return Case(
        market=_random_market(draw, rng, n_bars),
        target=_random_target(rng, n_bars),
        costs=draw(cost_settings()),
        exits=draw(exit_settings()),
        run=draw(run_settings(n_bars)),
    )


@st.composite
def long_portfolio_cases(draw: st.DrawFn, min_bars: int, max_bars: int) -> PortfolioCase:
    """Two or three instruments on hundreds of bars, a tenth of them missing in all but the first."""
    n_bars, rng = draw(st.integers(min_bars, max_bars)), _seeded(draw)
    whole = [_random_market(draw, rng, n_bars) for _ in range(draw(st.integers(2, 3)))]
    present = [[number == 0 or rng.random() > 0.1 for _ in range(n_bars)] for number in range(len(whole))]
    return PortfolioCase(
        markets=[_carried(_on_times(market, whole[0].time), here) for market, here in zip(whole, present, strict=True)],
        present=present,
        targets=[_random_target(rng, n_bars) for _ in whole],
        costs=draw(cost_settings()),
        exits=draw(exit_settings()),
        run=draw(run_settings(n_bars)),
    )


def _seeded(draw: st.DrawFn) -> random.Random:
    return random.Random(draw(st.integers(0, 2**32 - 1)))


def _random_market(draw: st.DrawFn, rng: random.Random, n_bars: int) -> TwinMarket:
    codes = [rng.randrange(BAR_CODES) for _ in range(n_bars)]
    start = draw(st.sampled_from((100.0, 20.0, 8.0)))
    tick = draw(st.sampled_from((1.0, 0.5)))
    times = draw(st.sampled_from((_daily_weekdays, _daily, _hourly)))(n_bars)
    return _market(codes, start, tick, times, rng.randrange(2**16))


def _random_target(rng: random.Random, n_bars: int) -> list[float]:
    values: list[float] = []
    while len(values) < n_bars:
        values += [rng.choice(TARGETS)] * rng.choice(RUN_LENGTHS)
    return values[:n_bars]


def _daily_weekdays(n: int) -> list[int]:
    return [MONDAY_NS + (t // WEEKDAYS * 7 + t % WEEKDAYS) * DAY_NS for t in range(n)]


def _daily(n: int) -> list[int]:
    return [MONDAY_NS + t * DAY_NS for t in range(n)]


def _hourly(n: int) -> list[int]:
    return [MONDAY_NS + t * HOUR_NS for t in range(n)]


def _market(codes: list[int], start: float, tick: float, times: list[int], seed: int) -> TwinMarket:
    """Decode the bars; `seed` picks the columns of the costs by its bits."""
    bars: list[tuple[float, float, float, float, float]] = []
    close = start / tick
    for code in codes:
        bars.append(_decode(code, close))
        close = bars[-1][3]
    n = len(bars)
    return TwinMarket(
        time=times,
        open=[bar[0] * tick for bar in bars],
        high=[bar[1] * tick for bar in bars],
        low=[bar[2] * tick for bar in bars],
        close=[bar[3] * tick for bar in bars],
        volume=[bar[4] for bar in bars],
        atr=_cycle((2.0, 5.0, 2.0, 1.0), n, shift=seed & 3, unknown=seed >> 2 & 3),
        sigma=_cycle((0.02, 0.1, 0.05), n, shift=seed >> 4 & 3, unknown=seed >> 6 & 3),
        half_spread=_cycle((0.0,) if seed >> 8 & 1 else (0.001, 0.01, 0.0), n, shift=seed >> 9 & 1),
        funding=_cycle((0.0,) if seed >> 10 & 1 else (0.001, 0.0, -0.02), n, shift=seed >> 11 & 1),
    )


def _decode(code: int, before: float) -> tuple[float, float, float, float, float]:
    """Open, high, low, close (in ticks) and volume of the bar after a close of `before` ticks."""
    code, gap = divmod(code, len(GAPS))
    code, body = divmod(code, len(BODIES))
    code, above = divmod(code, len(WICKS))
    code, below = divmod(code, len(WICKS))
    leap, volume = divmod(code, len(VOLUMES))
    open_ = _inside(round(before * LEAPS[leap]) + GAPS[gap])
    close = _inside(open_ + BODIES[body])
    high = max(open_, close) + WICKS[above]
    low = max(min(open_, close) - WICKS[below], FLOOR / 2)
    return open_, high, low, close, VOLUMES[volume]


def _inside(ticks: float) -> float:
    return max(FLOOR, min(CEILING, ticks))


def _cycle(values: tuple[float, ...], n: int, *, shift: int, unknown: int = 0) -> list[float]:
    """`values` over and over, the first `unknown` of them NaN."""
    return [math.nan if t < unknown else values[(t + shift) % len(values)] for t in range(n)]


def _on_times(market: TwinMarket, times: list[int]) -> TwinMarket:
    market.time = times
    return market


def _present(bits: int, n: int) -> list[bool]:
    """Bit t set = no bar at t; zero is complete data."""
    return [not bits >> t & 1 for t in range(n)]


def _carried(market: TwinMarket, present: list[bool]) -> TwinMarket:
    """Where a bar is missing its prices are the last close (NaN before the first) and its volume is zero."""
    last = math.nan
    for t, here in enumerate(present):
        if here:
            last = market.close[t]
            continue
        for column in (market.open, market.high, market.low, market.close):
            column[t] = last
        market.volume[t] = 0.0
    return market
