"""Which table, and which of its columns is what."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, final

from autonomous_trading.core import InvalidInput

__all__ = ["TableShape"]

_COLUMNS: Final = ("time", "symbol", "open", "high", "low", "close", "volume", "timeframe")


@final
@dataclass(frozen=True, slots=True)
class TableShape:
    """A table ("prices", "market.prices") and the names of its columns.

    `timeframe` is a column with the length of each bar as a text ("1h"); where it is "", all bars have the length
    `bars`. `volume` may be "" where there is none: it is 0 then. Names are taken as they are written and quoted when
    they are sent, so that no name can be read as anything else.
    """

    table: str
    time: str = "time"
    symbol: str = "symbol"
    open: str = "open"
    high: str = "high"
    low: str = "low"
    close: str = "close"
    volume: str = "volume"
    timeframe: str = ""
    bars: str = ""

    def __post_init__(self) -> None:
        if not self.path or not all(self.path) or len(self.path) > 2:
            raise InvalidInput(f"{self.table!r} names no table", fix='write "prices" or "market.prices"')
        for name in ("time", "symbol", "open", "high", "low", "close"):
            if not getattr(self, name):
                raise InvalidInput(f"no column is named for the {name}", fix=f"name the column that holds the {name}")
        for name in (self.table, *self.named().values()):
            if re.search(r"[\x00-\x1f]", name) or len(name) > 200:
                raise InvalidInput(f"{name[:40]!r} is no name of a table or a column", fix="write the name alone")
        if bool(self.timeframe) == bool(self.bars):
            raise InvalidInput(
                "either a column holds the length of each bar, or all bars have one",
                fix='give "timeframe" (a column) or "bars" ("1h"), and not both',
            )

    @property
    def path(self) -> tuple[str, ...]:
        """Schema and table, or the table alone."""
        return tuple(self.table.split("."))

    def named(self) -> Mapping[str, str]:
        """The columns there are, by what they hold."""
        return {name: getattr(self, name) for name in _COLUMNS if getattr(self, name)}

    @staticmethod
    def of(options: Mapping[str, str]) -> "TableShape":
        """The shape that settings describe; raises InvalidInput without a table."""
        if not options.get("table"):
            raise InvalidInput("no table is named for bars from PostgreSQL", fix='set its "table", such as "prices"')
        known = {name: text for name, text in options.items() if name in (*_COLUMNS, "table", "bars")}
        return TableShape(**known)
