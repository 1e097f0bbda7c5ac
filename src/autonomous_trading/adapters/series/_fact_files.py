"""News, reported figures and contracts from files."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from autonomous_trading.adapters.series._tables import (
    found,
    known_by_end_of_date,
    needed,
    numbers_of,
    read_frame,
    times_of,
)
from autonomous_trading.adapters.text import joined_words
from autonomous_trading.data.knowable import Fundamental, NewsItem

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["read_fundamentals", "read_instruments", "read_news"]

_NEWS_TIMES: Final = ("knowable_at", "timestamp", "created_at", "published_at", "datetime", "date", "time")


def read_fundamentals(place: "str | os.PathLike[str] | pd.DataFrame") -> tuple[Fundamental, ...]:
    """Reported figures from columns symbol, period_end, filed (knowable_at), name, value, and perhaps unit.

    A filing date without an hour counts from its end. Rows without a value are left out. Raises InvalidInput and
    DataNotFound.
    """
    frame = read_frame(place)
    value = numbers_of(needed(frame, "the values", "value"))
    period = times_of(needed(frame, "the ends of the periods", "period_end", "report_date", "fiscal_period_end"))
    filed = known_by_end_of_date(times_of(needed(frame, "the filing dates", "filed", "knowable_at", "accepted")))
    symbols = needed(frame, "the symbols", "symbol", "ticker").astype(str).tolist()
    names = needed(frame, "the names of the figures", "name", "item", "tag").astype(str).tolist()
    unit = found(frame, "unit", "currency")
    units = [""] * len(frame) if unit is None else unit.fillna("").astype(str).tolist()
    return tuple(
        Fundamental(symbols[row], names[row], int(period[row]), int(filed[row]), float(value[row]), units[row])
        for row in np.flatnonzero(~np.isnan(value)).tolist()
    )


def read_news(place: "str | os.PathLike[str] | pd.DataFrame") -> tuple[NewsItem, ...]:
    """News or tweets in order of time, from columns timestamp, symbol (symbols, with commas), text or headline, source.

    Words that were taken apart (lists, or spaces around commas and $) are joined; masked users and addresses are left
    out. A date without an hour counts from its end. Raises InvalidInput and DataNotFound.
    """
    frame = read_frame(place)
    stated = times_of(needed(frame, "the times", *_NEWS_TIMES))
    dates_only = bool((stated % 86_400_000_000_000 == 0).all())
    time = known_by_end_of_date(stated) if dates_only else stated
    symbols = needed(frame, "the symbols", "symbol", "symbols", "ticker").tolist()
    texts, headlines = found(frame, "text", "tweet", "content", "tokens", "summary"), found(frame, "headline", "title")
    if texts is None and headlines is None:
        needed(frame, "the words", "text", "headline")
    sources = found(frame, "source", "publisher")
    empty = [""] * len(frame)
    bodies = empty if texts is None else [_words(text) for text in texts.tolist()]
    titles = empty if headlines is None else [_words(text) for text in headlines.tolist()]
    origins = empty if sources is None else sources.fillna("").astype(str).tolist()
    return tuple(
        NewsItem(int(time[row]), _symbols(symbols[row]), titles[row], bodies[row], origins[row])
        for row in np.argsort(time, kind="stable").tolist()
    )


def read_instruments(place: "str | os.PathLike[str] | pd.DataFrame") -> Mapping[str, Mapping[str, object]]:
    """What a table says about each contract (point size, currency, cost), by its symbol. Facts without a time."""
    frame = read_frame(place)
    names = needed(frame, "the symbols", "symbol", "instrument", "ticker").astype(str)
    rows = frame.drop(columns=[str(names.name)]).to_dict(orient="records")
    return {name: {str(key): value for key, value in row.items()} for name, row in zip(names, rows, strict=True)}


def _words(text: object) -> str:
    if isinstance(text, str):
        return joined_words(text)
    return joined_words([str(word) for word in text]) if isinstance(text, list | tuple | np.ndarray) else ""


def _symbols(given: object) -> tuple[str, ...]:
    parts: list[object] = []
    if isinstance(given, str):
        parts = [*given.replace(";", ",").split(",")]
    elif isinstance(given, list | tuple | np.ndarray):
        parts = [*given]
    return tuple(str(part).strip() for part in parts if str(part).strip())
