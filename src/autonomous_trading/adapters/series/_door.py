"""One series from a text: what a person types where other data is asked for."""

import os
from typing import Final

from autonomous_trading.adapters.series._fred import FredClient
from autonomous_trading.adapters.series._series_files import chosen, read_series
from autonomous_trading.adapters.series._tables import column_name
from autonomous_trading.core import InvalidInput
from autonomous_trading.data import Sessions
from autonomous_trading.data.knowable import KnowableSeries, ReleaseLag, year_on_year

__all__ = ["load_series"]

_FRED: Final = "fred:"
_YEAR_ON_YEAR: Final = "@yoy"


def load_series(
    text: str | os.PathLike[str],
    *,
    name: str | None = None,
    freq: str | None = None,
    lag: ReleaseLag | int | None = None,
    sessions: Sessions | None = None,
) -> KnowableSeries:
    """The series that a text names, each value with the time from which it could be known.

    "macro.parquet:CPIAUC" is one series of a file, "vix.csv" a file with one (see `read_series` for what is
    understood, and for `freq`, `lag` and `sessions`), "fred:CPIAUCSL" a series of the Federal Reserve Bank of St. Louis
    with every vintage (needs FRED_API_KEY). "@yoy" behind it asks for the change on the year before. `name` is the
    column it becomes. Raises InvalidInput, UnknownName, DataNotFound and what a source raises.
    """
    written = os.fspath(text)
    yearly = written.endswith(_YEAR_ON_YEAR)
    place = written.removesuffix(_YEAR_ON_YEAR)
    if place.lower().startswith(_FRED):
        if freq or lag is not None or sessions is not None:
            raise InvalidInput(f"{place}: FRED says itself when a value was known", fix="leave out freq, lag, sessions")
        series = FredClient.from_environment().vintages(place[len(_FRED) :])
    else:
        file, _, wanted = place.rpartition(":") if _names_a_series(place) else (place, "", "")
        series = chosen(read_series(file, freq=freq, lag=lag, sessions=sessions), wanted, file)
    if yearly:
        series = year_on_year(series, f"{series.name}_yoy")
    return series if name is None else series.named(column_name(name) if not name.isidentifier() else name)


def _names_a_series(place: str) -> bool:
    """Whether a name stands behind the file: a colon, no slash after it, and no such file."""
    file, colon, wanted = place.rpartition(":")
    return bool(colon) and len(file) > 1 and not os.path.exists(place) and not set("/\\") & set(wanted)
