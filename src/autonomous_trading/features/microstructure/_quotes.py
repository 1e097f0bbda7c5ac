"""What the best bid and ask say: spreads paid and earned, imbalance, order flow. Quotes come with the bars."""

from collections.abc import Mapping

import numpy as np

from autonomous_trading.core import FloatArray
from autonomous_trading.features._definitions import ColumnDefinition, whole
from autonomous_trading.features._primitives import ratio, shift
from autonomous_trading.features.microstructure._spreads import logarithm
from autonomous_trading.features.microstructure._windows import sums

__all__ = ["COLUMNS", "effective_spread", "order_flow_events"]

_GROUP = "Microstructure"
_QUOTE = (("bid", ""), ("ask", ""))
_SIZED = (*_QUOTE, ("bid_size", ""), ("ask_size", ""))
_DEEP = (*_QUOTE, ("bid_depth", ""), ("ask_depth", ""), ("bid_far", ""), ("ask_far", ""))


def quoted_spread(bid: FloatArray, ask: FloatArray) -> FloatArray:
    """Best ask minus best bid; 0 where locked, negative where crossed."""
    return ask - bid


def relative_spread(bid: FloatArray, ask: FloatArray) -> FloatArray:
    """Best ask minus best bid as a fraction of the middle between them."""
    return ratio(ask - bid, (ask + bid) / 2.0)


def effective_spread(price: FloatArray, bid: FloatArray, ask: FloatArray) -> FloatArray:
    """Twice the distance of a price from the middle, as a fraction of the middle."""
    middle = (ask + bid) / 2.0
    return ratio(2.0 * np.abs(price - middle), middle)


def realised_spread(price: FloatArray, bid: FloatArray, ask: FloatArray, bars: int) -> FloatArray:
    """What whoever took the other side of the price `bars` bars ago has earned by now, as a fraction of the middle."""
    middle = (ask + bid) / 2.0
    paid, then = shift(price, bars), shift(middle, bars)
    return ratio(2.0 * np.sign(paid - then) * (paid - middle), then)


def price_impact(price: FloatArray, bid: FloatArray, ask: FloatArray, bars: int) -> FloatArray:
    """How far the middle has followed the price of `bars` bars ago since, twice, as a fraction of the middle."""
    middle = (ask + bid) / 2.0
    paid, then = shift(price, bars), shift(middle, bars)
    return ratio(2.0 * np.sign(paid - then) * (middle - then), then)


def microprice(bid: FloatArray, ask: FloatArray, bid_size: FloatArray, ask_size: FloatArray) -> FloatArray:
    """The middle weighted by the sizes of the other side: near the ask where more wants to buy."""
    return ratio(bid * ask_size + ask * bid_size, bid_size + ask_size)


def book_imbalance(bid_size: FloatArray, ask_size: FloatArray) -> FloatArray:
    """From -1 (all that rests is for sale) to 1 (all of it wants to buy)."""
    return ratio(bid_size - ask_size, bid_size + ask_size)


def order_flow_events(bid: FloatArray, ask: FloatArray, bid_size: FloatArray, ask_size: FloatArray) -> FloatArray:
    """What each quote added to the bid and took from the ask against the one before it, in units; the first is NaN."""
    old_bid, old_ask = shift(bid, 1), shift(ask, 1)
    came = np.where(bid >= old_bid, bid_size, 0.0) - np.where(bid <= old_bid, shift(bid_size, 1), 0.0)
    left = np.where(ask <= old_ask, ask_size, 0.0) - np.where(ask >= old_ask, shift(ask_size, 1), 0.0)
    return np.where(np.isnan(bid + ask + old_bid + old_ask), np.nan, came - left)


def order_flow_imbalance(
    bid: FloatArray, ask: FloatArray, bid_size: FloatArray, ask_size: FloatArray, period: int
) -> FloatArray:
    """Units that came to the bid and left the ask, net, over the last `period` bars."""
    return np.asarray(sums(period, order_flow_events(bid, ask, bid_size, ask_size))[0])


def quote_slope(bid: FloatArray, ask: FloatArray, bid_size: FloatArray, ask_size: FloatArray) -> FloatArray:
    """Best ask minus best bid over the logarithms of both sizes; NaN where they hold a unit together, or less."""
    depth = logarithm(bid_size) + logarithm(ask_size)
    return np.where(depth > 0.0, ratio(ask - bid, depth), np.nan)


def book_slope(
    bid: FloatArray,
    ask: FloatArray,
    bid_depth: FloatArray,
    ask_depth: FloatArray,
    bid_far: FloatArray,
    ask_far: FloatArray,
) -> FloatArray:
    """Units that rest per unit of price from the best level on, mean of both sides; NaN where a side has one level."""
    return (ratio(bid_depth, bid - bid_far) + ratio(ask_depth, ask_far - ask)) / 2.0


COLUMNS: Mapping[str, ColumnDefinition] = {
    "quoted_spread": ColumnDefinition(
        quoted_spread,
        group=_GROUP,
        description="Best ask minus best bid",
        formula="ask - bid",
        units="price",
        source="Demsetz (1968), Quarterly J. Economics 82(1)",
        inputs=_QUOTE,
    ),
    "relative_spread": ColumnDefinition(
        relative_spread,
        group=_GROUP,
        description="Best ask minus best bid as a fraction of their middle",
        formula="(ask - bid) / m, m = (ask + bid) / 2",
        units="fraction",
        source="Foucault, Pagano and Roell (2013), Market Liquidity, ch. 2",
        inputs=_QUOTE,
    ),
    "effective_spread": ColumnDefinition(
        effective_spread,
        group=_GROUP,
        description="Twice the distance of a price from the middle of the quote: what a round trip at it costs",
        formula="2 |price - m| / m, m = (ask + bid) / 2",
        units="fraction",
        source="Foucault, Pagano and Roell (2013), Market Liquidity, ch. 2",
        inputs=(("price", "close"), *_QUOTE),
    ),
    "realised_spread": ColumnDefinition(
        realised_spread,
        group=_GROUP,
        description="What the other side of a price some bars ago has earned by now: the spread without the impact",
        formula="2 s (price[-bars] - m) / m[-bars], s = sign(price[-bars] - m[-bars]), m = (ask + bid) / 2",
        units="fraction",
        source="Huang and Stoll (1996), J. Financial Economics 41(3), told once it is known",
        inputs=(("price", "close"), *_QUOTE),
        parameters=(whole("bars", 5),),
        warm_up=lambda bars: bars,
        memory=lambda bars: bars,
    ),
    "price_impact": ColumnDefinition(
        price_impact,
        group=_GROUP,
        description="How far the middle followed a price of some bars ago: the effective spread without the realised",
        formula="2 s (m - m[-bars]) / m[-bars], s = sign(price[-bars] - m[-bars]), m = (ask + bid) / 2",
        units="fraction",
        source="Huang and Stoll (1996), J. Financial Economics 41(3), told once it is known",
        inputs=(("price", "close"), *_QUOTE),
        parameters=(whole("bars", 5),),
        warm_up=lambda bars: bars,
        memory=lambda bars: bars,
    ),
    "microprice": ColumnDefinition(
        microprice,
        group=_GROUP,
        description="The middle of the quote weighted by the sizes of the other side",
        formula="(bid ask_size + ask bid_size) / (bid_size + ask_size)",
        units="price",
        source="Gatheral and Oomen (2010), Finance and Stochastics 14(2); Stoikov (2018), Quantitative Finance 18(12)",
        inputs=_SIZED,
    ),
    "book_imbalance": ColumnDefinition(
        book_imbalance,
        group=_GROUP,
        description="How much more wants to buy than is for sale, of all that rests",
        formula="(bid_size - ask_size) / (bid_size + ask_size)",
        units="fraction",
        source="Cartea, Jaimungal and Penalva (2015), Algorithmic and High-Frequency Trading, ch. 12",
        inputs=(("bid_size", ""), ("ask_size", "")),
    ),
    "order_flow_imbalance": ColumnDefinition(
        order_flow_imbalance,
        group=_GROUP,
        description="Units that came to the best bid and left the best ask, net",
        formula="sum over period of [bid >= bid[-1]] bid_size - [bid <= bid[-1]] bid_size[-1] - [ask <= ask[-1]] "
        "ask_size + [ask >= ask[-1]] ask_size[-1]",
        units="units",
        source="Cont, Kukanov and Stoikov (2014), J. Financial Econometrics 12(1)",
        inputs=_SIZED,
        parameters=(whole("period", 1),),
        warm_up=lambda period: period,
        memory=lambda period: period,
    ),
    "quote_slope": ColumnDefinition(
        quote_slope,
        group=_GROUP,
        description="Spread per logarithm of the sizes that stand there: how steep the first step of the book is",
        formula="(ask - bid) / (log(bid_size) + log(ask_size))",
        units="price",
        source="Hasbrouck and Seppi (2001), J. Financial Economics 59(3)",
        inputs=_SIZED,
    ),
    "book_slope": ColumnDefinition(
        book_slope,
        group=_GROUP,
        description="Units that rest per unit of price beyond the best level, mean of both sides",
        formula="(bid_depth / (bid - bid_far) + ask_depth / (ask_far - ask)) / 2, far: the price of the last level "
        "whose size the depth counts",
        units="units / price",
        source="Biais, Hillion and Spatt (1995), J. Finance 50(5); mean of both sides as in Naes and Skjeltorp (2006)",
        inputs=_DEEP,
    ),
}
