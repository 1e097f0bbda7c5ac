"""The nine collections beside the ledger: entries found by a few facts, each with JSON of its own."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

from sqlalchemy import delete, func, insert, select

from autonomous_trading.adapters.store._store import Store, moment
from autonomous_trading.adapters.store._tables import COLLECTIONS
from autonomous_trading.app import canonical_json
from autonomous_trading.core import InvalidInput, unknown_name

__all__ = ["Collection", "Entry"]

_HEAD = ("id", "project", "created_at", "content")


@final
@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: what it is found by, and what it holds. created_at: ISO 8601 UTC, by the clock of the database."""

    id: str
    project: str
    created_at: str
    facts: Mapping[str, str]
    content: Mapping[str, Any]


@final
class Collection:
    """One of strategies, ml_models, backtest_results, signals, training_runs, rl_experiences, feature_store,
    optimization_results and market_regimes in an open store. Entries never change: add another one.
    """

    def __init__(self, store: Store, name: str) -> None:
        """Raises UnknownName."""
        if name not in COLLECTIONS:
            raise unknown_name("collection", name, COLLECTIONS)
        self._store = store
        self._table = COLLECTIONS[name]
        self.facts = tuple(column.name for column in self._table.columns if column.name not in _HEAD)

    def add(self, project: str, facts: Mapping[str, str], content: Mapping[str, Any]) -> Entry:
        """Keep an entry. InvalidInput where facts are missing or unknown, or the content is not plain JSON."""
        if set(facts) != set(self.facts):
            raise InvalidInput(
                f"{self._table.name} are found by {', '.join(self.facts)}; got {', '.join(sorted(facts)) or 'nothing'}",
                fix="name exactly these",
            )
        try:
            text = canonical_json(content)
        except (TypeError, ValueError) as error:
            raise InvalidInput(
                f"an entry needs plain JSON values: {error}", fix="give texts, finite numbers, lists"
            ) from None
        with self._store.write() as connection:
            at = moment(connection).text
            row = {"id": secrets.token_hex(16), "project": project, "created_at": at, "content": text, **facts}
            connection.execute(insert(self._table), row)
        return Entry(row["id"], project, at, dict(facts), json.loads(text))

    def find(self, project: str, facts: Mapping[str, str] | None = None, *, most: int = 100) -> Sequence[Entry]:
        """The entries of a project with these facts, the newest first."""
        query = select(self._table).where(self._table.c.project == project)
        for name, value in (facts or {}).items():
            if name not in self.facts:
                raise unknown_name(f"fact of {self._table.name}:", name, self.facts)
            query = query.where(self._table.c[name] == value)
        order = self._table.c.created_at.desc(), self._table.c.id
        with self._store.read() as connection:
            rows = connection.execute(query.order_by(*order).limit(most)).mappings()
            return [self._entry(row) for row in rows]

    def count(self, project: str) -> int:
        """How many entries a project has."""
        query = select(func.count()).select_from(self._table).where(self._table.c.project == project)
        with self._store.read() as connection:
            return int(connection.execute(query).scalar_one())

    def remove(self, entry_id: str) -> bool:
        """Forget an entry; whether it was there."""
        with self._store.write() as connection:
            return connection.execute(delete(self._table).where(self._table.c.id == entry_id)).rowcount == 1

    def _entry(self, row: Mapping[Any, Any]) -> Entry:
        facts = {name: str(row[name]) for name in self.facts}
        return Entry(row["id"], row["project"], row["created_at"], facts, json.loads(row["content"]))
