"""What the columns of other people's tables are called, and what they are here."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, final

from autonomous_trading.adapters._raw_table import Label, label_text
from autonomous_trading.core import InvalidBars

__all__ = ["ARRAY_ORDER", "PRICES", "Roles", "assign_roles", "is_symbol_name", "role_of", "snake_case"]

PRICES: Final = ("open", "high", "low", "close")
ARRAY_ORDER: Final = ("time", "open", "high", "low", "close", "volume")
"""The order of columns that have no names: that of ccxt, Binance and most others."""

_ALIASES: Final = {
    "time": ["time", "t", "ts", "date", "datetime", "date_time", "timestamp", "open_time", "unix", "epoch"],
    "open": ["open", "o", "open_price"],
    "high": ["high", "h", "high_price"],
    "low": ["low", "l", "low_price"],
    "close": ["close", "c", "close_price", "close_last"],
    "volume": ["volume", "v", "vol"],
    # Adjusted for dividends that came later: knowledge of the future, used only when asked for.
    "adjusted": ["adj_close", "adjusted_close", "adjclose", "close_adj", "close_adjusted"],
    "symbol": ["symbol", "ticker", "instrument"],
}
_ROLES: Final = {alias: role for role, aliases in _ALIASES.items() for alias in aliases}
# What pandas calls an index without a name when it writes one into a file, and when it reads one back.
_INDEX_NAME: Final = re.compile(r"__index_level_\d+__|Unnamed: \d+|")


@final
@dataclass(frozen=True, slots=True)
class Roles:
    """Which column is what, as positions: several may claim to be the time."""

    time: tuple[int, ...]
    single: dict[str, int]
    extra: dict[str, int]


def snake_case(name: str) -> str:
    """The name as Python would write it: "Open Interest", "openInterest" and "<OPEN-INTEREST>" agree."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name.strip())
    plain = re.sub(r"\W+", "_", spaced).strip("_").lower()
    plain = re.sub(r"_+", "_", plain)
    # A number in front is no name in Python, and "extra" is where Bars keeps these columns.
    return plain if plain.isidentifier() and plain != "extra" else f"column_{plain}"


def role_of(label: Label) -> str | None:
    """The part a column plays ("time", "open", ..., "volume", "adjusted", "symbol", "index"), or None."""
    text = label_text(label)
    if _INDEX_NAME.fullmatch(text):
        return "index"
    name = snake_case(text)
    return _ROLES.get(name) or _ROLES.get(name.replace("_", ""))


def is_symbol_name(label: Label) -> bool:
    """Whether a column of this name says which instrument a row belongs to."""
    return role_of(label) == "symbol"


def assign_roles(source: str, labels: Sequence[Label]) -> Roles:
    """Which column is what. Raises InvalidBars when a price is missing or two columns claim the same part."""
    time: list[int] = []
    single: dict[str, int] = {}
    extra: dict[str, int] = {}
    index: list[int] = []
    for position, label in enumerate(labels):
        role = role_of(label)
        if role == "time":
            time.append(position)
        elif role == "index":
            index.append(position)
        else:
            taken = single if role else extra
            name = role or snake_case(label_text(label))
            if name in taken:
                raise _claimed_twice(source, name, labels[taken[name]], label)
            taken[name] = position
    _refuse_missing(source, labels, single)
    return Roles(time=tuple(time or index), single=single, extra=extra)


def _claimed_twice(source: str, name: str, first: Label, second: Label) -> InvalidBars:
    return InvalidBars(
        f"{source}: the columns {label_text(first)!r} and {label_text(second)!r} are both read as {name!r}",
        fix="keep one of them or rename the other",
    )


def _refuse_missing(source: str, labels: Sequence[Label], single: dict[str, int]) -> None:
    missing = [name for name in PRICES if name not in single]
    if not missing:
        return
    found = ", ".join(repr(label_text(label)) for label in labels if label_text(label)) or "none with a name"
    also = "; the adjusted close alone is not a price that was traded" if "adjusted" in single else ""
    raise InvalidBars(
        f"{source}: no column for {', '.join(missing)} (columns found: {found}){also}",
        fix="name the columns time, open, high, low, close, volume (any case; o, h, l, c, v will do)",
    )
