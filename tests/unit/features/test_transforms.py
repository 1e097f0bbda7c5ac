"""Transforms: what they do to small tables, what they learn and when, and what scikit-learn asks of an estimator."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils.estimator_checks import estimator_checks_generator

from autonomous_trading.core import FloatArray, InvalidInput, UnknownName
from autonomous_trading.features.transforms import (
    CorrelationSelector,
    FractionalDifference,
    ImportanceSelector,
    ImputationPolicy,
    Winsorizer,
    complete_rows,
    feature_pipeline,
    fractional_weights,
)

NAN = np.nan
_ORDER_OF_TIME = "rows are bars one after another: what a row becomes depends on those before it"
_TWO_MEANINGS = "the training slice has no rows before it, what follows it has"
_ALL_MISSING = "the check makes a table in which every feature misses a value, and all are dropped"
EXEMPT = {
    "warm_up": dict.fromkeys(
        ("check_methods_sample_order_invariance", "check_methods_subset_invariance"), _ORDER_OF_TIME
    ),
    "drop": {"check_estimators_pickle": _ALL_MISSING},
}
EXEMPT["continue"] = EXEMPT["warm_up"] | dict.fromkeys(
    ("check_transformer_data_not_an_array", "check_transformer_general"), _TWO_MEANINGS
)
SUBJECTS = [
    Winsorizer(),
    Winsorizer(method="mad"),
    FractionalDifference(width=3),
    FractionalDifference(width=3, border="continue"),
    ImputationPolicy(),
    ImputationPolicy("refuse"),
    ImputationPolicy("drop"),
    ImputationPolicy("forward_fill"),
    CorrelationSelector(),
    ImportanceSelector(keep=1),
]


def exempted(estimator: Any) -> dict[str, str]:
    """The checks that cannot hold, each with its reason."""
    settings = estimator.get_params()
    return EXEMPT.get(settings.get("border", settings.get("policy")), {})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("estimator", "check"),
    [
        pair
        for subject in SUBJECTS
        for pair in estimator_checks_generator(subject, expected_failed_checks=exempted(subject), mark="xfail")
    ],
)
def test_scikit_learn_accepts_it(estimator: Any, check: Callable[[Any], None]) -> None:
    check(estimator)


def table(rows: int, seed: int = 0, features: int = 6, holes: float = 0.0) -> FloatArray:
    """Features of which the second repeats the first, some values missing."""
    rng = np.random.default_rng(seed)
    values = rng.standard_t(3.0, (rows, features)).cumsum(axis=0)
    values[:, 1] = 2.0 * values[:, 0]
    values[rng.random(values.shape) < holes] = NAN
    return values


@pytest.mark.parametrize(
    ("order", "printed"),
    [
        (0.4, [1, -0.4, -0.12, -0.064, -0.0416, -0.029952]),
        (0.5, [1, -0.5, -0.125, -0.0625, -0.0390625, -0.02734375]),
        (1.0, [1, -1, 0, 0, 0, 0]),
    ],
)
def test_weights_are_the_published_ones(order: float, printed: list[float]) -> None:
    assert fractional_weights(order, width=6) == pytest.approx(printed, abs=1e-15)


def test_weights_stop_at_the_threshold() -> None:
    weights = fractional_weights(0.4, threshold=0.05)
    assert weights == pytest.approx([1, -0.4, -0.12, -0.064])


def test_order_one_is_the_plain_difference() -> None:
    values = table(20)
    found = FractionalDifference(1.0).fit_transform(values)
    assert np.isnan(found[0]).all()
    assert found[1:] == pytest.approx(np.diff(values, axis=0))


def test_differences_go_on_over_the_border() -> None:
    values = table(120, holes=0.02)
    whole = FractionalDifference(0.4, width=30).fit_transform(values)
    crossing = FractionalDifference(0.4, width=30, border="continue").fit(values[:80])
    np.testing.assert_array_equal(crossing.transform(values[80:]), whole[80:])
    np.testing.assert_array_equal(crossing.fit_transform(values[:80]), whole[:80])


def test_a_table_shorter_than_the_weights_has_no_difference() -> None:
    assert np.isnan(FractionalDifference(0.4, width=30).fit_transform(table(10))).all()


@given(st.integers(0, 500), st.integers(1, 79))
def test_differences_see_no_later_row(seed: int, cut: int) -> None:
    values = table(80, seed)
    steps = FractionalDifference(0.4, width=7)
    np.testing.assert_array_equal(steps.fit_transform(values)[:cut], steps.fit_transform(values[:cut]))


@given(st.integers(0, 500), st.integers(60, 118))
def test_what_is_fitted_on_a_slice_changes_no_row_when_later_rows_do(seed: int, cut: int) -> None:
    values, target = table(120, seed, holes=0.03), np.random.default_rng(seed).normal(size=120)
    steps = feature_pipeline(imputation="forward_fill", correlated=0.99, keep=4, components=2)
    steps.fit(values[:60], target[:60])
    other = np.concatenate([values[:cut], table(120 - cut, seed + 1)])
    np.testing.assert_allclose(steps.transform(values)[:cut], steps.transform(other)[:cut], rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(steps.transform(values)[:cut], steps.transform(values[:cut]), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("scale", ["standard", "robust", "quantile", "none"])
def test_a_pipeline_leaves_nothing_missing(scale: Any) -> None:
    made = feature_pipeline(scale=scale).fit_transform(table(100, holes=0.1))
    assert np.isfinite(made).all()
    assert made.shape == (100, 12)  # an indicator for each


def test_steps_that_are_none_are_left_out() -> None:
    assert [name for name, _ in feature_pipeline(winsorize=None, scale="none").steps] == ["impute"]


def test_limits_come_from_the_training_slice() -> None:
    steps = Winsorizer(lower=0.25, upper=0.75).fit([[0.0], [1.0], [2.0], [3.0], [4.0]])
    assert steps.transform([[-9.0], [2.5], [9.0], [NAN]]).ravel() == pytest.approx([1.0, 2.5, 3.0, NAN], nan_ok=True)


def test_limits_by_the_median_absolute_deviation() -> None:
    steps = Winsorizer(method="mad", width=2.0).fit([[0.0, 5.0], [1.0, 5.0], [2.0, 5.0], [3.0, 5.0], [4.0, 6.0]])
    assert steps.upper_limits_ == pytest.approx([2.0 + 2.0 * 1.4826022, np.inf])


def test_a_median_with_its_indicator() -> None:
    steps = ImputationPolicy().fit([[1.0, 5.0], [3.0, NAN], [5.0, 7.0]])
    assert steps.transform([[NAN, NAN]]).tolist() == [[3.0, 6.0, 1.0]]
    assert steps.get_feature_names_out(["a", "b"]).tolist() == ["a", "b", "missing_b"]


def test_values_go_on_for_so_many_rows() -> None:
    steps = ImputationPolicy("forward_fill", limit=2, indicator=False).fit([[0.0], [10.0]])
    found = steps.transform([[NAN], [1.0], [NAN], [NAN], [NAN], [2.0]])
    assert found.ravel().tolist() == [5.0, 1.0, 1.0, 1.0, 5.0, 2.0]


def test_features_that_miss_values_are_dropped() -> None:
    steps = ImputationPolicy("drop").fit([[1.0, NAN], [2.0, 3.0]])
    assert steps.transform([[7.0, NAN]]).tolist() == [[7.0]]
    assert steps.get_feature_names_out().tolist() == ["x0"]
    with pytest.raises(InvalidInput, match="feature x0 is NaN in row 1, and the policy 'drop' allows none"):
        steps.transform([[7.0, NAN], [NAN, 1.0]])


def test_rows_with_every_value() -> None:
    assert complete_rows(np.array([[NAN, 1.0], [2.0, 1.0]])).tolist() == [False, True]


def test_a_feature_that_repeats_one_before_it_is_left_out() -> None:
    values = table(50)
    values[:, 3] = 1.0  # never changes
    steps = CorrelationSelector(0.999).fit(values)
    assert steps.get_support().tolist() == [True, False, True, False, True, True]
    assert steps.get_feature_names_out().tolist() == ["x0", "x2", "x4", "x5"]
    assert steps.transform(values).shape == (50, 4)


@pytest.mark.parametrize("method", ["correlation", "mutual_information", "forest"])
def test_the_feature_that_says_something_is_kept(method: Any) -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(size=(400, 5))
    target = values[:, 3] + 0.5 * rng.normal(size=400)
    assert ImportanceSelector(1, method=method).fit(values, target).get_support().tolist() == [0, 0, 0, 1, 0]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: fractional_weights(0.0), "order must be above 0"),
        (lambda: fractional_weights(0.4, width=0), "width must be between 1 and 10,000, got 0"),
        (lambda: fractional_weights(0.4, threshold=0.0), "threshold must be above 0"),
        (lambda: fractional_weights(0.1, threshold=1e-9), "has more than 10,000 weights"),
        (lambda: Winsorizer(lower=-0.1).fit([[1.0]]), "lower must lie between 0 and 1"),
        (lambda: Winsorizer(lower=0.9, upper=0.1).fit([[1.0]]), r"lower \(0.9\) must be below upper"),
        (lambda: Winsorizer(width=0.0).fit([[1.0]]), "width must be above 0"),
        (lambda: Winsorizer().fit([[1.0, NAN], [2.0, NAN]]), "feature x1 has no value in the 2 rows"),
        (lambda: ImputationPolicy(limit=0).fit([[1.0]]), "limit must be at least 1 row"),
        (lambda: ImputationPolicy("refuse").fit([[1.0], [NAN]]), "feature x0 is NaN in row 1"),
        (lambda: ImputationPolicy("drop").fit([[1.0], [NAN]]), "every feature misses values"),
        (lambda: CorrelationSelector(0.0).fit([[1.0]]), "threshold must be above 0"),
        (lambda: ImportanceSelector(0).fit([[1.0]], [1.0]), "keep must be at least 1"),
        (lambda: ImputationPolicy().fit([[1.0]]).get_feature_names_out(["a", "b"]), "length equal to number"),
    ],
)
def test_what_makes_no_sense_is_refused(call: Callable[[], object], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        call()


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda word: Winsorizer(method=word).fit([[1.0]]), "method"),
        (lambda word: FractionalDifference(border=word).fit([[1.0]]), "border"),
        (lambda word: ImputationPolicy(word).fit([[1.0]]), "policy"),
        (lambda word: ImportanceSelector(1, method=word).fit([[1.0], [2.0]], [1.0, 2.0]), "method"),
        (lambda word: feature_pipeline(scale=word), "scale"),
    ],
)
def test_a_word_that_is_none_is_refused(call: Callable[[str], object], kind: str) -> None:
    with pytest.raises(UnknownName, match=f"unknown {kind} 'medain'"):
        call("medain")


def test_columns_alone_load_no_scikit_learn() -> None:
    script = "import sys, autonomous_trading.features; print('sklearn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
