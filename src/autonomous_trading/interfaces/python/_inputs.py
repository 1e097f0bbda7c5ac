"""What a person may hand over, turned into what the use cases take, or refused in one line."""

from __future__ import annotations

import inspect
import operator
from datetime import date

import numpy as np

from autonomous_trading.adapters import as_bars, notes_together, read_many
from autonomous_trading.app import Market
from autonomous_trading.core import Bars, InvalidInput, code_of, unknown_name
from autonomous_trading.interfaces.python._settings import MarketSettings
from autonomous_trading.strategies import STRATEGIES, Strategy

_DATE = "use an ISO date such as 2015-01-31, or a row number"


def bars_of(data: object) -> Bars:
    """One instrument from anything bars are read from."""
    return as_bars(data)


def market_of(data: object, settings: MarketSettings | None = None) -> Market:
    """A market from one instrument, or from several (a mapping by symbol, a folder, a frame of several tickers).

    Several instruments share one account. settings: how series of a catalogue are read, where they say something.
    """
    asked = settings or {}
    readings = read_many(data, adjust=asked.get("adjust", False), known_at=asked.get("known_at"))
    notes = notes_together(note for reading in readings.values() for note in reading.notes)
    return Market.of({symbol: reading.bars for symbol, reading in readings.items()}, notes)


def strategy_class(strategy: object) -> type[Strategy]:
    """A strategy class from a class, an instance, or a name of the library."""
    if isinstance(strategy, Strategy):
        return type(strategy)
    if isinstance(strategy, str):
        if strategy not in STRATEGIES:
            _refuse_file(strategy)
            raise unknown_name("strategy", strategy, STRATEGIES)
        return STRATEGIES[strategy]
    if not (isinstance(strategy, type) and issubclass(strategy, Strategy)):
        raise InvalidInput(
            f"a strategy is a class, an instance of one, or a name; got {strategy!r}",
            fix="derive a class from at.Strategy, or use one of " + ", ".join(STRATEGIES),
        )
    if inspect.isabstract(strategy):
        raise InvalidInput(f"{strategy.__name__} has no signals", fix="define signals(self, see) in it")
    return strategy


def _refuse_file(strategy: str) -> None:
    """Say how a file is named here: only the command line loads code by its path."""
    place, _, name = strategy.partition(".py:") if ".py:" in strategy else strategy.partition(":")
    if not name and not strategy.endswith(".py"):
        return
    module = place.removesuffix(".py").replace("\\", "/").rpartition("/")[2]
    raise InvalidInput(
        f"{strategy!r} names a file or a module, which only the command line loads",
        fix=f"import the class and pass it: from {module} import {name or 'YourStrategy'}",
    )


def searched_class(strategy: object) -> type[Strategy]:
    """The class whose parameters are searched; an instance is refused when its values would be lost."""
    chosen = strategy_class(strategy)
    if isinstance(strategy, Strategy) and strategy.parameters != chosen.space().defaults():
        raise InvalidInput(
            f"a search chooses the values itself, and {strategy!r} already has some",
            fix=f"pass the class {chosen.__name__}, and fixed={{...}} for values to hold still",
        )
    return chosen


def strategy_instance(strategy: object) -> Strategy:
    """A strategy with values: an instance as it is, a class or a name with its defaults."""
    if isinstance(strategy, Strategy):
        return strategy
    chosen = strategy_class(strategy)
    with code_of(f"{chosen.__name__}()"):
        return chosen()


def span_of(market: Market, start: object, stop: object) -> tuple[int, int]:
    """Rows from `start` up to, not including, `stop`: row numbers, ISO dates, datetimes, or None for the ends."""
    low = 0 if start is None else _row(market, "start", start)
    high = market.n_bars if stop is None else _row(market, "stop", stop)
    if not 0 <= low < high <= market.n_bars:
        raise InvalidInput(
            f"start {start!r} and stop {stop!r} leave no bars (rows {low} to {high} of {market.n_bars})",
            fix="choose a start before the stop, inside the data",
        )
    return low, high


def _row(market: Market, name: str, when: object) -> int:
    if isinstance(when, int | np.integer) and not isinstance(when, bool):
        row = operator.index(when)
        if row < 0:
            raise InvalidInput(
                f"{name} is a row number of at least 0; got {row}",
                fix=f"count from the first of the {market.n_bars:,} bars: the last {-row:,} begin at row"
                f" {max(market.n_bars + row, 0)}",
            )
        return row
    if not isinstance(when, str | date | np.datetime64):
        raise InvalidInput(f"{name} is neither a row number nor a date; got {when!r}", fix=_DATE)
    return int(np.searchsorted(market.bars.time, moment_of(name, when)))


def moment_of(name: str, when: str | date | np.datetime64) -> int:
    """A date as UTC nanoseconds; one without a zone is taken as UTC."""
    import pandas as pd

    try:
        moment = pd.Timestamp(when)
        if pd.isna(moment):
            raise ValueError("it is empty")
        moment = moment.tz_localize("UTC") if moment.tzinfo is None else moment.tz_convert("UTC")
        return moment.as_unit("ns").value
    except ValueError as error:  # what pandas raises for text that is no date, and for dates beyond its range
        raise InvalidInput(f"{name} is not a date; got {when!r} ({error})", fix=_DATE) from None
