"""Exits that change between two parts of a run hold from then on as if they had always been what they are now."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from autonomous_trading.backtest import Request, RunResult, RunState, SetOptions
from autonomous_trading.core import BoolArray, FloatArray
from tests.laws.test_kernel_laws import Crowd, crowds, same_bits

EXITS = ("stop_loss", "take_profit", "trailing_stop", "max_bars_held")


def without_cap(crowd: Crowd) -> Crowd:
    """The same sets with no cap on participation: an exit that it cuts to nothing was touched and leaves no trace."""
    costs = replace(crowd.simulator.costs, participation=None)
    return replace(crowd, simulator=replace(crowd.simulator, costs=costs))


def without_exits(options: SetOptions) -> SetOptions:
    return replace(options, **{name: np.full(len(options.leverage), np.nan) for name in EXITS})


def run(crowd: Crowd, options: SetOptions, span: tuple[int, int], state: RunState | None = None) -> RunResult:
    return crowd.simulator.run(crowd.programs, options, *span, request=Request(curves=True), state=state)


def path(result: RunResult) -> FloatArray:
    """Equity, cash and units after every bar: [n_sets, numbers, bars]."""
    assert result.curves is not None
    curves = [getattr(result.curves, each.name) for each in fields(result.curves)]
    return np.concatenate([each if each.ndim == 3 else each[:, None] for each in curves], axis=1)


def ever_increased(result: RunResult) -> BoolArray:
    """Sets that added to an open position: what a trail was before that hangs from an average that is gone."""
    assert result.curves is not None
    before, now = result.curves.units[..., :-1], result.curves.units[..., 1:]
    return np.asarray(((before * now > 0.0) & (np.abs(now) > np.abs(before))).any(axis=(1, 2)))


@given(crowds().map(without_cap), st.data())
def test_exits_set_later_are_as_if_they_had_always_been(crowd: Crowd, data: st.DataObject) -> None:
    """Of the sets whose exits were not touched before they were set."""
    assume(crowd.stop - crowd.start > 1)
    cut = data.draw(st.integers(crowd.start + 1, crowd.stop - 1))
    whole = run(crowd, crowd.options, (crowd.start, crowd.stop))
    first = run(crowd, without_exits(crowd.options), (crowd.start, cut))
    second = run(crowd, crowd.options, (cut, crowd.stop), first.state)
    expected = path(whole)
    before, after = expected[..., : cut - crowd.start], expected[..., cut - crowd.start :]
    untouched = (path(first) == before).all(axis=(1, 2)) & ~ever_increased(first)
    assert same_bits(path(second)[untouched], after[untouched])


@given(crowds().map(without_cap), st.data())
def test_exits_taken_away_are_as_if_they_had_never_been(crowd: Crowd, data: st.DataObject) -> None:
    """Of the sets whose exits were not touched before they were taken away."""
    assume(crowd.stop - crowd.start > 1)
    cut = data.draw(st.integers(crowd.start + 1, crowd.stop - 1))
    whole = run(crowd, without_exits(crowd.options), (crowd.start, crowd.stop))
    first = run(crowd, crowd.options, (crowd.start, cut))
    second = run(crowd, without_exits(crowd.options), (cut, crowd.stop), first.state)
    expected = path(whole)
    before, after = expected[..., : cut - crowd.start], expected[..., cut - crowd.start :]
    untouched = (path(first) == before).all(axis=(1, 2))
    assert same_bits(path(second)[untouched], after[untouched])
