"""Data strings that name a provider: "alpaca:AAPL,MSFT:1h", read from the catalogue and from nowhere else."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, final

from autonomous_trading.adapters._door import BarsReading
from autonomous_trading.core import DataNotFound, InvalidInput, Timeframe, unknown_name

if TYPE_CHECKING:
    from autonomous_trading.data import SeriesKey

__all__ = ["CATALOGUE", "DataString", "data_string_of", "from_catalogue"]

CATALOGUE: Final = "market-data"
"""The folder of the catalogue where nobody names another one."""

_FORM: Final = re.compile(r"([A-Za-z][\w-]+):([^\\]+):([^:/\\@]+)(?:@([a-z]+))?")


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


def from_catalogue(wanted: DataString, catalogue: str | Path | None = None) -> dict[str, BarsReading]:
    """The bars of each symbol, by symbol, as they are known now. Nothing is asked of the network.

    Raises DataNotFound with the command that fetches what is missing.
    """
    from autonomous_trading.adapters.catalogue import ParquetCatalogue

    place = Path(catalogue or CATALOGUE)
    kept = ParquetCatalogue(place)
    found: dict[str, BarsReading] = {}
    for key in wanted.keys:
        try:
            found[key.symbol] = BarsReading(kept.read(key))
        except DataNotFound:
            raise DataNotFound(f"{key.text} is not in the catalogue {place}", fix=wanted.fetching) from None
    return found
