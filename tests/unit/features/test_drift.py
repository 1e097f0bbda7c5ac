"""Drift: found where a feature moved, not where its values merely resemble their neighbours."""

import math

import numpy as np
import pytest
from scipy.stats import ks_2samp

from autonomous_trading.core import InvalidInput
from autonomous_trading.features.drift import DriftLimits, effective_count, feature_drift, population_stability

RNG = np.random.default_rng(12)
TRAIN = RNG.standard_normal((2_000, 5))


def slow(n: int, decay: float, rng: np.random.Generator) -> np.ndarray:
    out = np.zeros(n)
    for t in range(1, n):
        out[t] = decay * out[t - 1] + rng.standard_normal()
    return out


def test_what_moved_is_told_from_what_did_not() -> None:
    recent = np.random.default_rng(2).standard_normal((500, 5))
    recent[:, 1] += 1.0
    recent[:, 2] *= 2.0
    recent[::8, 3] = np.nan
    recent[10:, 4] = np.nan
    names = ["same", "moved", "wider", "holed", "gone"]
    found = {each.name: each for each in feature_drift(TRAIN, recent, names)}
    assert [found[name].state for name in names] == ["stable", "drifted", "drifted", "drifted", "drifted"]
    assert found["moved"].shift == pytest.approx(1.0, abs=0.15)
    assert found["wider"].spread == pytest.approx(2.0, abs=0.2)
    assert found["holed"].missing == pytest.approx(0.126, abs=1e-9)
    assert found["same"].stability_index < 0.05
    distance = ks_2samp(TRAIN[:, 1], recent[:, 1]).statistic
    assert found["moved"].distance == pytest.approx(distance, rel=1e-12)
    assert math.isnan(found["gone"].stability_index)


def test_too_few_values_say_nothing() -> None:
    (found,) = feature_drift(TRAIN[:, :1], TRAIN[:10, :1], ["short"])
    assert (found.state, math.isnan(found.p_value)) == ("unknown", True)


def test_a_slow_feature_is_no_drift_in_a_short_window() -> None:
    alarms = 0
    for seed in range(200):
        series = slow(2_250, 0.98, np.random.default_rng(seed))[:, None]
        (found,) = feature_drift(series[:2_000], series[2_000:], ["slow"])
        alarms += found.state != "stable"
    assert alarms <= 20  # 5 % of 200, and what chance allows on top


def test_effective_counts() -> None:
    rng = np.random.default_rng(3)
    assert effective_count(rng.standard_normal(4_000)) == pytest.approx(4_000, rel=0.15)
    decay = 0.9
    expected = 40_000 * (1.0 - decay) / (1.0 + decay)
    assert effective_count(slow(40_000, decay, rng)) == pytest.approx(expected, rel=0.2)
    assert effective_count(np.full(50, 3.3)) == 1.0
    assert effective_count(np.array([1.0, 2.0])) == 1.0
    assert effective_count(np.empty(0)) == 0.0


def test_the_stability_index_by_hand() -> None:
    train = np.repeat(np.arange(10.0), 10)
    recent = np.repeat(np.arange(10.0), [20, *[10] * 8, 0])
    expected = (0.2 - 0.1) * math.log(2.0) + (1e-4 - 0.1) * math.log(1e-4 / 0.1)
    assert population_stability(train, recent) == pytest.approx(expected, rel=1e-12)
    assert population_stability(train, train) == 0.0


def test_limits_and_shapes() -> None:
    strict = DriftLimits(watch=0.0, drift=10.0)
    recent = np.random.default_rng(5).standard_normal((500, 1)) + 0.4
    assert feature_drift(TRAIN[:, :1], recent, ["a"], limits=strict)[0].state == "watch"
    with pytest.raises(InvalidInput, match="1 names, training values"):
        feature_drift(TRAIN, recent, ["a"])
