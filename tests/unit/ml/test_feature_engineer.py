"""FeatureEngineer: frames of what was known, steps fitted on a training slice and nothing else, drift since then."""

import numpy as np
import pandas as pd
import pytest

import autonomous_trading as at
from autonomous_trading.adapters import bars_to_frame
from autonomous_trading.core import InvalidInput, NothingToReport, UnknownName
from autonomous_trading.features import STANDARD_FEATURES, ColumnStore
from autonomous_trading.ml import FeatureEngineer

BARS = at.sample("sp500")


def test_a_frame_of_what_was_known_at_each_close() -> None:
    found = FeatureEngineer(["rsi(14)", "close / sma(close, 200) - 1"]).transform(BARS)
    assert isinstance(found.index, pd.DatetimeIndex)
    assert str(found.index.tz) == "UTC"
    np.testing.assert_array_equal(found["rsi_14"], ColumnStore(BARS).column("rsi", (14,)))
    short = FeatureEngineer(["rsi(14)"]).transform(BARS[:1_000])
    pd.testing.assert_series_equal(short["rsi_14"], found["rsi_14"][:1_000], check_freq=False)


def test_frames_are_taken_as_bars_are() -> None:
    engineer = FeatureEngineer({"speed": "rsi(14)"})
    pd.testing.assert_frame_equal(engineer.transform(bars_to_frame(BARS)), engineer.transform(BARS))


def test_the_standard_set_and_coarser_bars() -> None:
    engineer = FeatureEngineer()
    assert engineer.feature_names == tuple(STANDARD_FEATURES)
    weekly = FeatureEngineer(["rsi(14)", "close / open"], timeframes=["1w"])
    assert weekly.features == {"rsi_14": "rsi(14)", "close_over_open": "close / open", "rsi_14_on_1w": "rsi(14)@1w"}
    assert weekly.transform(BARS)["rsi_14_on_1w"].nunique() < 1_100


def test_what_is_prepared_was_learned_from_the_training_slice_alone() -> None:
    engineer = FeatureEngineer(["rsi(14)", "close_volatility(20)"]).fit(BARS[:3_000])
    whole, part = engineer.prepare(BARS), engineer.prepare(BARS[:4_000])
    pd.testing.assert_frame_equal(whole[: len(part)], part, check_freq=False)
    assert np.isfinite(whole.to_numpy()).all()


def test_steps_that_change_the_number_of_columns_are_numbered() -> None:
    from sklearn.decomposition import PCA
    from sklearn.pipeline import make_pipeline

    engineer = FeatureEngineer(["rsi(14)", "rsi(20)", "rsi(30)"]).fit(BARS[:3_000], make_pipeline(PCA(2)))
    assert engineer.prepare(BARS).columns.tolist() == ["component_1", "component_2"]


def test_the_last_bar_as_a_live_loop_asks_for_it() -> None:
    engineer = FeatureEngineer()
    last = engineer.update(BARS)
    whole = engineer.transform(BARS)
    pd.testing.assert_series_equal(last, whole.iloc[-1])


def test_drift_since_training() -> None:
    engineer = FeatureEngineer(["close_volatility(20)", "rsi(14)"]).fit(BARS[1_200:2_200])
    crash = {each.name: each for each in engineer.drift(BARS[1_200:2_560])}
    assert crash["close_volatility_20"].state == "drifted"
    with pytest.raises(NothingToReport, match="no bar is newer"):
        engineer.drift(BARS[:2_000])


def test_what_is_refused() -> None:
    engineer = FeatureEngineer(["rsi(14)"])
    with pytest.raises(InvalidInput, match="nothing was learned yet"):
        engineer.prepare(BARS)
    with pytest.raises(InvalidInput, match="no training slice"):
        engineer.drift(BARS)
    with pytest.raises(NothingToReport, match="every feature is known on 6 of 20 bars"):
        engineer.fit(BARS[:20])
    with pytest.raises(UnknownName, match="did you mean 'rsi'"):
        FeatureEngineer(["rsj(14)"])
    with pytest.raises(InvalidInput, match="none of these features is a single column"):
        FeatureEngineer(["close / open"], timeframes=["1w"])
    assert repr(engineer) == "FeatureEngineer(1 features)"


def test_importance_as_a_report_that_says_what_may_be_believed() -> None:
    from autonomous_trading.models.importance import ImportanceSettings
    from autonomous_trading.models.labels import fixed_horizon

    engineer = FeatureEngineer(["rsi(14)", "close_volatility(20)"])
    settings = ImportanceSettings(draws=99, repeats=1)
    report = engineer.importance(BARS[:1_500], settings=settings)
    again = engineer.importance(BARS[:1_500], labels=fixed_horizon(BARS[:1_500], 5), settings=settings)
    assert {each.name for each in report.features} == {"rsi_14", "close_volatility_20"}
    assert set(report.top_features) <= set(engineer.feature_names)
    assert -1.0 <= report.model_score <= 1.0
    assert again.rows == report.rows


def test_importance_refuses_labels_of_other_bars() -> None:
    from autonomous_trading.models.labels import fixed_horizon

    engineer = FeatureEngineer(["rsi(14)"])
    with pytest.raises(InvalidInput, match="labels are those of other bars"):
        engineer.importance(BARS[:1_500], labels=fixed_horizon(BARS[3:1_500], 5))
    with pytest.raises(InvalidInput, match="labels reach bar"):
        engineer.importance(BARS[:1_500], labels=fixed_horizon(BARS[:1_600], 5))
