"""What happened to a share apart from trading: splits, dividends, renames, delistings, and prices that compare."""

from autonomous_trading.data.actions._action import KINDS, CorporateAction
from autonomous_trading.data.actions._adjusting import ADJUSTED_FOR, adjusted, adjustment_factors, carried, carried_for
from autonomous_trading.data.actions._positions import OpenOrder, Position, adjust_order, adjust_position

__all__ = [
    "ADJUSTED_FOR",
    "KINDS",
    "CorporateAction",
    "OpenOrder",
    "Position",
    "adjust_order",
    "adjust_position",
    "adjusted",
    "adjustment_factors",
    "carried",
    "carried_for",
]
