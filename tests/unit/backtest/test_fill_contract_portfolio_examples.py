"""Hand-worked examples of the fill contract: several instruments on one account (F8).

Every example starts with 1,000 of cash; a bar written as one number stands still at that price.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import nan

import pytest

from tests.twins.engines import PORTFOLIO_ENGINES, PortfolioEngine, about, market
from tests.twins.records import TwinCosts, TwinExits, TwinMarket, TwinPortfolioResult, TwinRun

pytestmark = pytest.mark.parametrize("engine", PORTFOLIO_ENGINES.values(), ids=PORTFOLIO_ENGINES)


def play_all(
    engine: PortfolioEngine,
    books: Sequence[tuple[TwinMarket, Sequence[float]]],
    *,
    missing: Sequence[tuple[int, int]] = (),
    costs: TwinCosts | None = None,
    exits: TwinExits | None = None,
    run: TwinRun | None = None,
) -> TwinPortfolioResult:
    """Run (market, target) pairs on one account; `missing` lists (instrument, bar) without a bar."""
    n = len(books[0][1])
    present = [[(i, t) not in missing for t in range(n)] for i in range(len(books))]
    markets = [book[0] for book in books]
    targets = [list(book[1]) for book in books]
    settings = (costs or TwinCosts(), exits or TwinExits(), run or TwinRun(stop=n))
    return engine(markets, present, targets, *settings)


class TestF8SharedAccount:
    def test_every_order_reads_the_one_equity_again(self, engine: PortfolioEngine) -> None:
        # Prices paid are 1.25 times the reference. First: 0.5 x 1,000 / 12.5 = 40 units, cash 500.
        # They are marked at their reference of 10, so equity is 900: 0.5 x 900 / 25 = 18 units, cash 50.
        books = [(market(10, 10), (0.5, 0.5)), (market(20, 20), (0.5, 0.5))]
        result = play_all(engine, books, costs=TwinCosts(slippage=0.25))
        assert result.units == [about([0, 40]), about([0, 18])]
        assert result.cash == about([1000, 50])
        assert result.equity == about([1000, 50 + 400 + 360])
        assert [trade.instrument for trade in result.trades] == [0, 1]

    def test_sells_come_before_buys(self, engine: PortfolioEngine) -> None:
        # Bar 1: the second buys 100 at 10, fee 10: cash -10.
        # Bar 2: the second sells 100, fee 10: cash 980; only then the first buys 98, fee 10: cash -10.
        books = [(market(10, 10, 10), (0, 1, 1)), (market(10, 10, 10), (1, 0, 0))]
        result = play_all(engine, books, costs=TwinCosts(minimum=10))
        assert result.units == [about([0, 0, 98]), about([0, 100, 0])]
        assert result.cash == about([1000, -10, -10])
        assert result.equity == about([1000, 990, 970])

    def test_buying_back_a_short_is_a_buy(self, engine: PortfolioEngine) -> None:
        # Bar 1: the first sells 100 at 10, fee 10: cash 1,990, equity 990.
        # Bar 2: the second is told to sell, the first to buy back: the sale is first, sized from 990:
        # 99 units, fee 10: cash 2,970; then 100 bought back, fee 10: cash 1,960; equity 1,960 - 990 = 970.
        books = [(market(10, 10, 10), (-1, 0, 0)), (market(10, 10, 10), (0, -1, -1))]
        result = play_all(engine, books, costs=TwinCosts(minimum=10))
        assert result.units == [about([0, -100, 0]), about([0, 0, -99])]
        assert result.equity == about([1000, 990, 970])

    def test_exits_come_after_all_orders(self, engine: PortfolioEngine) -> None:
        # Bar 2: the second buys 0.5 x 1,000 / 10 = 50 at the open, while the first (5 units of 100) is still
        # worth its open; then the first is stopped at 75: cash 500 - 500 + 375.
        books = [
            (market(100, 100, (100, 100, 70, 100)), (0.5, 0.5, 0.5)),
            (market(10, 10, 10), (0, 0.5, 0.5)),
        ]
        result = play_all(engine, books, exits=TwinExits(stop_loss=0.25))
        assert result.units == [about([0, 5, 0]), about([0, 0, 50])]
        assert result.cash == about([1000, 500, 375])
        assert result.equity == about([1000, 1000, 875])

    def test_ruin_closes_every_position(self, engine: PortfolioEngine) -> None:
        # Leverage 4: 20 at 100 and 200 at 10 for 4,000: cash -3,000. Both fall by 40 %: 2,400 - 3,000 = -600.
        books = [(market(100, 100, 60, 200), (2,) * 4), (market(10, 10, 6, 20), (2,) * 4)]
        result = play_all(engine, books, run=TwinRun(stop=4, leverage=4))
        assert result.ruined
        assert result.equity == about([1000, 1000, -600, -600])
        assert result.units == [about([0, 20, 0, 0]), about([0, 200, 0, 0])]
        assert [(trade.instrument, trade.reason) for trade in result.trades] == [(0, "ruin"), (1, "ruin")]

    def test_financing_is_summed_over_positions(self, engine: PortfolioEngine) -> None:
        # Long 50 at 10 and short 50 at 10, cash 1,000. Borrow 500 x 0.001 = 0.5; funding 1 % of 500 = 5 paid
        # by the long, 2 % of 500 = 10 received by the short; interest on min(1,000, 1,000) = 1.
        books = [
            (market(10, 10, 10, funding=0.01), (0.5, 0.5, 0.5)),
            (market(10, 10, 10, funding=0.02), (-0.5, -0.5, -0.5)),
        ]
        result = play_all(engine, books, costs=TwinCosts(borrow_rate=0.365))
        assert result.cash == about([1000, 1000, 1000 - 0.5 - 5 + 10])
        assert result.financing == about(4.5)


class TestF8MissingBars:
    def test_a_changed_target_waits_for_the_next_bar(self, engine: PortfolioEngine) -> None:
        # The second has no bar 1: its target 0.5 of bar 0 is executed at bar 2, although bar 1 says NaN.
        books = [(market(10, 10, 10), (0, 0, 0)), (market(10, nan, 20), (0.5, nan, nan))]
        result = play_all(engine, books, missing=[(1, 1)])
        assert result.units[1] == about([0, 0, 25])
        assert (result.signals, result.fills) == (1, 1)

    def test_it_is_marked_at_its_last_close(self, engine: PortfolioEngine) -> None:
        # 50 at 10, last seen at 12: 500 + 600 while it is away.
        away = market(10, (10, 12, 10, 12), nan, 20)
        books = [(market(10, 10, 10, 10), (0,) * 4), (away, (0.5,) * 4)]
        result = play_all(engine, books, missing=[(1, 2)])
        assert result.equity == about([1000, 1100, 1100, 1500])

    def test_without_a_bar_there_is_no_funding(self, engine: PortfolioEngine) -> None:
        # Bar 3: 1 % of 50 x 10; bar 2 does not exist for it. Borrow and interest go by the calendar instead.
        away = market(10, 10, nan, 10, funding=0.01)
        books = [(market(10, 10, 10, 10), (0,) * 4), (away, (0.5,) * 4)]
        result = play_all(engine, books, missing=[(1, 2)])
        assert result.cash == about([1000, 500, 500, 495])

    def test_its_exits_wait_too(self, engine: PortfolioEngine) -> None:
        # Held for one bar, but bar 2 is missing: sold at the open of bar 3.
        books = [(market(10, 10, 10, 10), (0,) * 4), (market(10, 10, nan, 20), (0.5,) * 4)]
        result = play_all(engine, books, missing=[(1, 2)], exits=TwinExits(max_bars_held=1))
        (trade,) = result.trades
        assert (trade.instrument, trade.reason, trade.exit_bar) == (1, "time_stop", 3)
        assert trade.exit_price == about(20)

    def test_the_order_of_another_sees_its_last_close(self, engine: PortfolioEngine) -> None:
        # Bar 2: cash 500, the absent one worth 50 x 12 = 600: 0.5 x 1,100 / 10 = 55 units.
        away = market(10, (10, 12, 10, 12), nan)
        books = [(market(10, 10, 10), (0, 0.5, 0.5)), (away, (0.5,) * 3)]
        result = play_all(engine, books, missing=[(1, 2)])
        assert result.units == [about([0, 0, 55]), about([0, 50, 50])]
