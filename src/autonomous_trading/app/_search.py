"""Search a strategy's parameter space: ask, evaluate in batches, tell; every evaluated set is kept and counted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import final

import numpy as np

from autonomous_trading.app._pruning import pruned_rows
from autonomous_trading.app._result_constraints import ResultConstraint
from autonomous_trading.core import (
    BoolArray,
    FloatArray,
    IntArray,
    InvalidInput,
    NothingToReport,
    Space,
    TrialTable,
    direction,
    unknown_name,
)
from autonomous_trading.core import ParameterTable as Table
from autonomous_trading.search import ALIASES, METHODS, Optimizer, make_optimizer, pareto_ranks

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
    """How to look: the method by name, how many sets to evaluate, the seed, and the method's own options.

    ahead: how many batches more may be open while one is evaluated; a method that learns then knows less of each.
    """

    method: str = "tpe"
    trials: int | None = None
    seed: int = 0
    options: Mapping[str, object] = field(default_factory=dict)
    ahead: int = 0

    def optimizer(self, space: Space, n_objectives: int) -> Optimizer:
        """A fresh optimiser of this search. Methods that do not learn are always ahead: it changes nothing for them."""
        method = METHODS.get(ALIASES.get(self.method, self.method))
        free = method is not None and not method.learns and self.ahead == 0
        return make_optimizer(
            self.method,
            space,
            n_objectives=n_objectives,
            trials=self.trials,
            seed=self.seed,
            options=self.options,
            ahead=1 if free else self.ahead,
        )


@final
@dataclass(frozen=True, slots=True)
class Found:
    """Every evaluated set with its metrics, and what was looked for."""

    trials: TrialTable
    objectives: tuple[Objective, ...]
    constraints: tuple[ResultConstraint, ...] = ()

    def losses(self) -> FloatArray:
        """Objectives [n, k] as numbers to minimise; NaN where a set has none or breaks a constraint."""
        losses = losses_of(self.trials.metrics, self.objectives, self.constraints)
        return np.where(np.isfinite(losses), losses, np.nan)

    def valued(self) -> BoolArray:
        """Which sets have a value of every objective, whether they keep the constraints or not."""
        losses = losses_of(self.trials.metrics, self.objectives)
        return np.asarray(np.isfinite(losses).all(axis=1), dtype=np.bool_)

    def broken(self) -> dict[str, int]:
        """How many sets break each constraint, by its text; of those that were given up early it is not known."""
        metrics, known = self.trials.metrics, ~self.pruned()
        return {str(each): int(np.count_nonzero(each.broken(metrics) & known)) for each in self.constraints}

    def pruned(self) -> BoolArray:
        """Which sets were given up before their last fold."""
        return pruned_rows(self.trials.metrics)

    def best(self, objective: str | None = None) -> int:
        """Row of the best set by one objective (default: the first); the earliest of equals.

        Only sets that have a value of every objective count, as on the Pareto front. Raises NothingToReport when there
        is none, UnknownName for another objective.
        """
        names = [each.name for each in self.objectives]
        if objective is not None and objective not in names:
            raise unknown_name("objective of this search", objective, names)
        losses = self.losses()
        column = losses[:, 0 if objective is None else names.index(objective)]
        known = ~np.isnan(losses).any(axis=1)
        if not known.any():
            raise self._nothing(" and ".join(names))
        return int(np.nanargmin(np.where(known, column, np.nan)))

    def ranks(self) -> IntArray:
        """Pareto rank of every set: 1 is not dominated, 0 has no value."""
        return pareto_ranks(self.losses())

    def _nothing(self, names: str) -> NothingToReport:
        traded = self.trials.metrics.get("trade_count")
        if traded is not None and not np.any(traded > 0.0):
            return NothingToReport(
                f"none of the {len(traded):,} evaluated sets traded, so there is no value for {names}",
                fix="backtest one of them and ask explain() where the trades are lost, or widen the bounds",
            )
        if self.constraints and self.valued().any():
            broken = "; ".join(f"{count:,} break {text}" for text, count in self.broken().items())
            return NothingToReport(
                f"none of the {len(self.trials):,} evaluated sets keeps every constraint: {broken}",
                fix="loosen the constraint that most of them break, or search elsewhere",
            )
        return NothingToReport(
            f"none of the {len(self.trials):,} evaluated sets has a value for {names}: each is NaN or infinite",
            fix="look at the trials, or choose another objective",
        )


def losses_of(
    metrics: Mapping[str, FloatArray], objectives: Sequence[Objective], constraints: Sequence[ResultConstraint] = ()
) -> FloatArray:
    """Objectives [n, k] as numbers to minimise; a set that breaks a constraint has none (NaN)."""
    losses = np.stack([metrics[each.name] * (-1.0 if each.maximize else 1.0) for each in objectives], axis=1)
    for constraint in constraints:
        losses[constraint.broken(metrics)] = np.nan
    return losses


def run_search(
    space: Space,
    measure: Measure,
    objectives: Sequence[Objective],
    search: Search,
    progress: Progress | None = None,
    *,
    constraints: Sequence[ResultConstraint] = (),
) -> Found:
    """Evaluate what the method proposes until it is done."""
    if not objectives:
        raise InvalidInput("there is nothing to optimise", fix='pass objectives=["sharpe_ratio"]')
    optimizer = search.optimizer(space, len(objectives))
    tables: list[Table] = []
    columns: list[Mapping[str, FloatArray]] = []
    done = 0
    while len(batch := optimizer.ask()):
        values = measure(batch)
        optimizer.tell(batch, losses_of(values, objectives, constraints))
        tables.append(batch)
        columns.append(values)
        done += len(batch)
        if progress is not None:
            progress(done, search.trials)
    merged = {name: np.concatenate([each[name] for each in columns]) for name in columns[0]} if columns else {}
    table = Table.concat(tables)
    return Found(TrialTable(table, merged, np.ones(len(table), dtype=np.bool_)), tuple(objectives), tuple(constraints))
