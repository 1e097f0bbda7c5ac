"""Markets, rules and targets on which the bits of a run are compared."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from itertools import pairwise
from typing import Final, final

import numpy as np

from autonomous_trading import Bars, Costs, Execution, Exits
from autonomous_trading.backtest import Request, RunState, SetOptions, Simulator
from autonomous_trading.core import BoundProgram, FloatArray, IntArray, Panel
from autonomous_trading.testing import mean_reverting, random_walk, trending

SETS: Final = 75  # more than four groups of lanes, the last one not full
BARS: Final = 1_500
VOLATILITY: Final = 0.02
LOAD, SHIFT, ABOVE = 0, 2, 11  # codes of the expression machine

Random = np.random.Generator


@final
@dataclass(frozen=True, slots=True)
class Case:
    """One way to run a market: rules, targets of many sets on every instrument, exits and sizes of every set."""

    simulator: Simulator
    programs: list[BoundProgram]
    options: SetOptions

    def first_set(self) -> Case:
        """The first set alone: trades are recorded for one set only."""
        programs = [replace(each, rows=each.rows[:1], scalars=each.scalars[:1]) for each in self.programs]
        columns = {each.name: getattr(self.options, each.name)[:1] for each in fields(self.options)}
        return Case(self.simulator, programs, SetOptions(**columns))

    def bits(self, threads: int, cuts: list[int], *, trades: bool) -> bytes:
        """All numbers of a run cut before some bars: statistics, and curves or the trades of the first set."""
        request = Request(extended=True, curves=not trades, trades=trades, threads=threads)
        edges = [0, *cuts, BARS]
        state: RunState | None = None
        last, parts = b"", []
        for start, stop in pairwise(edges):
            before = 0 if state is None else state.closed_trades
            result = self.simulator.run(self.programs, self.options, start, stop, request=request, state=state)
            state, last = result.state, result.statistics.values.tobytes()
            if result.curves is not None:
                units = np.concatenate(list(result.curves.units.swapaxes(0, 1)))
                parts.append(np.concatenate((result.curves.equity, result.curves.cash, units)))
            if result.trades is not None:
                # A position open at a cut is not a trade yet; one open at the end is.
                after = len(result.trades) if stop == BARS else state.closed_trades
                parts.append(result.trades[before:after].T)
        return last + np.concatenate(parts, axis=1).tobytes()


@final
@dataclass(frozen=True, slots=True)
class Rules:
    """Costs, exits and execution of a case; `wide`: every set has exits and a size of its own."""

    costs: Costs = field(default_factory=Costs)
    exits: Exits = field(default_factory=Exits)
    execution: Execution = field(default_factory=Execution)
    wide: bool = False


def _every_cost() -> Costs:
    rng = np.random.default_rng(41)
    return Costs(
        commission=0.0007,
        per_unit=0.002,
        minimum=1.0,
        half_spread=rng.uniform(0.0, 0.001, BARS),
        slippage_atr=0.02,
        impact=0.4,
        participation=0.0008,
        borrow_rate=0.05,
        cash_rate=0.03,
        leverage_rate=0.06,
        funding_rate=rng.normal(0.0, 0.0001, BARS),
    )


def _every_exit(path: str) -> Exits:
    return Exits(0.03, 0.05, 0.04, 25, path=path)


IN_ATR: Final = Exits(2.0, 4.0, 3.0, 25, unit="atr", path="optimistic")
RULES: Final = {
    "no exits": Rules(),
    "no costs": Rules(Costs.free()),
    "stop and profit": Rules(exits=Exits(stop_loss=0.02, take_profit=0.05)),
    "trailing stop": Rules(exits=Exits(trailing_stop=0.03)),
    "time stop": Rules(exits=Exits(max_bars_held=9)),
    "all exits, each set its own": Rules(wide=True),
    "all exits in ATR, profit first": Rules(exits=IN_ATR),
    "all exits, nearest level first": Rules(exits=_every_exit("nearest")),
    "filled at the close": Rules(exits=_every_exit("pessimistic"), execution=Execution("close")),
    "filled at the same close": Rules(execution=Execution("same_close")),
    "rebalance band": Rules(execution=Execution(rebalance_band=0.02)),
    "all costs and financing": Rules(_every_cost()),
    "leverage to ruin": Rules(exits=Exits(take_profit=0.5), execution=Execution(leverage=8.0)),
    "everything at once": Rules(
        _every_cost(), IN_ATR, Execution("close", leverage=2.0, rebalance_band=0.05), wide=True
    ),
}


def cases(rules: Rules, seed: int, rng: Random) -> list[Case]:
    """The rules on a market of each kind, with exposures and with conditions, and on three instruments at once."""
    made = []
    for bars in (
        random_walk(BARS, seed + 50, volatility=VOLATILITY),
        trending(BARS, seed + 50, volatility=VOLATILITY, timeframe="1h"),
        mean_reverting(BARS, seed + 50, volatility=VOLATILITY, timeframe="1m"),
    ):
        made += [
            Case(_simulator(rules, bars, rng), [program], _options(rules, rng))
            for program in (exposures(rng), conditions(bars, rng))
        ]
    whole = [random_walk(BARS, seed + 60 + kind, volatility=VOLATILITY) for kind in range(3)]
    panel = Panel.of({"A": whole[0], "B": _thinned(whole[1], rng), "C": _thinned(whole[2], rng)})
    programs = [exposures(rng) for _ in whole]
    made.append(Case(_simulator(rules, panel, rng), programs, _options(rules, rng).scaled(1.0 / 3.0)))
    return made


def exposures(rng: Random) -> BoundProgram:
    """Targets of every set, with NaN where a set has no opinion."""
    levels = rng.choice([-1.0, -0.5, 0.0, 0.5, 1.0, np.nan], size=(SETS, BARS))
    rests = rng.random((SETS, BARS)) < 0.9
    levels[rests] = np.nan
    code = np.array([[LOAD, 0, 0, 0, 0]])
    return _bound(code, False, 0, np.arange(SETS, dtype=np.int64)[:, None], levels)


def conditions(bars: Bars, rng: Random) -> BoundProgram:
    """A column against another one some bars ago: looks back beyond the first bar of a chunk."""
    closes = np.log(bars.close)
    columns = np.stack([closes + rng.normal(0.0, VOLATILITY, BARS) for _ in range(12)])
    columns[:, :5] = np.nan
    back = int(rng.integers(1, 40))
    code = np.array([[LOAD, 0, 0, 0, 0], [LOAD, 1, 1, 0, 0], [SHIFT, 2, 1, back, 0], [ABOVE, 3, 0, 2, 0]])
    return _bound(code, True, back, rng.integers(0, 12, size=(SETS, 2), dtype=np.int64), columns)


def _bound(code: IntArray, is_condition: bool, halo: int, rows: IntArray, matrix: FloatArray) -> BoundProgram:
    registers = int(code[:, 1].max()) + 1
    return BoundProgram(
        code=code.astype(np.int64),
        n_registers=registers,
        result=registers - 1,
        is_condition=is_condition,
        halo=halo,
        rows=rows.astype(np.int64),
        scalars=np.empty((SETS, 0)),
        matrix=matrix,
    )


def _simulator(rules: Rules, bars: Bars | Panel, rng: Random) -> Simulator:
    shape = np.shape(bars.close)
    atr = np.asarray(bars.close) * rng.uniform(0.005, 0.03, shape)
    atr[..., :14] = np.nan
    return Simulator(bars, rules.costs, rules.exits, rules.execution, atr, rng.uniform(0.005, 0.03, shape))


def _options(rules: Rules, rng: Random) -> SetOptions:
    overrides: dict[str, FloatArray] = {}
    if rules.wide:
        ranges = {"stop_loss": (0.005, 0.05), "take_profit": (0.005, 0.1), "trailing_stop": (0.005, 0.05)}
        overrides = {name: rng.uniform(low, high, SETS) for name, (low, high) in ranges.items()}
        overrides["max_bars_held"] = rng.integers(1, 60, SETS).astype(np.float64)
        for column in overrides.values():
            column[rng.random(SETS) < 0.4] = np.nan
        overrides["position_size"] = rng.uniform(0.1, 1.0, SETS)
    return SetOptions.of(SETS, rules.exits, rules.execution, overrides)


def _thinned(bars: Bars, rng: Random) -> Bars:
    """The same bars with some missing."""
    kept = rng.random(BARS) > 0.05
    names = ("time", "open", "high", "low", "close", "volume")
    return Bars(*(getattr(bars, name)[kept] for name in names))
