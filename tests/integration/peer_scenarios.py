"""What our engine shares with two public ones, as scenarios both sides can run: markets, targets, costs, exits.

A scenario names everything twice: in the words of our engine, and as the arrays and numbers its peer is asked with.
The peers run in environments of their own (`benchmarks.peers`); what they do not share with us is in
`docs/reference/peers.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, final

import numpy as np
import pandas as pd

import autonomous_trading as at
from autonomous_trading import Bars, Costs, Exits
from autonomous_trading.core import FloatArray
from benchmarks.peers import BACKTESTING, VECTORBT, Peer, ask

MARKETS: Final = 10
BARS: Final = 600
INITIAL_CASH: Final = 100_000.0
# Below 1, because the peers pay fees out of what is left beside the position and we let cash go below zero.
FULL: Final = 0.9
HOUR_NS: Final = 3_600 * 10**9
_HERE = Path(__file__).resolve().parent
STATISTICS: Final = ("total_return", "sharpe_ratio", "max_drawdown")

Play = tuple[list[Bars], list[FloatArray]]

LONG_FLAT: Final = (0.0, FULL)
SHORT_FLAT: Final = (0.0, -FULL)
LONG_SHORT: Final = (-FULL, 0.0, FULL)
SIZES: Final = (0.0, 0.3, 0.6, FULL)
SIZES_BOTH: Final = (-FULL, -0.4, 0.0, 0.4, FULL)


@final
@dataclass(frozen=True, slots=True)
class Scenario:
    """One thing both engines can do, and how each is told to do it.

    rows: how the peer sees a bar. 1: as it is. 2: the open twice (closing leg, opening leg of a flip). 3: the open
    twice, then the whole bar, so that a level can be touched in the bar of the entry.
    """

    name: str
    peer: Peer
    levels: tuple[float, ...]
    costs: Costs
    exits: Exits = field(default_factory=Exits)
    fill: str = "open"
    rows: int = 1

    @property
    def resizes(self) -> bool:
        """Whether a position changes its size while it is held: then average prices are defined differently."""
        return len({abs(level) for level in self.levels if level != 0.0}) > 1


def _costs(commission: float = 0.0, slippage: float = 0.0, minimum: float = 0.0) -> Costs:
    return Costs(commission=commission, slippage=slippage, minimum=minimum)


_STOP, _TAKE = 0.015, 0.018

SCENARIOS: Final = (
    Scenario("targets at the next open", VECTORBT, SIZES, _costs(0.0007, 0.0003)),
    Scenario("a fixed fee on every order", VECTORBT, LONG_FLAT, _costs(minimum=7.5)),
    Scenario("flips, the closing leg first", VECTORBT, SIZES_BOTH, _costs(0.0007, 0.0003), rows=2),
    Scenario("stop loss", VECTORBT, LONG_FLAT, _costs(0.0005, 0.0004), Exits(stop_loss=_STOP), fill="close"),
    Scenario("take profit", VECTORBT, LONG_FLAT, _costs(0.0005, 0.0004), Exits(take_profit=_TAKE), fill="close"),
    Scenario("trailing stop", VECTORBT, LONG_FLAT, _costs(0.0005, 0.0004), Exits(trailing_stop=_STOP), fill="close"),
    Scenario(
        "trailing stop of a short", VECTORBT, SHORT_FLAT, _costs(0.0005), Exits(trailing_stop=_STOP), fill="close"
    ),
    Scenario(
        "stop and profit of a short",
        VECTORBT,
        SHORT_FLAT,
        _costs(0.0005),
        Exits(stop_loss=_STOP, take_profit=_TAKE),
        fill="close",
    ),
    Scenario(
        "stop in the bar of the entry", VECTORBT, LONG_SHORT, _costs(0.0005, 0.0004), Exits(stop_loss=_STOP), rows=3
    ),
    Scenario(
        "stop and profit, flips",
        VECTORBT,
        LONG_SHORT,
        _costs(0.0005),
        Exits(stop_loss=_STOP, take_profit=_TAKE),
        rows=3,
    ),
    Scenario("long and flat", BACKTESTING, LONG_FLAT, _costs(0.0007)),
    Scenario("flips", BACKTESTING, LONG_SHORT, _costs(0.0007)),
    Scenario("stop loss", BACKTESTING, LONG_SHORT, _costs(0.0007), Exits(stop_loss=_STOP)),
    Scenario("take profit", BACKTESTING, LONG_SHORT, _costs(0.0007), Exits(take_profit=_TAKE)),
    Scenario("stop and profit", BACKTESTING, LONG_SHORT, _costs(0.0007), Exits(stop_loss=_STOP, take_profit=_TAKE)),
)
SCRIPTS: Final = {VECTORBT: _HERE / "vectorbt_worker.py", BACKTESTING: _HERE / "backtesting_worker.py"}


@final
@dataclass(frozen=True, slots=True)
class Run:
    """What an engine made of one market.

    positions: closed ones, from flat to flat, one row each: first bar, last bar, entry price, exit price, profit after
    fees, and on our side 1 where a protective level closed it. statistics: see STATISTICS; empty where not comparable.
    """

    equity: FloatArray
    positions: FloatArray
    statistics: FloatArray


@final
@dataclass(frozen=True, slots=True)
class Difference:
    """The largest relative difference in equity, prices, profits and statistics (infinite when positions lie on other
    bars), and what there was to compare: closed positions, and protective exits by how they came about."""

    largest: float
    positions: int
    gap_exits: int
    inside_exits: int
    entry_bar_exits: int


def market(seed: int) -> Bars:
    """Hourly bars that gap: every tenth open lies up to 4 % away from the close before, ranges stay below 3 %.

    A bar that opens beyond a profit and comes back through the stop is where the engines disagree: it would need a
    range of stop plus profit, and there is none here.
    """
    rng = np.random.default_rng(seed)
    gap = rng.normal(0.0, 0.001, BARS) + np.where(rng.random(BARS) < 0.1, rng.uniform(-0.04, 0.04, BARS), 0.0)
    body = np.clip(rng.normal(0.0, 0.006, BARS), -0.015, 0.015)
    close = 100.0 * np.exp(np.cumsum(gap + body))
    open_ = close * np.exp(-body)
    high = np.maximum(open_, close) * (1.0 + rng.uniform(0.0, 0.006, BARS))
    low = np.minimum(open_, close) * (1.0 - rng.uniform(0.0, 0.006, BARS))
    time = np.arange(BARS, dtype=np.int64) * HOUR_NS
    return Bars(time, open_, high, low, close, np.full(BARS, 1e6))


def target(bars: Bars, levels: tuple[float, ...], seed: int) -> FloatArray:
    """Random exposures that rest for some bars; no entry meets a large gap (a peer would refuse its levels)."""
    rng = np.random.default_rng(seed + 10_000)
    calm = np.abs(bars.open[1:] / bars.close[:-1] - 1.0) < 0.01
    chosen = np.zeros(BARS)
    for bar in range(1, BARS):
        change = bar < BARS - 1 and calm[bar] and rng.random() < 0.12
        chosen[bar] = rng.choice(levels) if change else chosen[bar - 1]
    return chosen


def ours(scenario: Scenario, bars: Bars, wanted: FloatArray) -> Run:
    """What our engine makes of it."""
    result = at.simulate(
        bars,
        wanted,
        costs=scenario.costs,
        exits=scenario.exits,
        execution=at.Execution(fill=scenario.fill),
        initial_cash=INITIAL_CASH,
    )
    trades = result.trades
    closed = trades[trades["reason"] != "open"]
    columns = [
        np.searchsorted(bars.time, pd.DatetimeIndex(closed["entry_time"]).as_unit("ns").asi8),
        np.searchsorted(bars.time, pd.DatetimeIndex(closed["exit_time"]).as_unit("ns").asi8),
        *(closed[name].to_numpy() for name in ("entry_price", "exit_price", "net_profit")),
        closed["reason"] != "signal",
    ]
    positions = np.column_stack([np.asarray(column, dtype=np.float64) for column in columns])
    statistics = np.array([result.metrics[name] for name in STATISTICS])
    return Run(np.asarray(result.equity, dtype=np.float64), positions, statistics)


def theirs(peer: Peer, scenarios: Sequence[Scenario], plays: Sequence[Play]) -> list[list[Run]]:
    """What the peer makes of some scenarios, each on every market, in one process of its own."""
    question: dict[str, FloatArray | float] = {"scenarios": float(len(scenarios))}
    for number, (scenario, play) in enumerate(zip(scenarios, plays, strict=True)):
        for name, values in _question(scenario, play).items():
            question[f"{number}.{name}"] = values
    answer = ask(peer, SCRIPTS[peer], question)
    found = []
    for number in range(len(scenarios)):
        equity, positions = answer[f"{number}.equity"], answer[f"{number}.positions"]
        statistics = answer.get(f"{number}.statistics", np.empty((0, 0)))
        found.append(
            [
                Run(
                    curve,
                    positions[positions[:, 0] == market, 1:],
                    statistics[market] if statistics.size else np.empty(0),
                )
                for market, curve in enumerate(equity)
            ]
        )
    return found


def _question(scenario: Scenario, play: Play) -> dict[str, FloatArray | float]:
    markets, targets = play
    numbers = {
        "commission": scenario.costs.commission,
        "slippage": scenario.costs.slippage,
        "minimum": scenario.costs.minimum,
        "stop_loss": scenario.exits.stop_loss,
        "take_profit": scenario.exits.take_profit,
        "trailing_stop": scenario.exits.trailing_stop,
        "cash": INITIAL_CASH,
        "rows": scenario.rows,
    }
    columns = {name: np.stack([getattr(bars, name) for bars in markets]) for name in ("open", "high", "low", "close")}
    settings = {name: np.nan if value is None else float(value) for name, value in numbers.items()}
    return {**columns, **settings, "target": np.stack(targets)}


def compare(peer: Peer) -> dict[str, Difference]:
    """Run every scenario of a peer on both sides and get the differences by the name of the scenario."""
    scenarios = [scenario for scenario in SCENARIOS if scenario.peer == peer]
    markets = [market(seed) for seed in range(MARKETS)]
    plays = [
        (markets, [target(bars, scenario.levels, seed) for seed, bars in enumerate(markets)]) for scenario in scenarios
    ]
    answers = theirs(peer, scenarios, plays)
    found = {}
    for scenario, play, answer in zip(scenarios, plays, answers, strict=True):
        mine = [ours(scenario, bars, wanted) for bars, wanted in zip(*play, strict=True)]
        found[scenario.name] = difference(scenario, mine, answer, markets)
    return found


def difference(scenario: Scenario, mine: list[Run], others: list[Run], markets: list[Bars]) -> Difference:
    """The largest relative differences between two lists of runs; infinite where positions cannot be matched."""
    same = all(
        a.positions[:, :2].shape == b.positions[:, :2].shape and np.array_equal(a.positions[:, :2], b.positions[:, :2])
        for a, b in zip(mine, others, strict=True)
    )
    a, b = (np.concatenate([run.positions[:, :5] for run in runs]) for runs in (mine, others))
    equity = max(float(np.max(np.abs(x.equity / y.equity - 1.0))) for x, y in zip(mine, others, strict=True))
    prices, profit = np.inf, np.inf
    if same:
        prices = 0.0 if scenario.resizes else float(np.max(np.abs(a[:, 2:4] / b[:, 2:4] - 1.0)))
        profit = float(np.max(np.abs(a[:, 4] - b[:, 4]))) / INITIAL_CASH
    counted = max(_statistics(x, y) for x, y in zip(mine, others, strict=True))
    return Difference(max(equity, prices, profit, counted), len(a), *_protective_exits(mine, markets))


def _statistics(mine: Run, other: Run) -> float:
    """The largest relative difference in the statistics both have."""
    if not other.statistics.size:
        return 0.0
    return float(np.max(np.abs(mine.statistics / other.statistics - 1.0)))


def _protective_exits(runs: list[Run], markets: list[Bars]) -> tuple[int, int, int]:
    """Positions a protective level closed: at a gap, inside a bar, and of the latter in the bar of the entry."""
    gaps, inside, at_once = 0, 0, 0
    for run, bars in zip(runs, markets, strict=True):
        entry, last = run.positions[:, 0].astype(np.int64), run.positions[:, 1].astype(np.int64)
        protective = run.positions[:, 5] == 1.0
        gapped = protective & (np.abs(run.positions[:, 3] / bars.open[last] - 1.0) < 1e-3)
        gaps += int(np.sum(gapped))
        inside += int(np.sum(protective & ~gapped))
        at_once += int(np.sum(protective & ~gapped & (entry == last)))
    return gaps, inside, at_once
