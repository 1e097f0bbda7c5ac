"""A table in a PostgreSQL database as a source of bars, read and never written."""

from autonomous_trading.adapters.providers.table._provider import TableProvider, table_provider
from autonomous_trading.adapters.providers.table._shape import TableShape

__all__ = ["TableProvider", "TableShape", "table_provider"]
