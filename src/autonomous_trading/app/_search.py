"""Search a strategy's parameter space: ask, evaluate in batches, tell; every evaluated set is kept and counted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import final

import numpy as np

from autonomous_trading.core import (
    FloatArray,
    IntArray,
    InvalidInput,
    NothingToReport,
    Space,
    TrialTable,
    direction,
)
from autonomous_trading.core import ParameterTable as Table
from autonomous_trading.search import make_optimizer, pareto_ranks

Progress = Callable[[int, int | None], None]
Measure = Callable[[Table], Mapping[str, FloatArray]]


@final
@dataclass(frozen=True, slots=True)
class Objective:
    """A number to push up or down."""

    name: str
    maximize: bool

    @staticmethod
    def of(metric: str) -> "Objective":
        """A metric with its declared direction."""
        return Objective(metric, direction(metric) == "maximize")


@final
@dataclass(frozen=True, slots=True)
class Search:
    """How to look: the method by name, how many sets to evaluate, the seed, and the method's own options."""

    method: str = "tpe"
    trials: int | None = None
    seed: int = 0
    options: Mapping[str, object] = field(default_factory=dict)


@final
@dataclass(frozen=True, slots=True)
class Found:
    """Every evaluated set with its metrics, and what was looked for."""

    trials: TrialTable
    objectives: tuple[Objective, ...]

    def losses(self) -> FloatArray:
        """Objectives [n, k] as numbers to minimise; NaN where a set has none."""
        columns = [self.trials.metric(each.name) * (-1.0 if each.maximize else 1.0) for each in self.objectives]
        return np.stack(columns, axis=1)

    def best(self, objective: str | None = None) -> int:
        """Row of the best set by one objective (default: the first); the earliest of equals.

        Raises NothingToReport when no set has a value.
        """
        names = [each.name for each in self.objectives]
        position = 0 if objective is None else names.index(objective)
        losses = self.losses()[:, position]
        if not np.any(np.isfinite(losses)):
            raise NothingToReport(
                f"none of the {len(losses):,} evaluated sets has a {names[position]}: most likely none of them traded",
                fix="run `backtest` with one set to see where trades are lost, or widen the bounds",
            )
        return int(np.nanargmin(np.where(np.isfinite(losses), losses, np.nan)))

    def ranks(self) -> IntArray:
        """Pareto rank of every set: 1 is not dominated, 0 has no value."""
        return pareto_ranks(self.losses())


def run_search(
    space: Space, measure: Measure, objectives: Sequence[Objective], search: Search, progress: Progress | None = None
) -> Found:
    """Evaluate what the method proposes until it is done."""
    if not objectives:
        raise InvalidInput("there is nothing to optimise", fix='pass objectives=["sharpe_ratio"]')
    optimizer = make_optimizer(
        search.method,
        space,
        n_objectives=len(objectives),
        trials=search.trials,
        seed=search.seed,
        options=search.options,
    )
    tables: list[Table] = []
    columns: list[Mapping[str, FloatArray]] = []
    signs = np.array([-1.0 if each.maximize else 1.0 for each in objectives])
    done = 0
    while len(batch := optimizer.ask()):
        values = measure(batch)
        optimizer.tell(batch, np.stack([values[each.name] for each in objectives], axis=1) * signs)
        tables.append(batch)
        columns.append(values)
        done += len(batch)
        if progress is not None:
            progress(done, search.trials)
    merged = {name: np.concatenate([each[name] for each in columns]) for name in columns[0]} if columns else {}
    table = Table.concat(tables)
    return Found(TrialTable(table, merged, np.ones(len(table), dtype=np.bool_)), tuple(objectives))
