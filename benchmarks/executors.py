"""What a table of parameter sets costs inline, in processes and on Ray: python -m benchmarks.executors [--ray]."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from typing import Final, final

import numpy as np
from scipy.optimize import nnls

from autonomous_trading.adapters.compute import StrategyTask, open_executor
from autonomous_trading.app import Executor, Market
from autonomous_trading.core import ParameterTable
from benchmarks._sweep import METRICS, SmaCross, hourly_bars
from proofs.claims import table

BARS: Final = 20_000
SIZES: Final = (1, 16, 256)
WORKERS: Final = (1, 2, 4)
MODELLED: Final = (8, 16, 64)
SECONDS: Final = 1.0
ROUNDS: Final = 3


@final
@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds a table of `sets` takes when `workers` are kept busy, the best of some rounds.

    `own` is processor time, which a busy machine does not change: of everything where it runs inline, else of asking.
    """

    kind: str
    workers: int
    sets: int
    milliseconds: float
    own: float


@final
@dataclass(frozen=True, slots=True)
class Model:
    """Amdahl's law for tables: what the one who asks does alone, and what the workers share.

    milliseconds a table = alone + alone_per_set x sets + (fixed + per_set x sets) / workers
    """

    alone: float
    alone_per_set: float
    fixed: float
    per_set: float

    @staticmethod
    def of(measured: list[Measured]) -> Model:
        """Two lines through processor times: what asking takes, and what evaluating takes, against the sets."""
        alone = _line([each for each in measured if each.kind == "processes"])
        shared = _line([each for each in measured if each.kind == "inline"])
        return Model(*alone, *shared)

    def milliseconds(self, sets: int, workers: int) -> float:
        """What a table takes with so many workers, each with a core of its own."""
        return self.alone + self.alone_per_set * sets + (self.fixed + self.per_set * sets) / workers


def _line(measured: list[Measured]) -> tuple[float, float]:
    """Cost of a table and of each of its sets, closest in relative terms and not negative."""
    rows = np.array([[1.0 / each.own, each.sets / each.own] for each in measured])
    found, _ = nnls(rows, np.ones(len(rows)))
    return float(found[0]), float(found[1])


def tables(sets: int) -> list[ParameterTable]:
    """Different tables of so many pairs of averages."""
    grid = SmaCross.space().grid(40)
    rng = np.random.default_rng(sets)
    return [grid.take(rng.integers(0, len(grid), sets)) for _ in range(16)]


def measure(executor: Executor, kind: str, workers: int, sets: int) -> Measured:
    """Keep the executor busy for a while, twice as many tables out as it has slots."""
    asked = tables(sets)
    walls, owns = [], []
    for _ in range(ROUNDS):
        began, own, done, number = time.perf_counter(), time.process_time(), 0, 0
        while time.perf_counter() - began < SECONDS or number > done:
            while number - done < 2 * executor.slots and time.perf_counter() - began < SECONDS:
                executor.submit(number, asked[number % len(asked)], np.arange(sets))
                number += 1
            outcome = executor.wait(60.0)
            if outcome is None or outcome.columns is None:
                raise SystemExit(f"a table was not evaluated: {outcome}")
            done += 1
        walls.append((time.perf_counter() - began) / done * 1e3)
        owns.append((time.process_time() - own) / done * 1e3)
    return Measured(kind, workers, sets, min(walls), min(owns))


def start(kind: str, workers: int, task: StrategyTask) -> tuple[Executor, float]:
    """An executor that has answered once, and the seconds that took."""
    began = time.perf_counter()
    executor = open_executor(kind, task, workers)
    for number in range(executor.slots):
        executor.submit(number, tables(1)[0], np.arange(1))
    for _ in range(executor.slots):
        executor.wait(120.0)
    return executor, time.perf_counter() - began


def main(arguments: list[str]) -> int:
    """Measure, fit, and print what was measured and what was modelled."""
    cores = os.cpu_count() or 1
    task = StrategyTask(SmaCross, Market.of(hourly_bars(BARS)), METRICS, (0, BARS))
    cases = [("inline", 1), *(("processes", workers) for workers in WORKERS)]
    cases += [("ray", 2)] if "--ray" in arguments else []
    measured: list[Measured] = []
    rows: list[tuple[str, ...]] = [("executor", "workers", "start", *(f"{sets} sets" for sets in SIZES))]
    for kind, workers in cases:
        executor, seconds = start(kind, workers, task)
        found = [measure(executor, kind, workers, sets) for sets in SIZES]
        executor.close()
        measured += found
        rows.append((kind, str(workers), f"{seconds:.1f} s", *(f"{each.milliseconds:.2f} ms" for each in found)))
    load = os.getloadavg()[0] / cores
    print(f"measured on {cores} cores (load {load:.1f} a core), {BARS:,} bars: milliseconds a table, best of {ROUNDS}")
    print(table(rows))
    model = Model.of(measured)
    print(
        f"\nmodelled: {model.alone:.3f} + {model.alone_per_set:.4f} x sets"
        f" + ({model.fixed:.3f} + {model.per_set:.4f} x sets) / workers"
        f" milliseconds a table, from processor times"
    )
    print(table([("modelled workers", *(f"{sets} sets" for sets in SIZES), "at most"), *_modelled(model)]))
    return 0


def _modelled(model: Model) -> list[tuple[str, ...]]:
    alone = [model.alone + model.alone_per_set * sets for sets in SIZES]
    most = model.milliseconds(SIZES[-1], 1) / alone[-1] if alone[-1] > 0 else float("inf")
    return [
        (
            str(workers),
            *(f"{model.milliseconds(sets, workers):.2f} ms" for sets in SIZES),
            f"{model.milliseconds(SIZES[-1], 1) / model.milliseconds(SIZES[-1], workers):.1f} x of {most:,.0f} x",
        )
        for workers in MODELLED
    ]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
