"""What is held and what is ordered, carried over a corporate action once."""

import math
from dataclasses import dataclass, replace
from typing import final

from autonomous_trading.core import InvalidInput
from autonomous_trading.data.actions._action import CorporateAction

__all__ = ["OpenOrder", "Position", "adjust_order", "adjust_position"]


@final
@dataclass(frozen=True, slots=True)
class Position:
    """Units of a symbol (negative: short), the price they are marked at, cash, and the ids of actions applied."""

    symbol: str
    units: float
    price: float
    cash: float = 0.0
    applied: frozenset[str] = frozenset()

    @property
    def equity(self) -> float:
        """Cash and the units at their price."""
        return self.cash + self.units * self.price


@final
@dataclass(frozen=True, slots=True)
class OpenOrder:
    """Units to buy (negative: to sell) that wait in the market; `limit` and `stop` are NaN where it has none."""

    symbol: str
    units: float
    limit: float = math.nan
    stop: float = math.nan
    applied: frozenset[str] = frozenset()


def adjust_position(position: Position, action: CorporateAction) -> Position:
    """The position after an action; one that was applied already, or is another symbol's, changes nothing.

    A split changes units and price and neither cash nor equity. A dividend moves from the price into cash (out of cash
    for a short position), a delisting pays its amount a unit and leaves none. Of actions at one moment the splits go
    first: dividends are counted in the new shares. Raises InvalidInput for a dividend that is not below the price.
    """
    if _is_done(position, action):
        return position
    applied = position.applied | {action.id}
    if action.kind == "split":
        return replace(
            position, units=position.units * action.ratio, price=position.price / action.ratio, applied=applied
        )
    if action.kind == "rename":
        return replace(position, symbol=action.new_symbol, applied=applied)
    cash = position.cash + position.units * action.amount
    if action.kind == "delisting":
        return replace(position, units=0.0, price=action.amount, cash=cash, applied=applied)
    return replace(position, price=_below(position.price, action), cash=cash, applied=applied)


def adjust_order(order: OpenOrder, action: CorporateAction) -> OpenOrder | None:
    """The order after an action, None where it ends with the symbol; applying twice changes nothing.

    A split changes its units and prices. A dividend lowers the limit of a buyer and the stop of a seller, which lie
    below the price, and no others (FINRA rule 5330).
    """
    if _is_done(order, action):
        return order
    applied = order.applied | {action.id}
    if action.kind == "split":
        ratio = action.ratio
        return replace(
            order, units=order.units * ratio, limit=order.limit / ratio, stop=order.stop / ratio, applied=applied
        )
    if action.kind == "rename":
        return replace(order, symbol=action.new_symbol, applied=applied)
    if action.kind == "delisting":
        return None
    if order.units > 0.0:
        return replace(order, limit=_below(order.limit, action), applied=applied)
    return replace(order, stop=_below(order.stop, action), applied=applied)


def _is_done(held: Position | OpenOrder, action: CorporateAction) -> bool:
    return action.id in held.applied or held.symbol != action.symbol


def _below(price: float, action: CorporateAction) -> float:
    if action.amount >= price:
        raise InvalidInput(
            f"{action.text} is not below the price {price:.10g}",
            fix="look whether price and dividend are in the same currency and the same shares",
        )
    return price - action.amount
