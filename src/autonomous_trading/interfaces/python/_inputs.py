"""What a person may hand over, turned into what the use cases take, or refused in one line."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from autonomous_trading.adapters import as_bars, load_bars
from autonomous_trading.app import Market, Rules
from autonomous_trading.backtest import Costs, Execution, Exits
from autonomous_trading.core import Bars, InvalidInput, unknown_name
from autonomous_trading.strategies import STRATEGIES, Strategy


def bars_of(data: object) -> Bars:
    """One instrument from anything bars are read from."""
    if isinstance(data, Bars):
        return data
    return load_bars(data) if isinstance(data, str) else as_bars(data)


def market_of(data: object) -> Market:
    """A market from one instrument, or from a mapping of symbols to instruments that share one account."""
    if isinstance(data, Mapping) and _holds_instruments(data):
        return Market.of({str(symbol): bars_of(each) for symbol, each in data.items()})
    return Market.of(bars_of(data))


def _holds_instruments(data: Mapping[Any, Any]) -> bool:
    """Whether a mapping names instruments rather than columns of one."""
    columns = {"open", "high", "low", "close", "volume", "o", "h", "l", "c", "v"}
    return bool(data) and not any(str(key).lower() in columns for key in data)


def strategy_class(strategy: object) -> type[Strategy]:
    """A strategy class from a class, an instance, or a name of the library."""
    if isinstance(strategy, type) and issubclass(strategy, Strategy):
        return strategy
    if isinstance(strategy, Strategy):
        return type(strategy)
    if isinstance(strategy, str):
        if strategy not in STRATEGIES:
            raise unknown_name("strategy", strategy, STRATEGIES)
        return STRATEGIES[strategy]
    raise InvalidInput(
        f"a strategy is a class, an instance of one, or a name; got {type(strategy).__name__}",
        fix="derive a class from at.Strategy, or use one of " + ", ".join(STRATEGIES),
    )


def strategy_instance(strategy: object) -> Strategy:
    """A strategy with values: an instance as it is, a class or a name with its defaults."""
    return strategy if isinstance(strategy, Strategy) else strategy_class(strategy)()


def rules_of(
    costs: Costs | None,
    exits: Exits | None,
    execution: Execution | None,
    initial_cash: float | None,
    threads: int | None = None,
) -> Rules:
    """The rules of a run; what is not given has its default."""
    chosen = execution or Execution()
    if initial_cash is not None:
        chosen = Execution(
            fill=chosen.fill,
            leverage=chosen.leverage,
            position_size=chosen.position_size,
            rebalance_band=chosen.rebalance_band,
            initial_cash=initial_cash,
        )
    return Rules(costs or Costs(), exits or Exits(), chosen, thread_count(threads))


def thread_count(threads: int | None) -> int:
    """How many threads may work: as given, or one per core."""
    if threads is None:
        return max(1, os.cpu_count() or 1)
    if type(threads) is not int or threads < 1:
        raise InvalidInput(f"threads must be a whole number of at least 1; got {threads!r}", fix="pass threads=2")
    return threads


def span_of(market: Market, start: object, stop: object) -> tuple[int, int]:
    """Rows from `start` up to, not including, `stop`: row numbers, ISO dates, datetimes, or None for the ends."""
    low = 0 if start is None else _row(market, start)
    high = market.n_bars if stop is None else _row(market, stop)
    if not 0 <= low < high <= market.n_bars:
        raise InvalidInput(
            f"start {start!r} and stop {stop!r} leave no bars (rows {low} to {high} of {market.n_bars})",
            fix="choose a start before the stop, inside the data",
        )
    return low, high


def _row(market: Market, when: object) -> int:
    if isinstance(when, int) and not isinstance(when, bool):
        return when if when >= 0 else market.n_bars + when
    import numpy as np
    import pandas as pd

    if isinstance(when, str | datetime):
        try:
            moment = pd.Timestamp(when)
        except ValueError:
            raise InvalidInput(f"{when!r} is not a date", fix="use an ISO date such as 2015-01-31") from None
        moment = moment.tz_localize("UTC") if moment.tzinfo is None else moment.tz_convert("UTC")
        return int(np.searchsorted(market.bars.time, moment.as_unit("ns").value))
    raise InvalidInput(f"{when!r} is neither a row number nor a date", fix="use an ISO date such as 2015-01-31")
