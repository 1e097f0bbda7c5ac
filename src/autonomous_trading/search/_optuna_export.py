"""A finished search as a study of Optuna, in a storage that its dashboard opens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

import numpy as np

from autonomous_trading.core import (
    BoolArray,
    BoolParameter,
    CategoricalParameter,
    FloatArray,
    FloatParameter,
    IntParameter,
    Parameter,
    ParameterTable,
)

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.trial import FrozenTrial

_FARTHEST = float(np.finfo(np.float64).max)
"""How far a set without a value of a bounded metric is from keeping its bound: a number, as JSON has no infinity."""


@final
@dataclass(frozen=True, slots=True)
class Exported:
    """What goes into a study: parameters as declared, sets, objectives [n, k], their directions, and all metrics.

    violations: per constraint how far each set is from keeping it, 0 where it does. pruned: which sets were given up.
    """

    name: str
    parameters: Mapping[str, Parameter]
    table: ParameterTable
    objectives: FloatArray
    maximize: Sequence[bool]
    metrics: Mapping[str, FloatArray]
    violations: Mapping[str, FloatArray]
    pruned: BoolArray


def export_to_optuna(url: str, exported: Exported) -> None:
    """Write a new study into an Optuna storage ("sqlite:///study.db"), one trial per set.

    A set that breaks a constraint is a completed trial that Optuna knows to be infeasible, so it is never the best one.
    Sets that were given up are pruned trials, and others without a value are failed ones. Optuna opens the storage
    itself: this is the one place where this room, through it, writes to a disk.
    """
    from optuna import create_study, logging

    level = logging.get_verbosity()
    logging.set_verbosity(logging.WARNING)
    try:
        directions: list[Any] = ["maximize" if up else "minimize" for up in exported.maximize]
        study = create_study(storage=url, study_name=exported.name, directions=directions)
        distributions = {name: _distribution(parameter) for name, parameter in exported.parameters.items()}
        rows = enumerate(exported.table.rows())
        study.add_trials([_trial(exported, number, row, distributions) for number, row in rows])
    finally:
        logging.set_verbosity(level)


def _trial(
    exported: Exported, number: int, row: Mapping[str, object], distributions: "dict[str, BaseDistribution]"
) -> "FrozenTrial":
    """One set as a trial that has ended; only of one that was measured it is known which constraints it breaks."""
    from optuna.trial import TrialState, create_trial

    values = exported.objectives[number]
    known = bool(np.isfinite(values).all()) and not exported.pruned[number]
    unknown = TrialState.PRUNED if exported.pruned[number] else TrialState.FAIL
    violations = {text: min(float(each[number]), _FARTHEST) for text, each in exported.violations.items()}
    return create_trial(
        state=TrialState.COMPLETE if known else unknown,
        values=values.tolist() if known else None,
        params={name: row[name] for name in distributions},
        distributions=distributions,
        user_attrs=_attributes(exported.metrics, number),
        constraints=violations if known else None,
    )


def _attributes(metrics: Mapping[str, FloatArray], number: int) -> dict[str, float]:
    """The metrics of one set that are numbers: JSON has no others."""
    found = {name: float(values[number]) for name, values in metrics.items()}
    return {name: value for name, value in found.items() if np.isfinite(value)}


def _distribution(parameter: Parameter) -> "BaseDistribution":
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    match parameter:
        case IntParameter():
            return IntDistribution(parameter.low, parameter.high, log=parameter.log, step=parameter.step)
        case FloatParameter():
            return FloatDistribution(parameter.low, parameter.high, log=parameter.log, step=parameter.step)
        case CategoricalParameter():
            return CategoricalDistribution(parameter.choices)
        case BoolParameter():
            return CategoricalDistribution([False, True])
    raise TypeError(f"no distribution of Optuna is like {parameter!r}")
