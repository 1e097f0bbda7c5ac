"""Which features matter: a planted one is found by every method, noise is not, and the answer has the shape of S3."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

from autonomous_trading.core import FloatArray, InvalidInput, UnknownName
from autonomous_trading.features.transforms import feature_pipeline
from autonomous_trading.models.importance import (
    METHODS,
    FeatureTable,
    ImportanceReport,
    ImportanceSettings,
    feature_clusters,
    feature_importance,
)
from autonomous_trading.models.importance._dependence import codes_of
from autonomous_trading.models.labels import Labels, fixed_horizon, trend_scanning
from autonomous_trading.testing import random_walk
from autonomous_trading.validation import CombinatorialPurgedCV, PurgedKFold, WalkForwardSplit, walk_forward_windows

BARS = random_walk(420, 3)
LABELS = fixed_horizon(BARS, 1)
HERE = [method for method in METHODS if method != "shap" or importlib.util.find_spec("shap")]
QUICK = ImportanceSettings(draws=199, refits=39, repeats=2)


def forest() -> RandomForestRegressor:
    return RandomForestRegressor(12, min_samples_leaf=0.05, random_state=0, n_jobs=1)


def columns(strength: float, seed: int = 0) -> dict[str, FloatArray]:
    """A feature that knows something of the label of its row, two that resemble it, two that know nothing."""
    rng = np.random.default_rng(seed)
    made = {name: rng.normal(size=len(BARS)) for name in ("planted", "noise_a", "noise_b")}
    made["planted"][LABELS.rows] += strength * LABELS.value
    made["double"] = made["planted"] + 0.1 * rng.normal(size=len(BARS))
    return made


TABLE = FeatureTable.of(columns(1.0), LABELS)
NOISE = FeatureTable.of(columns(0.0), LABELS)


def asked(table: FeatureTable = TABLE, seed: int = 1, **more: Any) -> ImportanceReport:
    settings = {"model": forest(), "settings": QUICK} | more
    return feature_importance(table, rng=np.random.default_rng(seed), **settings)


@pytest.mark.parametrize("method", HERE)
def test_a_planted_feature_is_found(method: str) -> None:
    alone = replace(TABLE, names=TABLE.names[:3], values=TABLE.values[:, :3])
    report = asked(alone, method=method)
    assert report.top_features[0] == "planted"
    assert "planted" in report.significant_features
    best = report.features[0]
    assert best.stability == 1.0
    assert best.direction > 0.3
    assert best.p_value <= best.corrected_p_value <= 0.05
    assert best.standard_error > 0.0
    assert report.words.startswith("planted")


@pytest.mark.parametrize("method", HERE)
def test_noise_is_not_believed(method: str) -> None:
    report = asked(NOISE, method=method)
    assert report.significant_features == []
    assert "none of 4 features can be told from noise" in report.words


def test_the_answer_has_the_shape_of_the_example() -> None:
    answer = json.loads(json.dumps(asked().to_dict()))
    assert {"features", "top_features", "model_score"} <= set(answer)
    assert {"name", "importance"} <= set(answer["features"][0])
    shares = [feature["importance"] for feature in answer["features"]]
    assert sum(shares) == pytest.approx(1.0)
    assert shares == sorted(shares, reverse=True)
    assert len(answer["top_features"]) <= 3


def test_the_score_is_that_of_data_not_fitted_to() -> None:
    report = asked(NOISE)
    assert report.in_sample_score > 0.4
    assert abs(report.model_score) < 0.2
    assert report.model_p_value is not None
    assert report.model_p_value > 0.05
    assert 0.4 < report.hit_rate < 0.6
    sure = asked().model_p_value
    assert sure is not None
    assert sure < 0.05


def test_the_same_generator_gives_the_same_report() -> None:
    assert asked(seed=5, model=None) == asked(seed=5, model=None)


def test_features_that_resemble_each_other_are_asked_together() -> None:
    report = asked(settings=replace(QUICK, clusters=0.7))
    cluster = {feature.name: feature.cluster for feature in report.features}
    assert cluster == {"planted": 0, "double": 0, "noise_a": 1, "noise_b": 2}
    assert sorted(report.significant_features) == ["double", "planted"]
    together = report.features[0].value
    alone = max(feature.value for feature in asked().features)
    assert together > alone  # alone, each hides behind the other
    impure = asked(method="impurity", settings=replace(QUICK, clusters=0.7))
    assert sorted(impure.significant_features) == ["double", "planted"]


def test_clusters_are_numbered_in_the_order_of_the_features() -> None:
    assert feature_clusters(TABLE.values[:, [1, 0, 2, 3]]).tolist() == [0, 1, 2, 1]
    assert feature_clusters(TABLE.values[:, :1]).tolist() == [0]


@pytest.mark.parametrize("correction", ["max", "holm", "fdr"])
def test_every_correction_finds_it_and_none_makes_p_values_smaller(correction: Any) -> None:
    report = asked(settings=replace(QUICK, correction=correction))
    assert "planted" in report.significant_features
    assert all(feature.corrected_p_value >= feature.p_value for feature in report.features)


FOLDS: dict[str, Callable[[Labels], Any]] = {
    "purged": lambda labels: PurgedKFold(4, start=labels.time, label_end=labels.end_time),
    "combinatorial": lambda labels: CombinatorialPurgedCV(5, 2, start=labels.time, label_end=labels.end_time),
    "forward": lambda labels: WalkForwardSplit(
        walk_forward_windows(labels.time, train=200, test=50, step=50, unit="bars"),
        start=labels.time,
        label_end=labels.end_time,
    ),
}


@pytest.mark.parametrize("kind", FOLDS)
def test_any_splitter_of_validation_will_do(kind: str) -> None:
    folds = FOLDS[kind](TABLE.labels)
    report = asked(folds=folds, model=make_pipeline(feature_pipeline(), Ridge()))
    assert report.folds == folds.get_n_splits()
    assert report.rows == (200 if kind == "forward" else len(TABLE))
    assert report.significant_features
    assert report.model_p_value is not None
    by_information = asked(folds=folds, method="mutual_information", model=Ridge())
    assert (by_information.model_p_value is None) == (kind != "forward")


def test_a_classifier_counts_by_the_mean_of_its_classes() -> None:
    model = RandomForestClassifier(12, min_samples_leaf=0.05, random_state=0, n_jobs=1)
    assert "planted" in asked(model=model).significant_features


def test_a_pipeline_learns_its_scales_in_every_fold_and_takes_weights() -> None:
    rng = np.random.default_rng(0)
    labels = TABLE.labels.with_weight(rng.uniform(0.5, 1.5, len(TABLE)))
    model = make_pipeline(feature_pipeline(), Ridge())
    assert "planted" in asked(replace(TABLE, labels=labels), model=model).top_features
    assert "planted" in asked(replace(TABLE, labels=labels)).top_features


def test_returns_can_be_the_target() -> None:
    assert asked(target="return").features[0].name in ("planted", "double")


def test_rows_without_all_features_are_left_out_or_left_to_the_model() -> None:
    holed = columns(1.0)
    holed["noise_a"][:50] = np.nan
    assert len(FeatureTable.of(holed, LABELS)) == len(LABELS) - 50
    whole = FeatureTable.of(holed, LABELS, complete=False)
    assert len(whole) == len(LABELS)
    assert "planted" in asked(whole, model=make_pipeline(feature_pipeline(), Ridge())).top_features


@pytest.mark.skipif(importlib.util.find_spec("shap") is not None, reason="shap is installed: there is no error to show")
def test_without_shap_it_is_said_how_to_get_it() -> None:
    with pytest.raises(InvalidInput, match=r"pip install 'autonomous-trading\[explain\]'"):
        asked(method="shap")


SHORT = TABLE.labels.take(np.arange(18))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: FeatureTable(("a",), np.ones((2, 1)), LABELS), r"features have shape \(2, 1\) for 418 labels"),
        (lambda: replace(TABLE, names=("a", "a", "b", "c")), "two features have the same name"),
        (lambda: replace(TABLE, values=TABLE.values / 0.0), "feature planted is infinite"),
        (lambda: FeatureTable.of({"a": np.ones(3)}, LABELS), r"feature a has shape \(3,\), and labels reach bar"),
        (lambda: FeatureTable.of({"a": np.full(420, np.nan)}, LABELS), "no row has all features"),
        (lambda: asked(FeatureTable.of(columns(1.0), SHORT)), "18 labels are too few for 5 tests"),
        (lambda: asked(FeatureTable.of(columns(1.0), TABLE.labels.take(np.arange(25)))), "too few to tell from noise"),
        (
            lambda: asked(
                FeatureTable.of(columns(1.0), TABLE.labels.take(np.arange(40))),
                method="mutual_information",
                settings=replace(QUICK, draws=999),
            ),
            "40 rows are too few to move labels",
        ),
        (lambda: asked(replace(TABLE, labels=replace(LABELS, value=np.ones(418)))), "value of every label is the same"),
        (lambda: asked(method="impurity", model=Ridge()), "Ridge does not say how much it uses its features"),
        (lambda: asked(method="single", settings=replace(QUICK, clusters=0.5)), "asks each feature alone"),
        (lambda: feature_clusters(TABLE.values, 0.0), "threshold must be above 0"),
        (lambda: ImportanceSettings(level=0.0), "level must lie between 0 and 1"),
        (lambda: ImportanceSettings(draws=10), "draws must be at least 99"),
        (lambda: ImportanceSettings(clusters=0.0), "clusters must be above 0"),
    ],
)
def test_what_cannot_be_told_is_refused(call: Callable[[], object], words: str) -> None:
    with np.errstate(divide="ignore"), pytest.raises(InvalidInput, match=words):
        call()


@pytest.mark.parametrize("more", [{"method": "permutatoin"}, {"target": "valu"}])
def test_a_word_that_is_none_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(UnknownName, match="unknown"):
        asked(**more)


def test_a_correction_that_is_none_is_refused() -> None:
    more: dict[str, Any] = {"correction": "bonferoni"}
    with pytest.raises(UnknownName, match="unknown correction"):
        ImportanceSettings(**more)


def test_labels_of_other_bars_are_refused() -> None:
    known = columns(1.0)
    assert len(FeatureTable.of(known, LABELS, time=BARS.time)) == len(LABELS)
    tail = fixed_horizon(BARS[50:], 1)  # the label of row r is that of bar r + 50: knowledge of the future
    assert len(FeatureTable.of(known, tail)) == len(tail)
    with pytest.raises(InvalidInput, match="labels are those of other bars: bar 0 begins at"):
        FeatureTable.of(known, tail, time=BARS.time)
    shorter = {name: column[:400] for name, column in known.items()}
    with pytest.raises(InvalidInput, match="labels reach bar 419, and the features end at bar 399"):
        FeatureTable.of(shorter, LABELS, time=BARS.time[:400])
    with pytest.raises(InvalidInput, match=r"has shape \(420,\), and there are 421 bars"):
        FeatureTable.of(known, LABELS, time=np.append(BARS.time, BARS.time[-1] + 1))
    early = replace(LABELS, end_time=LABELS.time + 1)
    with pytest.raises(InvalidInput, match="no bar of the features begins there"):
        FeatureTable.of(known, early, time=BARS.time)
    scanned = trend_scanning(BARS, (5, 10))
    assert len(FeatureTable.of(known, scanned, time=BARS.time)) == len(scanned)


def test_bins_of_unknown_and_of_tied_values() -> None:
    rng = np.random.default_rng(6)
    values = rng.normal(size=400)
    plain = codes_of(values)
    assert np.bincount(plain).tolist() == [50] * 8
    holed = np.where(np.arange(400) == 7, np.nan, values)
    codes = codes_of(holed)
    assert np.flatnonzero(codes == 8).tolist() == [7]
    assert np.count_nonzero(codes != plain) <= 8  # the one that is unknown, and at most one per edge that moved
    count = np.where(rng.random(400) < 0.9, 0.0, rng.random(400) + 1.0)
    zeros = codes_of(count)
    assert np.array_equal(zeros == zeros[np.argmax(count == 0.0)], count == 0.0)
    below = codes_of(-count)
    assert np.array_equal(below == below[np.argmax(count == 0.0)], count == 0.0)
    assert codes_of(np.full(5, np.nan)).tolist() == [0] * 5


def test_unknown_and_mostly_zero_features_say_what_they_know() -> None:
    rng = np.random.default_rng(7)
    made = {name: rng.normal(size=len(BARS)) for name in ("planted", "noise")}
    made["planted"][LABELS.rows] += LABELS.value
    made["planted"][40] = np.nan
    rare = np.zeros(len(BARS))
    rare[LABELS.rows] = np.where((LABELS.value > 0.0) & (rng.random(len(LABELS)) < 0.15), rng.random(len(LABELS)), 0.0)
    assert (rare == 0.0).mean() > 0.9
    table = FeatureTable.of({**made, "rare": rare}, LABELS, complete=False)
    model = make_pipeline(SimpleImputer(), Ridge())
    report = asked(table, method="mutual_information", model=model)
    found = {each.name: each for each in report.features}
    assert found["planted"].value > 0.1
    assert found["rare"].value > 0.01
    assert {"planted", "rare"} <= set(report.significant_features)
    assert found["noise"].value < found["rare"].value
