"""The one question of this room: which features does a model need?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from autonomous_trading.core import FloatArray, IntArray, InvalidInput, unknown_name
from autonomous_trading.models.importance import _measured
from autonomous_trading.models.importance._clusters import feature_clusters
from autonomous_trading.models.importance._out_of_sample import usual_model
from autonomous_trading.models.importance._report import Importance, ImportanceReport
from autonomous_trading.models.importance._settings import ImportanceSettings
from autonomous_trading.models.importance._significance import p_values
from autonomous_trading.models.importance._table import (
    FeatureTable,
    Folds,
    Target,
    target_of,
    usual_folds,
)

_WAYS: Final[Mapping[str, Callable[[_measured.Question], _measured.Finding]]] = MappingProxyType(
    {
        "permutation": _measured.by_permutation,
        "impurity": _measured.by_impurity,
        "shap": _measured.by_shap,
        "mutual_information": _measured.by_mutual_information,
        "single": _measured.by_single,
    }
)
METHODS: Final = tuple(_WAYS)
_ALONE: Final = ("mutual_information", "single")


def feature_importance(
    table: FeatureTable,
    *,
    rng: np.random.Generator,
    method: str = "permutation",
    folds: Folds | None = None,
    model: Any = None,
    target: Target = "value",
    settings: ImportanceSettings | None = None,
) -> ImportanceReport:
    """Which features a model needs, how sure that is, and what the model is worth out of sample.

    | method | value of a feature | noise |
    |---|---|---|
    | "permutation" | correlation out of sample that is lost when it is permuted | signs of blocks |
    | "shap" | mean size of its SHAP values out of sample (needs shap) | signs of blocks |
    | "single" | correlation out of sample of a model that sees it alone | signs of blocks |
    | "impurity" | share of impurity it takes away, above noise; **in sample** | target moved, refitted |
    | "mutual_information" | nats it says about the target, above noise; **in sample**, of any kind | target moved |

    `folds`: a splitter of `validation` that was given `start=labels.time, label_end=labels.end_time`; by default five
    walk-forward tests of the second half, each of a model trained on all that was known by then. Folds that train on
    both sides of a test (PurgedKFold) test every row, but noise then takes `settings.refits` refits of all folds.
    `model`: an estimator of scikit-learn, or a pipeline that ends in one, cloned and fitted on each training slice with
    the weights of the labels; by default a random forest on one thread. A classifier counts by the mean of its classes.
    `target`: the labels' `value` or their `return`. The same `rng` in the same state gives the same report.

    Features are NaN-free by default (see FeatureTable); with NaN, the model has to cope. Raises InvalidInput for what
    cannot be told: too few rows for the overlap of labels, a target that never changes, shap where it is missing.
    """
    if method not in _WAYS:
        raise unknown_name("method", method, METHODS)
    chosen = settings or ImportanceSettings()
    groups = _groups(table, method, chosen)
    question = _measured.Question(
        table,
        target_of(table, target),
        folds or usual_folds(table.labels),
        usual_model(rng) if model is None else model,
        groups,
        chosen,
        rng,
    )
    found = _WAYS[method](question)
    alone, corrected = p_values(found.test, chosen)
    features = _features(question, found, alone, corrected)
    return ImportanceReport(
        method=method,
        features=tuple(sorted(features, key=lambda feature: -feature.value)),
        model_score=found.outcome.score,
        in_sample_score=found.outcome.in_sample,
        model_p_value=found.model_p_value,
        hit_rate=found.outcome.hit_rate,
        rows=len(found.outcome.rows),
        folds=len(found.outcome.models),
        level=chosen.level,
        correction=chosen.correction,
        top=chosen.top,
    )


def _groups(table: FeatureTable, method: str, settings: ImportanceSettings) -> IntArray:
    if settings.clusters is None:
        return np.arange(len(table.names))
    if method in _ALONE:
        raise InvalidInput(f"the method {method!r} asks each feature alone", fix="leave out clusters")
    if bool(np.isnan(table.values).any()):
        raise InvalidInput(
            "features with NaN cannot be put into clusters", fix="use FeatureTable.of(..., complete=True)"
        )
    return feature_clusters(table.values, settings.clusters)


def _features(
    asked: _measured.Question, found: _measured.Finding, alone: FloatArray, corrected: FloatArray
) -> list[Importance]:
    from scipy import stats

    gains = np.maximum(found.value[asked.groups], 0.0)
    total = float(gains.sum())
    stability = (found.by_fold > 0.0).mean(axis=0)
    wanted = stats.rankdata(asked.target)
    made = []
    for number, (name, group) in enumerate(zip(asked.table.names, asked.groups.tolist(), strict=True)):
        column = asked.table.values[:, number]
        known = ~np.isnan(column)
        moves = float(np.ptp(column[known])) > 0.0 if known.any() else False
        direction = np.corrcoef(stats.rankdata(column[known]), wanted[known])[0, 1] if moves else 0.0
        made.append(
            Importance(
                name=name,
                importance=float(gains[number]) / total if total > 0.0 else 0.0,
                value=float(found.value[group]),
                standard_error=float(found.error[group]),
                p_value=float(alone[group]),
                corrected_p_value=float(corrected[group]),
                stability=float(stability[group]),
                direction=float(direction),
                cluster=group,
                significant=bool(corrected[group] <= asked.settings.level),
            )
        )
    return made
