"""Data strings that name a provider: "alpaca:AAPL,MSFT:1h", read from the catalogue and from nowhere else."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, final

from autonomous_trading.adapters._door import BarsReading
from autonomous_trading.adapters._terms import Terms
from autonomous_trading.core import Bars, DataNotFound, InvalidInput, Timeframe, time_text, unknown_name

if TYPE_CHECKING:
    from autonomous_trading.adapters.catalogue import ParquetCatalogue
    from autonomous_trading.data import SeriesKey, Sessions
    from autonomous_trading.data.actions import CorporateAction

__all__ = ["DataString", "data_string_of", "from_catalogue"]

_FORM: Final = re.compile(r"([A-Za-z][\w-]+):([^\\]+):([^:/\\@]+)(?:@([a-z]+))?")
_MARGIN_NS: Final = 40 * 86_400_000_000_000


@final
@dataclass(frozen=True, slots=True)
class DataString:
    """Series of one provider: the symbols as it writes them, the length of the bars, what prices are adjusted for."""

    provider: str
    symbols: tuple[str, ...]
    timeframe: Timeframe
    adjustment: str = "raw"

    @property
    def text(self) -> str:
        """As a person types it."""
        behind = "" if self.adjustment == "raw" else f"@{self.adjustment}"
        return f"{self.provider}:{','.join(self.symbols)}:{self.timeframe}{behind}"

    @property
    def keys(self) -> "tuple[SeriesKey, ...]":
        """The series in the catalogue, one for each symbol."""
        from autonomous_trading.data import SeriesKey

        return tuple(SeriesKey(self.provider, symbol, self.timeframe, self.adjustment) for symbol in self.symbols)

    @property
    def fetching(self) -> str:
        """The command that fetches it."""
        plain = DataString(self.provider, self.symbols, self.timeframe).text
        behind = "" if self.adjustment == "raw" else f" --adjustment {self.adjustment}"
        return f"autotrade data fetch {plain}{behind}"


def data_string_of(text: str) -> DataString | None:
    """The series that PROVIDER:SYMBOL[,SYMBOL...]:TIMEFRAME[@ADJUSTMENT] names; None for text of another form.

    Symbols may hold ":" and "/" ("ccxt-binance:BTC/USDT:USDT:1h"): the provider ends at the first colon, the timeframe
    begins behind the last. Raises InvalidInput for a timeframe or symbols that are none, UnknownName for a provider
    that there is not, with the nearest ones.
    """
    found = _FORM.fullmatch(text.strip())
    if found is None:
        return None
    from autonomous_trading.adapters.providers import PROVIDERS, is_provider

    provider, named, length, adjustment = found[1].lower(), found[2], found[3], found[4] or "raw"
    if not is_provider(provider):
        raise unknown_name("provider", found[1], PROVIDERS)
    symbols = tuple(symbol.strip() for symbol in named.split(","))
    if not all(symbols) or len(set(symbols)) < len(symbols):
        raise InvalidInput(f"{text!r} names no symbol, or one twice", fix=f"write {provider}:AAPL,MSFT:1h")
    made = DataString(provider, symbols, Timeframe.of(length), adjustment)
    _ = made.keys  # an adjustment or a symbol that is none is refused here
    return made


def from_catalogue(wanted: DataString, terms: Terms) -> dict[str, BarsReading]:
    """The bars of each symbol, by symbol, as they were known at a time (by default: as they are now), adjusted where
    the terms say so. Nothing is asked of the network.

    Adjusted prices are `data.actions.carried`: in terms of one share of the first bar, so that no bar depends on a
    later split; the notes say what was applied. Raises DataNotFound with the command that fetches what is missing,
    InvalidInput for prices that the source has adjusted already.
    """
    from autonomous_trading.adapters.catalogue import ParquetCatalogue

    kept = ParquetCatalogue(terms.catalogue)
    found: dict[str, BarsReading] = {}
    for key in wanted.keys:
        reading = BarsReading(_bars_known(kept, key, terms, wanted.fetching))
        found[key.symbol] = _adjusted(reading.bars, kept, key, terms) if terms.actions else reading
    if terms.known_at is None:
        return found
    note = f"{wanted.text}: as it was known at {time_text(terms.known_at)}"
    return {symbol: replace(reading, notes=(note, *reading.notes)) for symbol, reading in found.items()}


def _bars_known(kept: "ParquetCatalogue", key: "SeriesKey", terms: Terms, fetching: str) -> Bars:
    try:
        return kept.read(key, known_at=terms.known_at)
    except DataNotFound:
        if terms.known_at is not None and kept.spans(key):
            raise DataNotFound(
                f"nothing of {key.text} was known at {time_text(terms.known_at)}", fix="choose a later time"
            ) from None
        raise DataNotFound(f"{key.text} is not in the catalogue {terms.catalogue}", fix=fetching) from None


def _adjusted(bars: Bars, kept: "ParquetCatalogue", key: "SeriesKey", terms: Terms) -> BarsReading:
    from autonomous_trading.data.actions import carried, carried_for

    if key.adjustment != "raw":
        raise InvalidInput(
            f"the prices of {key.text} were adjusted by their source ({key.adjustment})",
            fix=f"read those that were traded, {replace(key, adjustment='raw').text}, or do not adjust them again",
        )
    actions = kept.actions(key.source, key.symbol, known_at=terms.known_at)
    sessions = _sessions(key, bars) if actions else None
    made = carried(bars, actions, terms.actions, sessions, timeframe=key.timeframe)
    applied = carried_for(bars, actions, terms.actions, sessions, timeframe=key.timeframe)
    return BarsReading(made, (f"{key.text}: {_told(applied, terms)}",))


def _told(applied: "Iterable[CorporateAction]", terms: Terms) -> str:
    """What prices were adjusted for, in words; where nothing is known of, that they are as they were traded."""
    kinds = ("split",) if terms.actions == "split" else ("split", "dividend")
    inside = [each.kind for each in applied]
    counts = [(inside.count(kind), kind) for kind in kinds]
    told = " and ".join(f"{count:,} {kind}{'' if count == 1 else 's'}" for count, kind in counts)
    if not any(count for count, _ in counts):
        return f"the catalogue knows of {told} in that time: prices are as they were traded"
    return f"adjusted for {told}, in shares of the first bar: later prices are not those quoted"


def _sessions(key: "SeriesKey", bars: Bars) -> "Sessions | None":
    """Sessions for bars within a day of a source that trades on beyond midnight in UTC, where ex dates begin."""
    if not key.timeframe.is_intraday or key.source != "alpaca" or "/" in key.symbol:
        return None
    from autonomous_trading.adapters._calendars import sessions_of

    return sessions_of("XNYS", int(bars.time[0]) - _MARGIN_NS, int(bars.time[-1]) + _MARGIN_NS)
