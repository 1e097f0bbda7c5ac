"""Models of paths: what every one of them keeps of the record, found by looking for all of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from autonomous_trading.core import FloatArray, InvalidInput
from autonomous_trading.validation import BlockBootstrap, GarchPaths, PathModel, RegimePaths
from autonomous_trading.validation._regime_probabilities import two_state_passes

MODELS = [made for made in PathModel.__subclasses__() if made.__module__.startswith("autonomous_trading.")]


def garch_returns(n: int = 2_500, seed: int = 3) -> FloatArray:
    """Returns with clusters of volatility: GARCH with alpha 0.08, beta 0.9, and 1 % a day on average."""
    rng = np.random.default_rng(seed)
    shocks, variance, found = rng.standard_t(6, n) / np.sqrt(1.5), 1.0, np.empty(n)
    for t in range(n):
        found[t] = np.sqrt(variance) * shocks[t]
        variance = 0.02 + 0.08 * found[t] ** 2 + 0.9 * variance
    return found / 100.0 + 0.0003


@pytest.fixture(scope="module")
def record() -> FloatArray:
    return garch_returns()


def memory_of_squares(paths: FloatArray) -> float:
    """Mean correlation of squared returns with those a day before."""
    squares = paths**2
    return float(np.mean([np.corrcoef(each[1:], each[:-1])[0, 1] for each in squares]))


def test_all_of_them_are_looked_at() -> None:
    assert set(MODELS) >= {BlockBootstrap, GarchPaths, RegimePaths}


@pytest.mark.parametrize("make", MODELS, ids=lambda made: made.__name__)
def test_paths_look_like_the_record(make: Callable[[FloatArray], PathModel], record: FloatArray) -> None:
    model = make(record)
    paths = model.draw(300, 1_000, np.random.default_rng(0))
    assert paths.shape == (300, 1_000)
    assert bool(np.all(paths >= -1.0))
    error = float(paths.mean(axis=1).std()) / np.sqrt(300)
    assert float(paths.mean()) == pytest.approx(float(record.mean()), abs=5.0 * error + 2e-5)
    assert float(paths.std()) == pytest.approx(float(record.std()), rel=0.1)
    assert memory_of_squares(paths) > 0.05  # shuffled returns have none


@pytest.mark.parametrize("make", MODELS, ids=lambda made: made.__name__)
def test_the_same_generator_gives_the_same_paths(make: Callable[[FloatArray], PathModel], record: FloatArray) -> None:
    model = make(record)
    first, again, other = (model.draw(3, 50, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert not np.array_equal(first[0], first[1])


@pytest.mark.parametrize("make", MODELS, ids=lambda made: made.__name__)
def test_what_holds_nothing_to_learn_is_refused(make: Callable[[FloatArray], PathModel]) -> None:
    for returns, message in ((np.zeros(3), "finite returns or more"), (np.zeros(500), "never change")):
        with pytest.raises(InvalidInput, match=message):
            make(returns)
    with pytest.raises(InvalidInput, match="finite returns"):
        make(np.full(500, np.nan))


def test_regimes_that_were_planted_are_found() -> None:
    rng = np.random.default_rng(5)
    regime = np.zeros(6_000, dtype=int)
    for t in range(1, 6_000):
        regime[t] = regime[t - 1] if rng.random() < (0.99, 0.97)[regime[t - 1]] else 1 - regime[t - 1]
    returns = np.array([0.0008, -0.001])[regime] + np.array([0.006, 0.02])[regime] * rng.standard_normal(6_000)
    found = RegimePaths(returns)
    assert found.deviations == pytest.approx([0.006, 0.02], rel=0.06)
    assert found.stays == pytest.approx([0.99, 0.97], abs=0.012)
    assert found.means == pytest.approx([0.0008, -0.001], abs=0.0012)


def test_the_parameters_of_a_garch_are_found(record: FloatArray) -> None:
    found = GarchPaths(record)
    assert found.alpha == pytest.approx(0.08, abs=0.04)
    assert 0.85 < found.beta < 0.95


def test_returns_without_clusters_get_none() -> None:
    returns = np.random.default_rng(0).normal(0.0, 0.01, 2_000)
    paths = GarchPaths(returns).draw(100, 500, np.random.default_rng(1))
    assert abs(memory_of_squares(paths)) < 0.05


def passes_by_hand(density: FloatArray, chain: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Forward, backward and scale, one small product of matrices after the other."""
    n = len(density)
    forward, scale = np.empty((n, 2)), np.empty(n)
    here = np.array([0.5, 0.5]) * density[0]
    for t in range(n):
        if t:
            here = (here @ chain) * density[t]
        scale[t] = here.sum()
        here = here / scale[t]
        forward[t] = here
    backward = np.ones((n, 2))
    for t in range(n - 2, -1, -1):
        backward[t] = chain @ (density[t + 1] * backward[t + 1]) / scale[t + 1]
    return forward, backward, scale


def test_the_compiled_passes_are_those_of_their_twin() -> None:
    rng = np.random.default_rng(0)
    density = rng.random((50, 2)) ** 3
    chain = np.array([[0.9, 0.1], [0.3, 0.7]])
    found = np.empty((50, 2)), np.empty((50, 2)), np.empty(50)
    two_state_passes(density, chain, *found)
    for values, expected in zip(found, passes_by_hand(density, chain), strict=True):
        np.testing.assert_allclose(values, expected, rtol=1e-12)


def test_the_passes_give_the_probabilities_of_the_umbrella_world() -> None:
    """Two rainy days with an umbrella each: filtered .8182 and .8834, smoothed .8834 (Russell and Norvig)."""
    density = np.array([[0.9, 0.2], [0.9, 0.2]])
    forward, backward, scale = np.empty((2, 2)), np.empty((2, 2)), np.empty(2)
    two_state_passes(density, np.array([[0.7, 0.3], [0.3, 0.7]]), forward, backward, scale)
    assert forward[:, 0] == pytest.approx([0.8181818, 0.8833570], abs=1e-7)
    assert (forward * backward)[0, 0] == pytest.approx(0.8833570, abs=1e-7)
