"""The five ways to measure importance, each from a table and folds to the same kind of finding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from autonomous_trading.core import FloatArray, IntArray, InvalidInput
from autonomous_trading.models.importance._dependence import codes_of, mutual_information
from autonomous_trading.models.importance._out_of_sample import (
    OutOfSample,
    fitted_on,
    out_of_sample,
)
from autonomous_trading.models.importance._parts import no_parts, permuted_parts, shap_parts
from autonomous_trading.models.importance._settings import ImportanceSettings
from autonomous_trading.models.importance._significance import (
    Test,
    block_sums,
    p_value,
    shifts,
    sign_test,
    standardised,
    t_values,
)
from autonomous_trading.models.importance._table import FeatureTable, Folds, overlap_of, trains_ahead

_SHIFTS_IN_FOLDS = 50


class Question(NamedTuple):
    """What every way is asked."""

    table: FeatureTable
    target: FloatArray
    folds: Folds
    model: Any
    groups: IntArray
    settings: ImportanceSettings
    rng: np.random.Generator


class Finding(NamedTuple):
    """Of every group [groups]: value, its error, the test, its value above noise in each fold; and the model tested.

    `model_p_value`: None where the folds train on what came after their tests and the method draws no noise for it.
    """

    value: FloatArray
    error: FloatArray
    test: Test
    by_fold: FloatArray
    outcome: OutOfSample
    model_p_value: float | None


Ask = Callable[[FloatArray], OutOfSample]
"""From a target to the model on every fold; the parts of what comes out are those of the method."""


def by_permutation(asked: Question) -> Finding:
    """Correlation out of sample that is lost when the features of a group are permuted."""
    parts = permuted_parts(asked.groups, asked.settings.repeats, asked.rng)

    def ask(target: FloatArray) -> OutOfSample:
        return out_of_sample(asked.table, target, asked.folds, asked.model, parts)

    outcome = ask(asked.target)
    return _from_contributions(asked, ask, outcome, _size(outcome.surprise) * _size(outcome.prediction))


def by_shap(asked: Question) -> Finding:
    """Mean size of the SHAP values out of sample; the test asks whether they go with the target."""
    parts = shap_parts(asked.groups)

    def ask(target: FloatArray) -> OutOfSample:
        return out_of_sample(asked.table, target, asked.folds, asked.model, parts)

    outcome = ask(asked.target)
    found = _from_contributions(asked, ask, outcome, _size(outcome.surprise))
    return found._replace(value=np.abs(outcome.parts).mean(axis=0))


def by_single(asked: Question) -> Finding:
    """Correlation out of sample of a model that sees one feature alone."""
    table = asked.table

    def ask(target: FloatArray) -> OutOfSample:
        alone = []
        for number, name in enumerate(table.names):
            one = replace(table, names=(name,), values=table.values[:, [number]])
            alone.append(out_of_sample(one, target, asked.folds, asked.model, no_parts).prediction)
        outcome = out_of_sample(table, target, asked.folds, asked.model, no_parts)
        return outcome._replace(parts=np.column_stack(alone))

    outcome = ask(asked.target)
    scale = _size(outcome.surprise) * np.sqrt((outcome.parts**2).mean(axis=0))
    return _from_contributions(asked, ask, outcome, scale)


def by_impurity(asked: Question) -> Finding:
    """Share of a forest's impurity that a group takes away, in sample; noise: the same with the target moved."""
    table, everything = asked.table, np.arange(len(asked.table))
    outcome = out_of_sample(table, asked.target, asked.folds, asked.model, no_parts)
    seen = _impurity(asked, asked.target, everything)
    moved = shifts(len(table), overlap_of(table.labels), asked.settings.refits, asked.rng)
    noise = np.array([_impurity(asked, np.roll(asked.target, shift), everything) for shift in moved.tolist()])
    by_fold = np.array([_grouped(asked, model) for model in outcome.models]) - noise.mean(axis=0)
    error = by_fold.std(axis=0, ddof=1) / np.sqrt(len(by_fold)) if len(by_fold) > 1 else noise.std(axis=0)
    return Finding(
        seen - noise.mean(axis=0), error, standardised(seen, noise), by_fold, outcome, _model_p_value(asked, outcome)
    )


def by_mutual_information(asked: Question) -> Finding:
    """Nats that a feature says about the target, less what noise seems to say; any kind of dependence."""
    table = asked.table
    outcome = out_of_sample(table, asked.target, asked.folds, asked.model, no_parts)
    features = np.array([codes_of(column) for column in table.values.T])
    target = codes_of(asked.target)
    moved = shifts(len(table), overlap_of(table.labels), asked.settings.draws, asked.rng)
    noise = np.array([mutual_information(features, np.roll(target, shift)) for shift in moved.tolist()])
    seen = mutual_information(features, target)
    by_fold = []
    for _, test in asked.folds.folds(len(table)):
        inside = features[:, test]
        usual = [
            mutual_information(inside, np.roll(target, shift)[test]) for shift in moved[:_SHIFTS_IN_FOLDS].tolist()
        ]
        by_fold.append(mutual_information(inside, target[test]) - np.mean(usual, axis=0))
    value = seen - noise.mean(axis=0)
    return Finding(
        value, noise.std(axis=0), standardised(seen, noise), np.array(by_fold), outcome, _model_p_value(asked, outcome)
    )


def _from_contributions(asked: Question, ask: Ask, outcome: OutOfSample, scale: float | FloatArray) -> Finding:
    """What groups add to the covariance of prediction and target, row by row; the model itself is the last column."""
    overlap = overlap_of(asked.table.labels)
    sums = _sums(outcome, overlap)
    if trains_ahead(asked.folds, len(asked.table)):
        # A label of one fold trains the models that are tested on others: signs would take the same luck for several.
        moved = shifts(len(asked.table), overlap, asked.settings.refits, asked.rng)
        noise = [t_values(_sums(ask(np.roll(asked.target, shift)), overlap)) for shift in moved.tolist()]
        test = Test(t_values(sums), np.array(noise))
    else:
        test = sign_test(sums, asked.settings.draws, asked.rng)
    contributions = outcome.surprise[:, np.newaxis] * outcome.parts
    scale = np.where(np.asarray(scale) > 0.0, scale, np.inf)
    numbers = np.unique(outcome.fold)
    by_fold = np.array([contributions[outcome.fold == number].mean(axis=0) for number in numbers])
    error = np.sqrt((sums[:, :-1] ** 2).sum(axis=0)) / len(contributions) / scale
    groups = Test(test.seen[:-1], test.noise[:, :-1])
    return Finding(contributions.mean(axis=0) / scale, error, groups, by_fold, outcome, p_value(test, -1))


def _sums(outcome: OutOfSample, overlap: int) -> FloatArray:
    return block_sums(outcome.surprise[:, np.newaxis] * np.column_stack([outcome.parts, outcome.prediction]), overlap)


def _model_p_value(asked: Question, outcome: OutOfSample) -> float | None:
    if trains_ahead(asked.folds, len(asked.table)):
        return None
    sums = _sums(outcome, overlap_of(asked.table.labels))
    return p_value(sign_test(sums, asked.settings.draws, asked.rng), -1)


def _impurity(asked: Question, target: FloatArray, rows: IntArray) -> FloatArray:
    from sklearn.base import clone

    return _grouped(asked, fitted_on(clone(asked.model), asked.table, target, rows))


def _grouped(asked: Question, model: Any) -> FloatArray:
    shares = getattr(model, "feature_importances_", None)
    if shares is None:
        raise InvalidInput(
            f"{type(model).__name__} does not say how much it uses its features",
            fix='use a forest of scikit-learn, or the method "permutation"',
        )
    summed: FloatArray = np.bincount(asked.groups, weights=np.asarray(shares, dtype=np.float64)).astype(np.float64)
    return summed


def _size(values: FloatArray) -> float:
    return float(np.sqrt((values**2).mean()))
