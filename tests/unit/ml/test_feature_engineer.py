"""FeatureEngineer: frames of what was known, steps fitted on a training slice and nothing else, drift since then."""

import numpy as np
import pandas as pd
import pytest

import autonomous_trading as at
from autonomous_trading.adapters import bars_to_frame
from autonomous_trading.core import InvalidInput, NothingToReport, UnknownName
from autonomous_trading.features import STANDARD_FEATURES, ColumnStore
from autonomous_trading.features.transforms import feature_pipeline
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


def test_prepared_columns_are_called_as_the_steps_call_them() -> None:
    from sklearn.decomposition import PCA
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    engineer = FeatureEngineer(["rsi(14)", "rsi(20)", "rsi(30)"])
    for steps, names in (
        (make_pipeline(PCA(2)), ["pca0", "pca1"]),
        (make_pipeline(PCA(3)), ["pca0", "pca1", "pca2"]),  # as many as features, and none of them is one
        (make_pipeline(StandardScaler()), ["rsi_14", "rsi_20", "rsi_30"]),
        (
            make_pipeline(FunctionTransformer(np.cumsum, kw_args={"axis": 1})),
            ["component_1", "component_2", "component_3"],
        ),
        (feature_pipeline(correlated=0.9), ["rsi_14"]),
    ):
        engineer.fit(BARS[:3_000], steps)
        assert engineer.prepare(BARS).columns.tolist() == names
        unknown = engineer.prepare(BARS[:20])
        assert (unknown.shape, unknown.columns.tolist()) == ((0, len(names)), names)


def test_the_given_steps_stay_as_they_were() -> None:
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    steps = make_pipeline(StandardScaler())
    first = FeatureEngineer(["rsi(14)"]).fit(BARS[:1_000], steps)
    before = first.prepare(BARS)
    FeatureEngineer(["close", "open"]).fit(BARS[:1_000], steps)
    assert not hasattr(steps[0], "mean_")
    pd.testing.assert_frame_equal(first.prepare(BARS), before)
    with pytest.raises(InvalidInput, match="Pipeline has no transform"):
        first.fit(BARS, make_pipeline(StandardScaler(), Ridge()))
    pd.testing.assert_frame_equal(first.prepare(BARS), before)


def test_timeframes_leave_alone_what_has_no_coarser_bars() -> None:
    formulas = ["rsi(14)", "close@1d", "extra.vix", "vix", "sma(volume, 20)", "close / open"]
    engineer = FeatureEngineer(dict(zip("abcdef", formulas, strict=True)), timeframes=["1w", "1d"])
    added = dict(list(engineer.features.items())[6:])
    assert added == {"a_on_1w": "rsi(14)@1w", "a_on_1d": "rsi(14)@1d"}
    with pytest.raises(InvalidInput, match="none of these features is a single column that bars of 1w have"):
        FeatureEngineer(["extra.vix", "close@1d"], timeframes=["1w"])
    with pytest.raises(InvalidInput, match="two features would be called a_on_1w: 'close' and"):
        FeatureEngineer({"a": "rsi(14)", "a_on_1w": "close"}, timeframes=["1w"])
    same = FeatureEngineer(["rsi(14)", "rsi(14)@1w"], timeframes=["1w"])
    assert same.feature_names == ("rsi_14", "rsi_14_on_1w")


def test_columns_of_the_data_by_their_plain_names() -> None:
    frame = bars_to_frame(BARS[:300]).assign(vix=np.arange(300.0))
    engineer = FeatureEngineer({"plain": "vix - 1", "long": "extra.vix - 1", "mixed": "rsi(14) * (vix > 5)"})
    found = engineer.transform(frame)
    np.testing.assert_array_equal(found["plain"], np.arange(300.0) - 1.0)
    np.testing.assert_array_equal(found["plain"], found["long"])
    with pytest.raises(UnknownName, match="vix"):
        engineer.transform(BARS)
    for formula in ("vix + rsj(14)", "rsj(vix)"):
        with pytest.raises(UnknownName, match="did you mean 'rsi'"):
            FeatureEngineer([formula])


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
