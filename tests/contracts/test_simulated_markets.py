"""What every market with known truth promises: a seed decides everything, the past does not depend on the length."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from autonomous_trading.core import Bars, InvalidInput
from autonomous_trading.testing import markets
from autonomous_trading.testing.markets import MARKETS, MarketLaw, OrderFlow, SimulatedMarket, random_walk

N = 120
each_law = pytest.mark.parametrize("law", MARKETS.values(), ids=lambda each: each.name)


def ids(market: SimulatedMarket[Any]) -> dict[str, str]:
    return {symbol: bars.content_id for symbol, bars in market.instruments.items()}


def arrays(record: Any) -> dict[str, npt.NDArray[Any]]:
    found: dict[str, npt.NDArray[Any]] = {}
    for field in fields(record):
        value = getattr(record, field.name)
        if isinstance(value, OrderFlow):
            found |= {f"published.{name}": each for name, each in arrays(value).items()}
        elif isinstance(value, np.ndarray):
            found[field.name] = value
    return found


@each_law
def test_the_same_seed_gives_the_same_bits_and_another_one_others(law: MarketLaw) -> None:
    first, again, other = law.make(N, 7), law.make(N, 7), law.make(N, 8)
    assert ids(first) == ids(again)
    assert all(one != ids(other)[symbol] for symbol, one in ids(first).items())
    kept = arrays(again.truth)
    assert all(np.array_equal(values, kept[name]) for name, values in arrays(first.truth).items())


@each_law
@pytest.mark.parametrize("length", [1, 17, 60])
def test_the_first_bars_do_not_depend_on_how_many_are_asked_for(law: MarketLaw, length: int) -> None:
    whole, part = law.make(N, 3), law.make(length, 3)
    for symbol, bars in part.instruments.items():
        assert whole.instruments[symbol][: len(bars)].content_id == bars.content_id


@each_law
def test_truth_is_closed_for_writing_and_says_where_it_comes_from(law: MarketLaw) -> None:
    market = law.make(N, 3)
    for name, values in arrays(market.truth).items():
        assert not values.flags.writeable, name
    assert market.law == law.name
    assert market.seed == 3
    assert market.parameters


@each_law
def test_bars_are_what_every_door_takes(law: MarketLaw) -> None:
    market = law.make(N, 3)
    if len(market.instruments) == 1:
        assert isinstance(market.bars, Bars)
        assert market.bars is market.single
        return
    assert market.bars == dict(market.instruments)
    assert all(symbol == bars.symbol for symbol, bars in market.instruments.items())
    with pytest.raises(InvalidInput, match=rf"{law.name} has {len(market.instruments)} instruments. Fix: choose one"):
        _ = market.single


@each_law
def test_the_range_of_a_bar_holds_more_than_its_ends(law: MarketLaw) -> None:
    for bars in law.make(N, 3).instruments.values():
        assert (bars.high >= np.maximum(bars.open, bars.close)).all()
        assert (bars.low <= np.minimum(bars.open, bars.close)).all()
        assert (bars.volume > 0.0).all()


def test_laws_are_named_and_said_in_a_sentence() -> None:
    assert len(MARKETS) == 8
    assert all(name == law.name for name, law in MARKETS.items())
    assert len({law.what for law in MARKETS.values()}) == len(MARKETS)


def test_every_market_with_truth_is_in_the_catalogue() -> None:
    faces = {name: getattr(markets, name) for name in markets.__all__}
    gives = {name: getattr(each, "__annotations__", {}).get("return", "") for name, each in faces.items()}
    made = {name for name, kind in gives.items() if "SimulatedMarket[" in str(kind)}
    assert made == set(MARKETS)


def test_the_plain_markets_have_the_bits_they_always_had() -> None:
    assert random_walk(50, 7).content_id == "c57c72ee8e1d6fd7"
