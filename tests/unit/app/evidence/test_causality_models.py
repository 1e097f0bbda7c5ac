"""Models: what they are taught, when their labels end, and what they predict with."""

from __future__ import annotations

import numpy as np
import pytest

from autonomous_trading.app.evidence import (
    CausalityReport,
    DataOf,
    Model,
    RowsOf,
    TrainingData,
    check_model,
    known_before,
)
from autonomous_trading.core import Bars, FloatArray, IntArray, InvalidInput
from autonomous_trading.testing import random_walk
from autonomous_trading.testing.examples import LeastSquares, return_to_come, returns_of
from autonomous_trading.testing.leaks import all_rows, honest_data, overlapping_data

BARS = random_walk(200, seed=3)
DRAWS = np.random.default_rng(1)


def checked(
    model: Model | None = None, *, data: DataOf = honest_data, rows: RowsOf = known_before, test_start: int = 120
) -> CausalityReport:
    return check_model(model or LeastSquares(), BARS, data, test_start=test_start, rows=rows)


def test_an_honest_model_is_clean() -> None:
    report = checked()
    assert (report.clean, report.exact) == (True, True)
    assert report.columns == ("features[0]", "features[1]", "predictions")
    assert set(report.tried) == {"fit", "truncation", "scramble"}


def test_a_model_of_scikit_learn_is_one() -> None:
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    assert checked(make_pipeline(StandardScaler(), Ridge())).clean


def test_labels_that_end_in_the_test_are_counted() -> None:
    report = checked(data=overlapping_data)
    (found,) = report.leaks
    assert (found.check, found.what, found.row) == ("fit", "labels", 110)
    assert found.cause.startswith("labels of training rows end among the test bars: 10 of 115 rows")


def test_labels_that_are_said_to_end_in_the_test_are_believed() -> None:
    def cautious(bars: Bars) -> TrainingData:
        """Labels that are known at once, but declared to end a bar later."""
        features = returns_of(bars.close, 1)[:, np.newaxis]
        return TrainingData(features, returns_of(bars.close, 1), np.arange(len(bars)) + 1)

    def unpurged(_: TrainingData, test_start: int) -> IntArray:
        return np.arange(1, test_start)

    assert checked(data=cautious).clean
    (found,) = checked(data=cautious, rows=unpurged).leaks
    assert (found.what, found.row) == ("labels", 119)


def test_rows_of_the_test_are_told() -> None:
    found = {each.what: each for each in checked(rows=all_rows).leaks}
    assert found["training rows"].row == 120


class Seen:
    """A place outside the model: a copy of the model has the same one."""

    highest = 0.0

    def __deepcopy__(self, _: object) -> Seen:
        return self


class Remembering:
    """Keeps the highest feature it ever saw, in whatever it is asked to predict."""

    def __init__(self, seen: Seen) -> None:
        self.seen = seen

    def fit(self, *_: FloatArray) -> None:
        """Learns nothing."""

    def predict(self, features: FloatArray) -> FloatArray:
        """What it remembers."""
        self.seen.highest = max(self.seen.highest, float(features.max()))
        return np.full(len(features), self.seen.highest)


class Restless:
    """Learns something else every time."""

    level = 0.0

    def fit(self, *_: FloatArray) -> None:
        """Draws a number."""
        self.level = DRAWS.random()

    def predict(self, features: FloatArray) -> FloatArray:
        """That number."""
        return np.full(len(features), self.level)


def test_what_is_kept_between_fits_is_found() -> None:
    assert ("fit", "predictions") in {(each.check, each.what) for each in checked(Remembering(Seen())).leaks}


def test_a_fit_that_draws_without_a_seed_is_told() -> None:
    assert [each.check for each in checked(Restless()).leaks] == ["repeat"]


def test_a_feature_that_is_the_answer_is_found() -> None:
    def answered(bars: Bars) -> TrainingData:
        label = return_to_come(bars.close, 1)
        return TrainingData(label[:, np.newaxis], label, np.arange(len(bars)) + 1)

    assert {each.what for each in checked(data=answered).leaks} >= {"features[0]"}


def test_rows_that_may_be_learned_from() -> None:
    features = np.array([[np.nan], [1.0], [1.0], [1.0], [1.0]])
    labels = np.array([1.0, np.nan, 1.0, 1.0, 1.0])
    assert known_before(TrainingData(features, labels), 4).tolist() == [2, 3]
    assert known_before(TrainingData(features, labels, np.arange(5) + 1), 4).tolist() == [2]


def test_bad_input_is_refused() -> None:
    with pytest.raises(InvalidInput, match="test_start must lie in 1 to 199; got 200"):
        checked(test_start=200)
    with pytest.raises(InvalidInput, match="no row before bar 3 can be learned from"):
        checked(test_start=3)
    with pytest.raises(InvalidInput, match=r"data gave features \(200,\) and labels \(200,\) for 200 bars"):
        checked(data=lambda bars: TrainingData(bars.close, bars.close))
