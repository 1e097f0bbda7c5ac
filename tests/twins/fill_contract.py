"""The fill contract, version 1, as a slow loop that reads like its text; written from the text alone.

Nothing here is fast, shared with or derived from the engine: where the two differ, one of them is wrong.
"""

from __future__ import annotations

import math

from tests.twins.position import OpenTrade, Position, Rest, find_exit, sign
from tests.twins.prices import allowed_size, column, fee, impact, price_before_impact
from tests.twins.records import (
    DAY_NS,
    YEAR_NS,
    TwinCosts,
    TwinExits,
    TwinMarket,
    TwinPortfolioResult,
    TwinResult,
    TwinRun,
    TwinTrade,
)

__all__ = [
    "DAY_NS",
    "TwinCosts",
    "TwinExits",
    "TwinMarket",
    "TwinPortfolioResult",
    "TwinResult",
    "TwinRun",
    "TwinTrade",
    "simulate_twin",
    "simulate_twin_portfolio",
]


def simulate_twin(
    market: TwinMarket, target: list[float], costs: TwinCosts, exits: TwinExits, run: TwinRun
) -> TwinResult:
    """What would have happened to one instrument traded toward `target` (NaN = hold)."""
    everywhere = [True] * len(market.time)
    whole = simulate_twin_portfolio([market], [everywhere], [target], costs, exits, run)
    return TwinResult(**{**vars(whole), "units": whole.units[0]})


def simulate_twin_portfolio(
    markets: list[TwinMarket],
    present: list[list[bool]],
    targets: list[list[float]],
    costs: TwinCosts,
    exits: TwinExits,
    run: TwinRun,
) -> TwinPortfolioResult:
    """The same for several instruments on one cash account; lists are [instrument][bar]."""
    account = _Account(markets, present, targets, costs, exits, run)
    for t in range(run.start, run.stop):
        account.live_through(t)
    return account.answer()


class _Account:
    def __init__(
        self,
        markets: list[TwinMarket],
        present: list[list[bool]],
        targets: list[list[float]],
        costs: TwinCosts,
        exits: TwinExits,
        run: TwinRun,
    ) -> None:
        self.markets, self.present, self.targets = markets, present, targets
        self.costs, self.exits, self.run = costs, exits, run
        self.instruments = range(len(markets))
        self.positions = [Position() for _ in markets]
        self.last_close = [math.nan for _ in markets]
        self.money = run.initial_cash
        self.equity: list[float] = []
        self.cash: list[float] = []
        self.units: list[list[float]] = [[] for _ in markets]
        self.trades: list[TwinTrade] = []
        self.costs_paid = self.turnover = self.financing = 0.0
        self.fills = self.signals = self.cuts = 0
        self.ruined = False

    # F6: the order of things inside a bar -------------------------------------------------------

    def live_through(self, t: int) -> None:
        if not self.ruined:
            if t > self.run.start:
                self.pay_financing(t)
            if self.run.fill == "open":
                self.work_on_targets(t)
                self.test_exits(t)
            else:
                self.test_exits(t)
                self.work_on_targets(t)
        self.mark(t)
        self.raise_trails(t)

    # F4: financing of the position, cash and equity of the last close ---------------------------

    def pay_financing(self, t: int) -> None:
        costs, time = self.costs, self.markets[0].time
        years = (time[t] - time[t - 1]) / YEAR_NS
        received = 0.0
        for i in self.instruments:
            units = self.positions[i].units
            if units == 0:
                continue
            value = units * self.last_close[i]
            if units < 0:
                received -= abs(value) * costs.borrow_rate * years
            if self.present[i][t]:
                received -= value * self.markets[i].funding[t]
        received += max(0.0, min(self.money, self.equity[-1])) * costs.cash_rate * years
        received -= max(0.0, -self.money) * costs.leverage_rate * years
        self.money += received
        self.financing += received

    # F1, F2, F8: target orders ------------------------------------------------------------------

    def work_on_targets(self, t: int) -> None:
        for i in self.instruments:
            self.hear(i, t)
        due = [i for i in self.instruments if self.present[i][t] and self.has_order(i, t)]
        directions = {i: self.direction(i, t) for i in due}  # from the account before any order of this bar
        sells = [i for i in due if directions[i] < 0]
        buys = [i for i in due if directions[i] >= 0]
        for i in sells + buys:
            self.work_on_target(i, t)

    def hear(self, i: int, t: int) -> None:
        """Take note of the decision for bar t: only a change counts, NaN is no opinion."""
        decided = t if self.run.fill == "same_close" else t - 1
        target = self.targets[i][decided] if decided >= 0 else math.nan
        position = self.positions[i]
        if math.isnan(target) or target == position.last_target:
            return
        limit = self.run.leverage
        wanted = target * self.run.scale
        position.last_target = target
        position.exposure = max(-limit, min(limit, wanted))
        position.cut = position.exposure != wanted
        position.waiting = True

    def has_order(self, i: int, t: int) -> bool:
        position = self.positions[i]
        if position.waiting:
            return True
        if position.rest is not None:
            return position.rest.since < t
        return self.drifted(i)

    def drifted(self, i: int) -> bool:
        """The exposure at the last close has left the rebalance band."""
        position, band = self.positions[i], self.run.rebalance_band
        if band is None or position.units == 0:
            return False
        exposure = position.units * self.last_close[i] / self.equity[-1]
        return abs(exposure - position.exposure) > band

    def direction(self, i: int, t: int) -> int:
        position = self.positions[i]
        if position.rest is not None and not position.waiting:
            return sign(position.rest.goal - position.units)
        if self.must_close_first(position):
            return sign(-position.units)
        p0 = self.reference(i, t)
        equity = self.money + self.others(i, t) + position.units * p0
        return sign(position.exposure * equity / p0 - position.units)

    def work_on_target(self, i: int, t: int) -> None:
        position = self.positions[i]
        if position.waiting:
            position.waiting = False
            position.rest = None
            self.signals += 1
            self.cuts += 1 if position.cut else 0
            self.order_toward(i, t)
        elif position.rest is not None:
            self.work_on_rest(i, t, position.rest)
        else:
            self.order_toward(i, t)

    def must_close_first(self, position: Position) -> bool:
        return position.exposure == 0 or position.units * position.exposure < 0

    def order_toward(self, i: int, t: int) -> None:
        position = self.positions[i]
        if not self.must_close_first(position):
            self.size(i, t)
            return
        opens_after = position.exposure != 0
        if position.units != 0:
            self.market_order(i, t, -position.units, p0=self.reference(i, t), decided=self.decided(t))
        if position.units != 0:
            position.rest = Rest(0.0, "signal", since=t, then_open=opens_after)
        elif opens_after:
            self.size(i, t)

    def work_on_rest(self, i: int, t: int, rest: Rest) -> None:
        position = self.positions[i]
        whole = self.market_order(
            i,
            t,
            rest.goal - position.units,
            p0=self.reference(i, t),
            decided=self.decided(t),
            reason=rest.reason,
        )
        if not whole:
            return
        position.rest = None
        if rest.then_open:
            self.size(i, t)

    def size(self, i: int, t: int) -> None:
        """Open, increase or reduce to the wanted share of equity, marked at the price before impact."""
        position, p0 = self.positions[i], self.reference(i, t)
        own = self.money + self.others(i, t)
        desired0 = position.exposure * (own + position.units * p0) / p0
        s = sign(desired0 - position.units)
        pb = price_before_impact(self.markets[i], self.costs, t=t, p0=p0, s=s, decided=self.decided(t))
        if s == 0 or pb <= 0 or own + position.units * pb <= 0:
            return
        q = position.exposure * (own + position.units * pb) / pb - position.units
        if q * s <= 0:
            return
        goal = position.units + q
        if not self.market_order(i, t, q, p0=p0, decided=self.decided(t)):
            position.rest = Rest(goal, "signal", since=t)

    def decided(self, t: int) -> int:
        """Index of the columns known when an order filled at bar t was decided."""
        return t if self.run.fill == "same_close" else t - 1

    def reference(self, i: int, t: int) -> float:
        if not self.present[i][t]:
            return self.last_close[i]
        return self.markets[i].open[t] if self.run.fill == "open" else self.markets[i].close[t]

    def others(self, i: int, t: int) -> float:
        """Value of the other instruments at their reference prices."""
        held = [j for j in self.instruments if j != i and self.positions[j].units != 0]
        return sum((self.positions[j].units * self.reference(j, t) for j in held), 0.0)

    # F3: costs ----------------------------------------------------------------------------------

    def market_order(self, i: int, t: int, q: float, *, p0: float, decided: int, reason: str = "signal") -> bool:
        """Fill as much of `q` as the participation cap allows; True when all of it was filled."""
        s, market = sign(q), self.markets[i]
        size = allowed_size(market, self.costs, t=t, q=q)
        if size > 0:
            price = price_before_impact(market, self.costs, t=t, p0=p0, s=s, decided=decided)
            price += s * p0 * impact(market, self.costs, t=t, size=size, decided=decided)
            self.fill(i, t, s * size, p0=p0, price=max(price, 0.0), reason=reason)
        return size == abs(q)

    def fill(self, i: int, t: int, q: float, *, p0: float, price: float, reason: str) -> None:
        """One fill at `price`: pay it, count it, write it into the trade."""
        position, size = self.positions[i], abs(q)
        charged = fee(self.costs, size, price)
        paid = charged + size * abs(price - p0)
        self.money -= q * price + charged
        self.costs_paid += paid
        self.turnover += size * price
        self.fills += 1
        if position.trade is None:
            position.trade = OpenTrade(entry_bar=t, side=sign(q))
        trade = position.trade
        trade.fees += charged
        trade.costs += paid
        reduces = position.units * q < 0
        if reduces:
            trade.give_up(size, position.entry, price)
        position.change_units(q, price)
        trade.largest = max(trade.largest, abs(position.units))
        if position.units == 0:
            self.close_trade(i, t, reason)
        elif not reduces:
            position.set_levels(self.exits, column(self.markets[i].atr, self.decided(t)))

    def close_trade(self, i: int, t: int, reason: str) -> None:
        position = self.positions[i]
        if position.trade is not None:
            done = position.trade.finished(entry=position.entry, exit_bar=t, reason=reason, instrument=i)
            self.trades.append(done)
        position.become_flat()

    # F5: protective exits -----------------------------------------------------------------------

    def test_exits(self, t: int) -> None:
        for i in self.instruments:
            position = self.positions[i]
            if position.units != 0 and self.present[i][t] and not position.leaving:
                self.test_exit(i, t)

    def test_exit(self, i: int, t: int) -> None:
        market, position, longest = self.markets[i], self.positions[i], self.exits.max_bars_held
        if longest is not None and t >= position.entry_bar + longest:
            self.leave(i, t, market.open[t], "time_stop")
            return
        found = find_exit(position, (market.open[t], market.high[t], market.low[t]), self.exits.path)
        if found is not None:
            self.leave(i, t, *found)

    def leave(self, i: int, t: int, p0: float, reason: str) -> None:
        """Sell everything; what the participation cap leaves goes on at the next bars, target or not."""
        position, market = self.positions[i], self.markets[i]
        position.rest = None
        if reason == "take_profit":
            size = allowed_size(market, self.costs, t=t, q=position.units)
            if size > 0:
                self.fill(i, t, -position.side * size, p0=p0, price=p0, reason=reason)
        else:
            self.market_order(i, t, -position.units, p0=p0, decided=t - 1, reason=reason)
        if position.units != 0:
            position.rest = Rest(0.0, reason, since=t)

    def raise_trails(self, t: int) -> None:
        """After the bar: its extreme moves the trail that the next bar is tested against."""
        for i in self.instruments:
            position, market = self.positions[i], self.markets[i]
            if position.units == 0 or position.leaving or not self.present[i][t]:
                continue
            opened_at_this_close = self.run.fill != "open" and position.entry_bar == t
            if not opened_at_this_close:
                position.raise_trail(self.exits, market.high[t], market.low[t])

    # F7: accounting -----------------------------------------------------------------------------

    def mark(self, t: int) -> None:
        for i in self.instruments:
            if self.present[i][t]:
                self.last_close[i] = self.markets[i].close[t]
        held = [i for i in self.instruments if self.positions[i].units != 0]
        equity = self.money + sum((self.positions[i].units * self.last_close[i] for i in held), 0.0)
        if equity <= 0 and not self.ruined:
            self.ruined = True
            self.money = equity
            for i in held:
                self.write_off(i, t, "ruin")
                self.positions[i].become_flat()
        self.equity.append(equity)
        self.cash.append(self.money)
        for i in self.instruments:
            self.units[i].append(self.positions[i].units)

    def write_off(self, i: int, t: int, reason: str) -> None:
        """Write the trade as if the position had left at the last close, free of cost."""
        position = self.positions[i]
        if position.trade is not None:
            position.trade.give_up(abs(position.units), position.entry, self.last_close[i])
            self.trades.append(position.trade.finished(entry=position.entry, exit_bar=t, reason=reason, instrument=i))

    def answer(self) -> TwinPortfolioResult:
        for i in self.instruments:
            self.write_off(i, self.run.stop - 1, "open")
        return TwinPortfolioResult(
            equity=self.equity,
            cash=self.cash,
            units=self.units,
            trades=self.trades,
            costs_paid=self.costs_paid,
            turnover=self.turnover,
            fills=self.fills,
            signals=self.signals,
            cuts=self.cuts,
            financing=self.financing,
            ruined=self.ruined,
        )
