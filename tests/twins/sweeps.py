"""Many parameter sets at once, as a search runs them, against the twin that runs them one by one.

A search asks for the basic statistics only, in lanes that each have a target and exits of their own, on several
threads; conditions travel as single bits. That is other code than the run of one set with everything recorded.
"""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np

from autonomous_trading.backtest import BACKTEST_METRICS, Request, SetOptions, metrics_of
from autonomous_trading.backtest._metrics import needs_curves, needs_extended
from autonomous_trading.core import BoundProgram
from tests.twins.agreement import BARS_PER_YEAR, Comparison, number_differs
from tests.twins.fill_contract import simulate_twin
from tests.twins.kernel import direct, simulator_of
from tests.twins.markets import Case
from tests.twins.metrics import twin_metrics
from tests.twins.records import TwinExits

MOST_SETS = 40
COUNTED = {"FILLS": "fills", "SIGNALS": "signals", "CUTS": "cuts", "COSTS_PAID": "costs_paid", "TURNOVER": "turnover"}
PLAIN = tuple(name for name in BACKTEST_METRICS if not (needs_curves([name]) or needs_extended([name])))


def sets_of(case: Case, dice: random.Random) -> list[Case]:
    """The case and others on its market, each with a target and exits of its own."""
    found = [case]
    for _ in range(dice.randrange(MOST_SETS)):
        turn = dice.randrange(len(case.target))
        target = [value * dice.choice((1.0, 1.0, -1.0, 0.5)) for value in case.target[turn:] + case.target[:turn]]
        found.append(replace(case, target=target, exits=_some_exits(case.exits, dice)))
    return found


def compare_sets(cases: list[Case], threads: int, *, conditions: bool) -> list[Comparison]:
    """Both answers for every set; `conditions` makes every target a condition first."""
    first = cases[0]
    targets = [[float(value > 0) if conditions else value for value in case.target] for case in cases]
    simulator = simulator_of(first.market, first.costs, first.exits, first.run)
    program = direct(np.array(targets, dtype=np.float64))
    result = simulator.run(
        [_as_condition(program) if conditions else program],
        SetOptions.of(len(cases), simulator.exits, simulator.execution, _columns(cases)),
        first.run.start,
        first.run.stop,
        request=Request(threads=threads),
    )
    statistics = result.statistics.at(BARS_PER_YEAR)
    metrics = metrics_of(statistics, PLAIN)
    found = []
    for row, (case, target) in enumerate(zip(cases, targets, strict=True)):
        twin = simulate_twin(case.market, target, case.costs, case.exits, case.run)
        expected = twin_metrics(case.market, case.run, twin, bars_per_year=BARS_PER_YEAR)
        pairs = {name: (float(metrics[name][row]), expected[name]) for name in PLAIN}
        pairs |= {name: (float(statistics[name][row]), float(getattr(twin, mine))) for name, mine in COUNTED.items()}
        differences = [line for name, pair in pairs.items() for line in number_differs(f"{name} of set {row}", *pair)]
        found.append(Comparison(differences, same_bits=False, twin=twin))
    return found


def _some_exits(exits: TwinExits, dice: random.Random) -> TwinExits:
    """Exits like these, some of them off or at another distance."""
    return replace(
        exits,
        stop_loss=_another(exits.stop_loss, dice),
        take_profit=_another(exits.take_profit, dice),
        trailing_stop=_another(exits.trailing_stop, dice),
        max_bars_held=dice.choice((None, exits.max_bars_held, 1, 3)),
    )


def _another(distance: float | None, dice: random.Random) -> float | None:
    return dice.choice((None, distance, distance if distance is None else distance * 0.5))


def _columns(cases: list[Case]) -> dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]]:
    names = ("stop_loss", "take_profit", "trailing_stop", "max_bars_held")
    return {
        name: np.array([np.nan if getattr(case.exits, name) is None else getattr(case.exits, name) for case in cases])
        for name in names
    }


def _as_condition(program: BoundProgram) -> BoundProgram:
    return replace(program, is_condition=True)
