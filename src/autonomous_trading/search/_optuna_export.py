"""A finished search as a study of Optuna, in a storage that its dashboard opens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

import numpy as np

from autonomous_trading.core import (
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


@final
@dataclass(frozen=True, slots=True)
class Exported:
    """What goes into a study: parameters as declared, sets, objectives [n, k], their directions, and all metrics."""

    name: str
    parameters: Mapping[str, Parameter]
    table: ParameterTable
    objectives: FloatArray
    maximize: Sequence[bool]
    metrics: Mapping[str, FloatArray]


def export_to_optuna(url: str, exported: Exported) -> None:
    """Write a new study into an Optuna storage ("sqlite:///study.db"); sets without a value are failed trials.

    Optuna opens the storage itself: this is the one place where this room, through it, writes to a disk.
    """
    from optuna import create_study, logging
    from optuna.trial import TrialState, create_trial

    level = logging.get_verbosity()
    logging.set_verbosity(logging.WARNING)
    try:
        directions: list[Any] = ["maximize" if up else "minimize" for up in exported.maximize]
        study = create_study(storage=url, study_name=exported.name, directions=directions)
        distributions = {name: _distribution(parameter) for name, parameter in exported.parameters.items()}
        trials = []
        for number, row in enumerate(exported.table.rows()):
            values = exported.objectives[number]
            known = bool(np.isfinite(values).all())
            trials.append(
                create_trial(
                    state=TrialState.COMPLETE if known else TrialState.FAIL,
                    values=values.tolist() if known else None,
                    params={name: row[name] for name in distributions},
                    distributions=distributions,
                    user_attrs=_attributes(exported.metrics, number),
                )
            )
        study.add_trials(trials)
    finally:
        logging.set_verbosity(level)


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
