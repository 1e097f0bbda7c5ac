"""Calls to an exchange: waited for with patience, failures told in our words, answers without sense refused."""

import time
from collections.abc import Callable
from typing import Any, TypeVar, final

from autonomous_trading.adapters.providers._patience import Patience, patiently
from autonomous_trading.adapters.providers.crypto._exchange import open_exchange
from autonomous_trading.adapters.providers.crypto._failures import failure_of
from autonomous_trading.core import SourceCorrupt, SourceUnavailable, TradingError, unknown_name

__all__ = ["Exchange"]

_Answer = TypeVar("_Answer")


@final
class Exchange:
    """One ccxt exchange, asked with patience. Its markets are loaded when they are first needed, and once."""

    def __init__(
        self,
        name: str,
        *,
        patience: Patience,
        url: str = "",
        within_rate: bool = True,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name, self.patience, self._sleep = name, patience, sleep
        self.library, self._last = open_exchange(name, timeout=patience.timeout, url=url, within_rate=within_rate)

    def ask(self, call: Callable[[Any], _Answer]) -> _Answer:
        """What `call` makes of the ccxt exchange, tried again after failures that may pass.

        Raises the errors of `failure_of`; a Retry-After beyond our patience ends it at once, because an exchange that
        has shut somebody out shuts out for longer whoever goes on asking.
        """

        def again(_: SourceUnavailable) -> float | None:
            asked = self._last.asked_to_wait
            return asked if asked <= self.patience.longest_wait else None

        return patiently(
            lambda: self._once(call), self.patience, failures=SourceUnavailable, again=again, sleep=self._sleep
        )

    def known(self, symbol: str) -> None:
        """Nothing, or UnknownName for a symbol that the exchange does not list."""
        if not self.library.markets:
            self.ask(_load_markets)
        if symbol not in self.library.markets:
            raise unknown_name(f"{self.name} symbol", symbol, self.library.markets)

    def answer(self) -> Any:
        """The last answer as it came: parsed JSON, or None where it was none."""
        return self.library.last_json_response

    def close(self) -> None:
        """Let go of connections."""
        self.library.close()

    def _once(self, call: Callable[[Any], _Answer]) -> _Answer:
        self._last.forget()
        self.library.last_json_response = None
        try:
            made = call(self.library)
        except TradingError:
            raise
        except (AttributeError, IndexError, KeyError, TypeError, ValueError, ArithmeticError, RecursionError) as error:
            # ccxt reads answers without looking whether they have the shape that it expects, or how deep they are.
            raise self._no_sense(f"its answer makes no sense ({type(error).__name__})") from error
        except self._failures() as error:
            told = failure_of(self.name, error, self._last)
            if self._last.asked_to_wait > self.patience.longest_wait:
                told = SourceUnavailable(
                    f"{told.what}; it asks to wait {self._last.asked_to_wait:g} seconds", fix="come back after that"
                )
            raise told from None
        if not isinstance(self.library.last_json_response, list | dict):
            raise self._no_sense("its answer is no JSON")
        return made

    def _no_sense(self, what: str) -> SourceCorrupt:
        return SourceCorrupt(f"{self.name}: {what}", fix="try again later; nothing of this answer was kept")

    def _failures(self) -> type[Exception]:
        import ccxt

        kind: type[Exception] = ccxt.BaseError
        return kind


def _load_markets(library: Any) -> None:
    markets = library.load_markets()
    if not markets:
        raise SourceCorrupt(f"{library.id}: its list of markets is empty", fix="try again later")
