"""Drift: found where a feature moved, not where its values merely resemble their neighbours."""

import math
from typing import Any

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


NORMAL = np.random.default_rng(8).standard_normal((2_000, 1))
SOME = np.random.default_rng(9).standard_normal((250, 1))


@pytest.mark.parametrize(
    ("train", "recent"),
    [
        (NORMAL, np.zeros((250, 1))),
        (NORMAL, np.full((250, 1), 50.0)),
        (np.zeros((500, 1)), np.full((250, 1), 5.0)),
        (np.zeros((500, 1)), SOME + 5.0),
        (np.zeros((500, 1)), np.full((250, 1), -1e-300)),
    ],
    ids=["froze", "froze far away", "another constant", "began to move", "just below"],
)
def test_a_feature_that_froze_or_began_to_move_has_drifted(train: np.ndarray, recent: np.ndarray) -> None:
    (found,) = feature_drift(train, recent, ["a"])
    assert found.state == "drifted"
    assert found.stability_index > 0.25


def test_the_same_constant_is_stable() -> None:
    (found,) = feature_drift(np.full((500, 1), 5.0), np.full((250, 1), 5.0), ["a"])
    assert (found.state, found.stability_index, found.distance) == ("stable", 0.0, 0.0)
    (found,) = feature_drift(np.full((500, 1), 5.0), np.full((250, 1), np.nextafter(5.0, 6.0)), ["rounded"])
    assert found.state == "stable"


def test_tied_values_have_a_bin_of_their_own() -> None:
    rng = np.random.default_rng(10)
    train = np.where(rng.random(2_000) < 0.95, 0.0, rng.random(2_000) + 1.0)
    gone = rng.random(250) + 1.0
    expected = (1e-4 - (train == 0.0).mean()) * math.log(1e-4 / (train == 0.0).mean())
    assert population_stability(train, gone) > expected > 8.0
    assert population_stability(train, np.full(250, 1e-9)) > expected
    assert population_stability(train, -gone) > expected
    again = np.where(rng.random(500) < 0.95, 0.0, rng.random(500) + 1.0)
    assert population_stability(train, again) < 0.1
    (found,) = feature_drift(train[:, None], gone[:, None], ["count"])
    assert found.state == "drifted"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"bins": 1}, "bins must be a whole number of at least 2, got 1"),
        ({"bins": 2.5}, "bins must be a whole number"),
        ({"watch": 0.3}, "watch must be at least 0 and at most `drift`, got 0.3"),
        ({"watch": -0.1}, "watch must be"),
        ({"drift": math.nan}, "watch must be"),
        ({"level": 0.0}, "level must be above 0 and below 1, got 0.0"),
        ({"level": 1.0}, "level must be"),
        ({"missing": 0.0}, "missing must be above 0 and at most 1, got 0.0"),
        ({"missing": 5}, "missing must be"),
    ],
)
def test_limits_that_are_none(more: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        DriftLimits(**more)


def test_bins_of_the_index_are_checked() -> None:
    with pytest.raises(InvalidInput, match="bins must be"):
        population_stability(NORMAL[:, 0], NORMAL[:, 0], bins=0)
