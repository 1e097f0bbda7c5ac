"""The state of one instrument inside the twin: units, protective levels, what is pending, the open trade."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from tests.twins.records import TwinExits, TwinTrade


@dataclass
class Rest:
    """What a participation cap left over, or a closing leg that must finish before the other side opens."""

    goal: float
    reason: str
    since: int  # bar that left it; it is worked on from the next bar
    then_open: bool = False


@dataclass
class OpenTrade:
    """The trade being written, from its first fill on."""

    entry_bar: int
    side: int
    largest: float = 0.0
    fees: float = 0.0
    costs: float = 0.0
    gross: float = 0.0
    exit_units: float = 0.0
    exit_notional: float = 0.0

    def give_up(self, units: float, entry: float, price: float) -> None:
        """Realise `units` (unsigned) at `price`."""
        self.gross += self.side * units * (price - entry)
        self.exit_units += units
        self.exit_notional += units * price

    def finished(self, *, entry: float, exit_bar: int, reason: str, instrument: int) -> TwinTrade:
        """The record of the whole trade."""
        return TwinTrade(
            entry_bar=self.entry_bar,
            exit_bar=exit_bar,
            side=self.side,
            units=self.largest,
            entry_price=entry,
            exit_price=self.exit_notional / self.exit_units,
            costs=self.costs,
            gross_profit=self.gross,
            net_profit=self.gross - self.fees,
            reason=reason,
            instrument=instrument,
        )


@dataclass
class Position:
    """Everything remembered about one instrument between bars."""

    last_target: float = 0.0
    exposure: float = 0.0  # last target after scale and leverage limit
    cut: bool = False  # the leverage limit cut the last target
    waiting: bool = False  # a changed target that has not been acted on
    rest: Rest | None = None
    units: float = 0.0
    entry: float = math.nan
    stop: float | None = None
    take: float | None = None
    trail: float | None = None
    level_atr: float = math.nan  # ATR known at the last opening or increase
    trade: OpenTrade | None = field(default=None)

    @property
    def side(self) -> int:
        return sign(self.units)

    @property
    def entry_bar(self) -> int:
        if self.trade is None:
            raise LookupError("a flat position has no entry bar")
        return self.trade.entry_bar

    @property
    def leaving(self) -> bool:
        """A protective exit has been cut by the participation cap and is still being worked on."""
        return self.rest is not None and self.rest.reason != "signal"

    @property
    def effective_stop(self) -> float | None:
        return tighter(self.side, self.stop, self.trail)

    @property
    def stop_reason(self) -> str:
        """The trail gets the credit only when it is strictly better than the fixed stop."""
        return "stop_loss" if self.effective_stop == self.stop else "trailing_stop"

    def change_units(self, q: float, price: float) -> None:
        """Average entry price: the fill when opening, weighted when increasing, unchanged when reducing."""
        if self.units == 0:
            self.entry = price
        elif self.units * q > 0:
            self.entry = (self.units * self.entry + q * price) / (self.units + q)
        self.units = self.units + q

    def set_levels(self, exits: TwinExits, atr: float) -> None:
        """Levels after an opening or an increase; a trail that is already there never loosens."""
        self.level_atr = atr
        self.stop = level(exits, self.entry, -self.side, exits.stop_loss, atr)
        self.take = level(exits, self.entry, +self.side, exits.take_profit, atr)
        start = level(exits, self.entry, -self.side, exits.trailing_stop, atr)
        self.trail = tighter(self.side, self.trail, start)

    def raise_trail(self, exits: TwinExits, high: float, low: float) -> None:
        best = high if self.side > 0 else low
        raised = level(exits, best, -self.side, exits.trailing_stop, self.level_atr)
        self.trail = tighter(self.side, self.trail, raised)

    def become_flat(self) -> None:
        self.units = 0.0
        self.entry = self.level_atr = math.nan
        self.stop = self.take = self.trail = None
        self.trade = None


def sign(x: float) -> int:
    if x > 0:
        return 1
    if x < 0:
        return -1
    return 0


def level(exits: TwinExits, price: float, direction: int, distance: float | None, atr: float) -> float | None:
    """`price` moved by `distance` in `direction`; None when this exit is off or its ATR is not known."""
    if distance is None:
        return None
    if exits.unit == "atr":
        return None if math.isnan(atr) else price + direction * distance * atr
    return price * (1 + direction * distance)


def tighter(side: int, a: float | None, b: float | None) -> float | None:
    """The stop that is touched first: the higher for a long, the lower for a short."""
    if a is None or b is None:
        return a if b is None else b
    return max(a, b) if side > 0 else min(a, b)


def find_exit(position: Position, bar: tuple[float, float, float], path: str) -> tuple[float, str] | None:
    """Price and reason of the exit inside a bar (open, high, low), or None."""
    open_, high, low = bar
    long = position.side > 0
    stop, take = position.effective_stop, position.take

    def stopped(price: float) -> bool:
        return stop is not None and (price <= stop if long else price >= stop)

    def taken(price: float) -> bool:
        return take is not None and (price >= take if long else price <= take)

    if stopped(open_):
        return open_, position.stop_reason
    if taken(open_):
        return open_, "take_profit"
    worst, best = (low, high) if long else (high, low)
    if not stopped(worst) and not taken(best):
        return None
    take_it = taken(best) and not (stopped(worst) and stop_comes_first(path, open_, stop, take))
    if take_it and take is not None:
        return take, "take_profit"
    return (stop, position.stop_reason) if stop is not None else None


def stop_comes_first(path: str, open_: float, stop: float | None, take: float | None) -> bool:
    """Both levels were touched in one bar: which one does the chosen path meet first."""
    if path == "nearest" and stop is not None and take is not None:
        return abs(open_ - stop) <= abs(take - open_)
    return path == "pessimistic"
