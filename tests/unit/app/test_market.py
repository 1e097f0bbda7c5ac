"""One instrument or several on one clock, with the columns that costs and exits need."""

from __future__ import annotations

import numpy as np
import pytest

from autonomous_trading.app import Market
from autonomous_trading.backtest import Costs, Execution, Exits
from autonomous_trading.core import Bars, InvalidBars, Panel
from tests.small_strategies import bars

A, B = bars(seed=1), bars(seed=2)[50:200]


def test_one_instrument_is_its_own_clock() -> None:
    market = Market.of(A)
    assert market.bars is A
    assert market.symbols == (A.symbol,)
    assert market.one_clock
    assert market.n_bars == 300
    np.testing.assert_array_equal(market.on_clock(0, A.close), A.close)
    assert market.notes == ()


def test_one_instrument_in_a_mapping_keeps_the_name_it_was_given() -> None:
    market = Market.of({"X": A}, ("assumed",))
    assert market.symbols == ("X",)
    assert isinstance(market.bars, Bars)
    np.testing.assert_array_equal(market.bars.close, A.close)
    assert market.notes == ("assumed",)


def test_several_instruments_share_the_union_of_their_times() -> None:
    market = Market.of({"X": A, "Y": B})
    assert isinstance(market.bars, Panel)
    assert market.symbols == ("X", "Y")
    assert not market.one_clock
    on = market.on_clock(1, B.close)
    assert np.isnan(on[:50]).all()
    assert np.isnan(on[200:]).all()
    np.testing.assert_array_equal(on[50:200], B.close)
    assert Market.of({"X": A, "Y": A}).one_clock


def test_no_instruments_are_refused() -> None:
    with pytest.raises(InvalidBars, match=r"at least one instrument"):
        Market.of({})


def test_the_simulator_gets_the_columns_that_costs_and_exits_need() -> None:
    market = Market.of({"X": A, "Y": B})
    plain = market.simulator(Costs(), Exits(), Execution())
    assert plain.atr is None
    assert plain.sigma is None
    for costs, exits in (
        (Costs(slippage_atr=0.1), Exits()),
        (Costs(), Exits(stop_loss=2.0, unit="atr", atr_window=10)),
    ):
        atr = market.simulator(costs, exits, Execution()).atr
        assert atr is not None
        first = market.instruments[0].store.column("atr", (exits.atr_window,))
        second = market.instruments[1].store.column("atr", (exits.atr_window,))
        np.testing.assert_array_equal(atr[0], first)
        np.testing.assert_array_equal(atr[1, 50:200], second)
        assert np.isnan(atr[1, :50]).all()
        assert (atr[1, 200:] == second[-1]).all(), "the last known range is carried over bars that are not there"
    sigma = market.simulator(Costs(impact=0.5), Exits(), Execution()).sigma
    assert sigma is not None
    returns = A.close[1:] / A.close[:-1] - 1.0
    assert sigma[0, 250] == pytest.approx(returns[230:250].std())
