"""A market made by orders alone: a limit order book that Poisson arrivals fill and empty."""

from dataclasses import dataclass, fields
from typing import Final, NamedTuple, final

import numpy as np

from autonomous_trading.core import Bars, BoolArray, FloatArray, IntArray, InvalidInput
from autonomous_trading.testing.markets._book import BookSide
from autonomous_trading.testing.markets._plain import times_of
from autonomous_trading.testing.markets._simulated import SimulatedMarket, simulated, stream

__all__ = ["LIMIT_ORDER", "MARKET_ORDER", "ORDER_CANCELLED", "BookLaw", "BookTruth", "OrderFlow", "order_driven"]

LIMIT_ORDER, MARKET_ORDER, ORDER_CANCELLED = 0, 1, 2

_SECOND_NS: Final = 1_000_000_000
_MINUTE_NS: Final = 60 * _SECOND_NS
_START_TICKS: Final = 10_000


@final
@dataclass(frozen=True, slots=True, eq=False)
class OrderFlow:
    """What an exchange publishes: trades, best quotes after every event, and changes of single price levels.

    Times are UTC nanoseconds, sizes in units. A change says how much now waits at a price: `level_side` 1 for bids, -1
    for asks. There is one quote and one change per event. `opening_bids` and `opening_asks` are the book before the
    first event, rows of (price, size), best first.
    """

    trade_time: IntArray
    trade_price: FloatArray
    trade_size: FloatArray
    quote_time: IntArray
    bid: FloatArray
    ask: FloatArray
    bid_size: FloatArray
    ask_size: FloatArray
    level_time: IntArray
    level_side: IntArray
    level_price: FloatArray
    level_size: FloatArray
    opening_bids: FloatArray
    opening_asks: FloatArray


@final
@dataclass(frozen=True, slots=True, eq=False)
class BookTruth:
    """`published` for everybody; the `kind` of every event, who was the `aggressor` of every trade, the closing book.

    `kind` is LIMIT_ORDER, MARKET_ORDER or ORDER_CANCELLED; `aggressor` 1 where the buyer was, -1 where the seller.
    `waiting` is the time integral of the number of orders in the book, in order seconds: cancellations per it are the
    rate. There is no efficient price: prices move by orders alone.
    """

    published: OrderFlow
    kind: IntArray
    aggressor: IntArray
    closing_bids: FloatArray
    closing_asks: FloatArray
    waiting: float

    def book_at(self, event: int) -> tuple[dict[float, float], dict[float, float]]:
        """Size by price of bids and asks after an event, counted from 0; -1 is the book before the first."""
        flow = self.published
        bids = dict(map(tuple, flow.opening_bids.tolist()))
        asks = dict(map(tuple, flow.opening_asks.tolist()))
        changes = zip(flow.level_side.tolist(), flow.level_price.tolist(), flow.level_size.tolist(), strict=True)
        for _, (side, price, size) in zip(range(event + 1), changes, strict=False):
            book = bids if side > 0 else asks
            if size > 0.0:
                book[price] = size
            else:
                del book[price]
        return bids, asks


@final
@dataclass(frozen=True, slots=True)
class BookLaw:
    """Events a second: limit orders per price level and side, market orders per side, cancellations per waiting order.

    Limit orders come to the `levels` prices beyond the best of the other side; `tick` is the price step, `size` that
    of every order.
    """

    limit_rate: float = 0.02
    market_rate: float = 0.05
    cancel_rate: float = 0.02
    levels: int = 10
    tick: float = 0.01
    size: float = 100.0

    def __post_init__(self) -> None:
        filled = self.limit_rate * self.levels
        if not (min(self.limit_rate, self.market_rate, self.cancel_rate) > 0.0 and filled > self.market_rate):
            raise InvalidInput(
                f"limit orders ({filled:g} a second and side) do not fill what market orders "
                f"({self.market_rate:g}) take, or nothing is cancelled",
                fix="use limit_rate=0.02, levels=10, market_rate=0.05, cancel_rate=0.02",
            )


class _Event(NamedTuple):
    """One event and the book after it, prices in ticks and sizes in orders."""

    seconds: float
    kind: int
    side: int
    price: int
    depth: int
    bid: int
    ask: int
    bid_depth: int
    ask_depth: int


def order_driven(n: int, seed: int, law: BookLaw = BookLaw()) -> SimulatedMarket[BookTruth]:
    """`n` minutes of a book driven by zero intelligence (Smith, Farmer, Gillemot and Krishnamurthy 2003).

    Limit orders, market orders and cancellations are independent Poisson processes, simulated exactly (Gillespie
    1977). The last order of a side stays. Bars are minutes with a trade in them. The book runs in for ten minutes
    before the first. Raises InvalidInput where nobody traded.
    """
    rng = stream(seed, "orders")
    bids = BookSide(1, [_START_TICKS - step for step in range(1, law.levels + 1)])
    asks = BookSide(-1, [_START_TICKS + step for step in range(1, law.levels + 1)])
    _, late, _ = _run(bids, asks, law, rng, -600.0, 0.0)
    opening = _table(bids, law.tick, law.size), _table(asks, law.tick, law.size)
    events, _, waiting = _run(bids, asks, law, rng, late, 60.0 * n)
    flow, kind, aggressor = _published(events, opening, law.tick, law.size)
    truth = BookTruth(
        flow, kind, aggressor, _table(bids, law.tick, law.size), _table(asks, law.tick, law.size), waiting
    )
    for field in fields(flow):
        getattr(flow, field.name).flags.writeable = False
    return simulated("order_driven", seed, law, {"BOOK": _bars_of(flow, n)}, truth)


def _run(
    bids: BookSide, asks: BookSide, law: BookLaw, rng: np.random.Generator, start: float, stop: float
) -> tuple[list[_Event], float, float]:
    """The events from `start` to `stop` in seconds, the time of the first one behind it, and the orders' waiting time.

    A process without memory may be stopped anywhere: the event behind `stop` is drawn again from there.
    """
    events: list[_Event] = []
    now, waiting = start, 0.0
    arriving = 2.0 * (law.limit_rate * law.levels + law.market_rate)
    while True:
        held = len(bids) + len(asks)
        total = arriving + law.cancel_rate * held
        following = now + float(rng.standard_exponential()) / total
        if following >= stop:
            return events, stop, waiting + held * (stop - now)
        waiting += held * (following - now)
        now = following
        found = _happening(bids, asks, law, float(rng.random()) * total, float(rng.random()))
        if found is not None:
            kind, side, price = found
            depth = (bids if side > 0 else asks).depth(price)
            best = bids.best, asks.best, bids.depth(bids.best), asks.depth(asks.best)
            events.append(_Event(now, kind, side, price, depth, *best))


def _happening(bids: BookSide, asks: BookSide, law: BookLaw, point: float, where: float) -> tuple[int, int, int] | None:
    """Carry out the event that a point in the sum of all rates stands for: kind, side of the book, price in ticks."""
    placed = law.limit_rate * law.levels
    for side, other in ((bids, asks), (asks, bids)):
        if point < placed:
            price = other.best - side.sign * (1 + int(where * law.levels))
            if price < 1:
                return None
            side.add(price)
            return LIMIT_ORDER, side.sign, price
        point -= placed
        if point < law.market_rate:
            return (MARKET_ORDER, side.sign, side.take_best()) if len(side) > 1 else None
        point -= law.market_rate
        if point < law.cancel_rate * len(side):
            return (ORDER_CANCELLED, side.sign, side.take(int(where * len(side)))) if len(side) > 1 else None
        point -= law.cancel_rate * len(side)
    return None  # a rounding beyond the sum of all rates


def _table(side: BookSide, tick: float, size: float) -> FloatArray:
    rows = [(_price(price, tick), depth * size) for price, depth in side.levels()]
    found = np.array(rows, dtype=np.float64)
    found.flags.writeable = False
    return found


def _price(ticks: int, tick: float) -> float:
    return float(np.round(ticks * tick, 10))


def _published(
    events: list[_Event], opening: tuple[FloatArray, FloatArray], tick: float, size: float
) -> tuple[OrderFlow, IntArray, IntArray]:
    """What the events are for everybody, their kinds, and the aggressor of every trade."""
    numbers = np.array([each[1:] for each in events], dtype=np.int64).reshape(len(events), 8).T
    kind, side, price, depth, bid, ask, bid_depth, ask_depth = (row.copy() for row in numbers)
    seconds = np.array([each.seconds for each in events], dtype=np.float64)
    time = int(times_of(1, "1m")[0]) + (seconds * _SECOND_NS).astype(np.int64)
    traded: BoolArray = kind == MARKET_ORDER
    money = {name: np.round(each * tick, 10) for name, each in (("price", price), ("bid", bid), ("ask", ask))}
    flow = OrderFlow(
        trade_time=time[traded],
        trade_price=money["price"][traded],
        trade_size=np.full(int(traded.sum()), size),
        quote_time=time,
        bid=money["bid"],
        ask=money["ask"],
        bid_size=_sizes(bid_depth, size),
        ask_size=_sizes(ask_depth, size),
        level_time=time.copy(),
        level_side=side,
        level_price=money["price"],
        level_size=_sizes(depth, size),
        opening_bids=opening[0],
        opening_asks=opening[1],
    )
    return flow, kind, -side[traded]


def _sizes(depth: IntArray, size: float) -> FloatArray:
    return np.asarray(depth * size, dtype=np.float64)


def _bars_of(flow: OrderFlow, n: int) -> Bars:
    """Minutes with a trade in them."""
    minute = flow.trade_time // _MINUTE_NS * _MINUTE_NS
    first = np.flatnonzero(np.diff(minute, prepend=-1))
    if not len(first):
        raise InvalidInput(f"nobody traded in {n} minutes", fix="ask for more minutes")
    last = np.append(first[1:], len(minute)) - 1
    price = flow.trade_price
    return Bars(
        minute[first],
        price[first],
        np.maximum.reduceat(price, first),
        np.minimum.reduceat(price, first),
        price[last],
        np.add.reduceat(flow.trade_size, first),
        "BOOK",
    )
