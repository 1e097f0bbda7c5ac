"""What an order pays: the price it meets, the share of a bar it may take, the fee."""

from __future__ import annotations

import math

from tests.twins.records import TwinCosts, TwinMarket


def price_before_impact(market: TwinMarket, costs: TwinCosts, *, t: int, p0: float, s: int, decided: int) -> float:
    """`p0` moved against an order of sign `s` by half spread, fixed slippage and ATR slippage."""
    price = p0 * (1 + s * (market.half_spread[t] + costs.slippage))
    return price + s * costs.slippage_atr * known(market.atr, decided)


def impact(market: TwinMarket, costs: TwinCosts, *, t: int, size: float, decided: int) -> float:
    """Fraction of the price that an order of `size` moves the market by; nothing in a bar without volume."""
    volume = market.volume[t]
    if volume == 0:
        return 0.0
    return costs.impact * known(market.sigma, decided) * math.sqrt(size / volume)


def allowed_size(market: TwinMarket, costs: TwinCosts, *, t: int, q: float) -> float:
    """The part of `q` (unsigned) that one fill may take from this bar."""
    if costs.participation is None:
        return abs(q)
    return min(abs(q), costs.participation * market.volume[t])


def fee(costs: TwinCosts, size: float, price: float) -> float:
    """Commission on notional plus per unit, at least the minimum."""
    return max(costs.commission * size * price + costs.per_unit * size, costs.minimum)


def column(values: list[float], index: int) -> float:
    """The value known at `index`, NaN before the first bar."""
    return values[index] if index >= 0 else math.nan


def known(values: list[float], index: int) -> float:
    """The value known at `index`, zero where nothing is known: the cost term is left out."""
    value = column(values, index)
    return 0.0 if math.isnan(value) else value
