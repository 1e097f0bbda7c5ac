"""How the best set of a study depends on its exact values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from autonomous_trading.app import Evaluator
from autonomous_trading.core import ParameterSet, Space, resolve_metric, split_score
from autonomous_trading.interfaces.python._checks import refuse_unknown, whole

if TYPE_CHECKING:
    from autonomous_trading.app.evidence import Sensitivity


def sensitivity_of_best(
    evaluator: Evaluator,
    space: Space,
    parameters: ParameterSet,
    span: tuple[int, int],
    *,
    metric: str,
    settings: Mapping[str, Any],
) -> Sensitivity:
    """The sensitivity of `metric`; of a robust score such as "worst_fold_sharpe_ratio" that of "sharpe_ratio".

    settings: `seed` and those of `SensitivitySettings`. Raises UnknownName for others.
    """
    from autonomous_trading.app.evidence import SensitivitySettings, sensitivity_of

    refuse_unknown("sensitivity", settings, ["seed", *(each.name for each in fields(SensitivitySettings))])
    closeness = {name: value for name, value in settings.items() if name != "seed"}
    return sensitivity_of(
        evaluator,
        space,
        parameters,
        span,
        metric=split_score(resolve_metric(metric))[1],
        seed=whole("seed", settings.get("seed", 0)),
        settings=SensitivitySettings(**closeness),
    )
