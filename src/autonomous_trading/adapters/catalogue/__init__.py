"""Where market data is kept: Parquet files that are whole or not there."""

from autonomous_trading.adapters.catalogue._catalogue import ParquetCatalogue, SeriesSummary

__all__ = ["ParquetCatalogue", "SeriesSummary"]
