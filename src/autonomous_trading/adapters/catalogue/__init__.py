"""Where market data is kept: Parquet files that are whole or not there."""

from autonomous_trading.adapters.catalogue._catalogue import DamagedSeries, ParquetCatalogue, SeriesSummary, Survey
from autonomous_trading.adapters.catalogue._query import VIEWS, Answer, query

__all__ = ["VIEWS", "Answer", "DamagedSeries", "ParquetCatalogue", "SeriesSummary", "Survey", "query"]
