"""What columns of charts remember where markets stand still or rise without end, and which arguments they take."""

from dataclasses import replace

import numpy as np
import pytest

from autonomous_trading.core import Bars, FloatArray, InvalidParameter
from autonomous_trading.features import ColumnStore, find, reach_of
from autonomous_trading.testing.markets import random_walk

WALK = random_walk(4_000, seed=3)
LIVELY = 1_000  # bars before it becomes strange


def going_on(growth: float, wave: float = 0.0) -> Bars:
    """A walk whose prices are from some bar on those of that bar, times growth on each, to and fro by wave."""
    rows = np.minimum(np.arange(len(WALK)), LIVELY)
    after = np.maximum(np.arange(len(WALK)) - LIVELY, 0)
    factor = growth ** after.astype(np.float64) * np.where(after % 2 == 1, 1.0 + wave, 1.0)
    prices = {each: getattr(WALK, each)[rows] * factor for each in ("open", "high", "low", "close")}
    return replace(WALK, volume=WALK.volume[rows], **prices)


STRANGE = {"still": going_on(1.0), "rising": going_on(1.02), "falling": going_on(0.98), "waving": going_on(1.0, 1e-4)}


def last_values(bars: Bars, name: str, arguments: tuple[float, ...]) -> FloatArray:
    store = ColumnStore(bars)
    return np.array([store.column(name, arguments, None, each)[-1] for each in find(name).outputs or ("",)])


@pytest.mark.parametrize("market", STRANGE)
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("fractal_chaos_bands", (2,)),
        ("gann_hilo", (3,)),
        ("gann_hilo", (50,)),
    ],
)
def test_a_declared_memory_is_a_bound_on_strange_markets(market: str, name: str, arguments: tuple[float, ...]) -> None:
    memory = reach_of(name, arguments).memory
    assert memory is not None
    for end in (LIVELY + 5, LIVELY + 90, LIVELY + 150, LIVELY + 300, LIVELY + 700, len(WALK)):
        bars = STRANGE[market][:end]
        part = last_values(bars[max(0, end - memory - 1) :], name, arguments)
        np.testing.assert_allclose(part, last_values(bars, name, arguments), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", ["connors_rsi", "mcginley_dynamic", "vidya", "klinger", "reflex", "trendflex"])
def test_what_no_number_of_bars_bounds_says_so(name: str) -> None:
    assert find(name).memory is None


@pytest.mark.parametrize(("name", "market"), [("gann_hilo", "still"), ("fractal_chaos_bands", "still")])
def test_an_event_that_is_too_long_ago_is_not_known(name: str, market: str) -> None:
    assert np.isnan(last_values(STRANGE[market], name, ())).all()


@pytest.mark.parametrize(
    ("name", "arguments"), [("connors_rsi", (3, 2, 1)), ("return_rank", (1, 1)), ("qqe", (100_000,))]
)
def test_what_talib_would_refuse_is_out_of_range(name: str, arguments: tuple[float, ...]) -> None:
    with pytest.raises(InvalidParameter, match=f"{name}: .* must lie in"):
        ColumnStore(WALK).column(name, arguments, None, (find(name).outputs or ("",))[0])


@pytest.mark.parametrize(
    ("name", "arguments"), [("connors_rsi", (2, 2, 2)), ("return_rank", (1, 2)), ("qqe", (50_000,))]
)
def test_the_ends_of_their_ranges_are_taken(name: str, arguments: tuple[float, ...]) -> None:
    found = ColumnStore(WALK).column(name, arguments, None, (find(name).outputs or ("",))[0])
    assert len(found) == len(WALK)


def test_a_ribbon_of_equal_averages_is_in_the_middle() -> None:
    flat = ColumnStore(WALK).column("moving_average_ribbon", (3, 60, 12), (np.full(4_000, 0.1),))
    assert np.isnan(flat[:59]).all()
    assert (flat[59:] == 0.5).all()
    with pytest.raises(InvalidParameter, match="one average and no ribbon"):
        ColumnStore(WALK).column("moving_average_ribbon", (20, 20, 5))
