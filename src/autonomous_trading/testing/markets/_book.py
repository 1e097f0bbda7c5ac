"""One side of a limit order book of unit orders, from which orders are taken at random or from the front."""

from typing import final

__all__ = ["BookSide"]


@final
class BookSide:
    """Orders by price, in ticks. `sign` is 1 for bids (the highest is best) and -1 for asks.

    Adding, taking at a price and taking any order by number cost the same however many orders there are; only when
    the best level empties are the levels looked through.
    """

    __slots__ = ("_places", "best", "orders", "sign")

    def __init__(self, sign: int, prices: list[int]) -> None:
        self.sign = sign
        self.orders: list[int] = []
        self._places: dict[int, list[int]] = {}
        self.best = prices[0]
        for price in prices:
            self.add(price)

    def __len__(self) -> int:
        return len(self.orders)

    def depth(self, price: int) -> int:
        """How many orders wait at a price."""
        return len(self._places.get(price, ()))

    def levels(self) -> list[tuple[int, int]]:
        """Every price with the number of orders there, the best first."""
        return [(price, len(self._places[price])) for price in sorted(self._places, key=lambda each: -self.sign * each)]

    def add(self, price: int) -> None:
        """One more order at a price."""
        self._places.setdefault(price, []).append(len(self.orders))
        self.orders.append(price)
        if self.sign * price > self.sign * self.best:
            self.best = price

    def take_best(self) -> int:
        """Remove an order at the best price, and say which price that was."""
        return self.take(self._places[self.best][-1])

    def take(self, number: int) -> int:
        """Remove the order with this number (below len), and say at which price it was."""
        price = self.orders[number]
        last = len(self.orders) - 1
        self._places[price].remove(number)
        if number != last:
            moved = self.orders[last]
            self.orders[number] = moved
            self._places[moved].remove(last)
            self._places[moved].append(number)
        self.orders.pop()
        if not self._places[price]:
            del self._places[price]
            if price == self.best and self._places:
                self.best = max(self._places) if self.sign > 0 else min(self._places)
        return price
