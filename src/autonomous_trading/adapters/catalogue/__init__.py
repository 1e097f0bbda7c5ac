"""Where market data is kept: Parquet files that are whole or not there."""

__all__: list[str] = []
