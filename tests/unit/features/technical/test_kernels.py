"""The recursions of charts give what their plain twins give, also where values are missing."""

import numpy as np
import pytest

from autonomous_trading.core import FloatArray
from autonomous_trading.features.kernels import _technical as kernels
from tests.twins import technical as twins

SEEDS = range(6)


def walk(seed: int, *, ticks: bool = False) -> FloatArray:
    """Prices with holes; in ticks, equal prices are common."""
    rng = np.random.default_rng(seed)
    values = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.03, 300)))
    values = np.round(values) if ticks else values
    values[rng.random(300) < 0.03] = np.nan
    values[: seed % 3] = np.nan
    return values


def agree(found: FloatArray, expected: list[float]) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_averages(seed: int) -> None:
    values, out = walk(seed), np.empty(300)
    weights = np.random.default_rng(seed).random(300)
    weights[::17] = np.nan
    kernels.adaptive_average(values, weights, out)
    agree(out, twins.adaptive_average(values.tolist(), weights.tolist()))
    kernels.limited_average(np.sin(values), 0.66, 0.67, 0.9, out)
    agree(out, twins.limited_average(np.sin(values).tolist(), 0.66, 0.67, 0.9))
    kernels.mcginley_average(values, 8.0, out)
    agree(out, twins.mcginley_average(values.tolist(), 8.0))
    crashing = np.where(np.arange(300) % 50 > 40, values / 10.0, values)
    kernels.mcginley_average(crashing, 8.0, out)
    agree(out, twins.mcginley_average(crashing.tolist(), 8.0))


@pytest.mark.parametrize("seed", SEEDS)
def test_sums_that_start_again(seed: int) -> None:
    values, out = walk(seed), np.empty(300)
    resets = (np.random.default_rng(seed).random(300) < 0.1).astype(np.float64)
    kernels.reset_sums(values, resets, out)
    agree(out, twins.reset_sums(values.tolist(), resets.tolist()))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("period", [1, 2, 7, 60])
def test_bars_since_the_highest(seed: int, period: int) -> None:
    values, out = walk(seed, ticks=True), np.empty(300)
    kernels.bars_since_highest(values, period, np.empty(300, dtype=np.int64), out)
    agree(out, twins.bars_since_highest(values.tolist(), period))


@pytest.mark.parametrize("seed", SEEDS)
def test_stops(seed: int) -> None:
    values, stop, side = walk(seed), np.empty(300), np.empty(300)
    width = 2.0 + np.random.default_rng(seed).random(300)
    kernels.trailing_stop(values, values - width, values + width, stop, side)
    expected = twins.trailing_stop(values.tolist(), (values - width).tolist(), (values + width).tolist())
    agree(stop, expected[0])
    agree(side, expected[1])
    assert set(side[~np.isnan(side)]) == {1.0, -1.0}
