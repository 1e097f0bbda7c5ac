"""Where other data comes from: series, ticks, books, news and reported figures, from files and from FRED."""

from autonomous_trading.adapters.series._door import load_series
from autonomous_trading.adapters.series._fact_files import read_fundamentals, read_instruments, read_news
from autonomous_trading.adapters.series._fred import FRED, FredClient
from autonomous_trading.adapters.series._series_files import read_series
from autonomous_trading.adapters.series._tables import column_name
from autonomous_trading.adapters.series._tick_files import Clock, read_book_updates, read_quotes, read_trades

__all__ = [
    "FRED",
    "Clock",
    "FredClient",
    "column_name",
    "load_series",
    "read_book_updates",
    "read_fundamentals",
    "read_instruments",
    "read_news",
    "read_quotes",
    "read_series",
    "read_trades",
]
