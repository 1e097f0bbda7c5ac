"""Where trials are kept: one file of SQLite, or a PostgreSQL server, with the same schema, guards and backups."""

from autonomous_trading.adapters.store._address import shown_name
from autonomous_trading.adapters.store._audit import audit
from autonomous_trading.adapters.store._backup import backup, restore, upgrade
from autonomous_trading.adapters.store._collections import Collection, Entry
from autonomous_trading.adapters.store._ledger import SqlLedger
from autonomous_trading.adapters.store._store import Store, open_store

__all__ = [
    "Collection",
    "Entry",
    "SqlLedger",
    "Store",
    "audit",
    "backup",
    "open_store",
    "restore",
    "shown_name",
    "upgrade",
]
