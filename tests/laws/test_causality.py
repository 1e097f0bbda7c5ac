"""The truncation law over the whole catalogue, found by discovery: f(bars[:t]) equals f(bars)[:t], bit for bit.

A column added to the catalogue is under this law without another line here.
"""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autonomous_trading.core import Bars, FloatArray
from autonomous_trading.features import ArgumentRule, CatalogueEntry, ColumnStore, catalogue
from autonomous_trading.testing.causality import LooksAhead, check_causal
from autonomous_trading.testing.markets import random_walk

ENTRIES = list(catalogue())
LONGEST = 60
BARS = random_walk(400, seed=11)


def name_of(entry: CatalogueEntry) -> str:
    return entry.name


def some_value(rule: ArgumentRule, rng: np.random.Generator) -> int | float:
    if rule.kind == "int":
        return int(rng.integers(int(rule.low), min(int(rule.high), LONGEST) + 1))
    return float(rng.uniform(max(rule.low, -4.0), min(rule.high, 4.0)))


def legal_arguments(entry: CatalogueEntry, rng: np.random.Generator) -> tuple[int | float, ...]:
    values = {rule.name: some_value(rule, rng) for rule in entry.parameters}
    if entry.name == "mavp":  # its two periods must be in order
        least, most = sorted((values["minperiod"], values["maxperiod"]))
        values |= {"minperiod": least, "maxperiod": max(most, 2)}
    return tuple(values.values())


def every_output(
    entry: CatalogueEntry,
    arguments: tuple[int | float, ...],
    inputs: Callable[[ColumnStore], tuple[FloatArray, ...] | None],
) -> Callable[[Bars], list[FloatArray]]:
    def compute(bars: Bars) -> list[FloatArray]:
        store = ColumnStore(bars)
        return [store.column(entry.name, arguments, inputs(store), out) for out in entry.outputs or ("",)]

    return compute


def required_inputs(entry: CatalogueEntry) -> Callable[[ColumnStore], tuple[FloatArray, ...] | None]:
    """Inputs for a column that cannot do without: whole numbers of bars that vary."""
    if all(each.default for each in entry.inputs):
        return lambda _: None
    return lambda store: tuple(
        store.column(each.default) if each.default else 2.0 + store.column("day_of_week") for each in entry.inputs
    )


def late_inputs(entry: CatalogueEntry) -> Callable[[ColumnStore], tuple[FloatArray, ...] | None]:
    """Inputs that are unknown on the first bars, as the output of another indicator is."""
    return lambda store: tuple(store.column("rsi", (5 + position,)) for position, _ in enumerate(entry.inputs))


@pytest.mark.parametrize("entry", ENTRIES, ids=name_of)
def test_no_column_looks_ahead(entry: CatalogueEntry) -> None:
    name = entry.signature()
    check_causal(every_output(entry, (), required_inputs(entry)), BARS, name=name)


@pytest.mark.parametrize("entry", [each for each in ENTRIES if each.parameters], ids=name_of)
def test_no_column_looks_ahead_with_other_arguments(entry: CatalogueEntry) -> None:
    rng = np.random.default_rng([ord(letter) for letter in entry.name])
    arguments = legal_arguments(entry, rng)
    check_causal(every_output(entry, arguments, required_inputs(entry)), BARS, name=f"{entry.name}{arguments}")


@pytest.mark.parametrize("entry", [each for each in ENTRIES if each.inputs], ids=name_of)
def test_no_column_looks_ahead_when_its_input_warms_up(entry: CatalogueEntry) -> None:
    check_causal(
        every_output(entry, (), late_inputs(entry)),
        BARS[:80],
        cuts=range(1, 80),
        name=f"{entry.name} of a column that warms up",
    )


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_no_column_looks_ahead_on_any_bars(data: st.DataObject) -> None:
    entry = data.draw(st.sampled_from(catalogue()))
    seed = data.draw(st.integers(0, 2**32))
    rng = np.random.default_rng(seed)
    bars = random_walk(int(rng.integers(2, 250)), seed, volatility=10.0 ** rng.uniform(-4, -1))
    cut = int(rng.integers(1, len(bars)))
    arguments = legal_arguments(entry, rng)
    check_causal(
        every_output(entry, arguments, required_inputs(entry)),
        bars,
        cuts=[cut],
        name=f"{entry.name}{arguments}",
    )


def centred(bars: Bars) -> FloatArray:
    padded = np.pad(bars.close, 2, mode="edge")
    centres: FloatArray = np.lib.stride_tricks.sliding_window_view(padded, 5).mean(axis=1)
    return centres


def scaled_by_all(bars: Bars) -> FloatArray:
    highest: float = bars.close.max()
    return bars.close / highest


def tomorrow(bars: Bars) -> FloatArray:
    return np.append(bars.close[1:], np.nan)


def unknown_until_late(bars: Bars) -> FloatArray:
    return np.where(np.arange(len(bars)) < len(bars) - 1, bars.close, np.nan)


@pytest.mark.parametrize("cheat", [centred, scaled_by_all, tomorrow, unknown_until_late])
def test_the_law_catches_what_looks_ahead(cheat: Callable[[Bars], FloatArray]) -> None:
    with pytest.raises(LooksAhead, match="cheat looks ahead: its value at row"):
        check_causal(cheat, BARS, name="cheat")
