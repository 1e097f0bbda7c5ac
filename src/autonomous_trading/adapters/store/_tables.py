"""The tables, the same on both databases. Changing one needs a migration: a test compares the two."""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.types import TypeEngine

__all__ = ["COLLECTIONS", "METADATA", "OPEN", "batch", "event", "job", "project", "trial"]

METADATA: Final = MetaData()
OPEN: Final = "state IN ('pending', 'running')"
"""What a trial is until it ended: written out, because the index of open trials is only used for this very text."""

_Whole: Final[TypeEngine[int]] = BigInteger().with_variant(Integer(), "sqlite")
_Real: Final[TypeEngine[float]] = Double().with_variant(sqlite.REAL(), "sqlite")
_STRICT: Final[dict[str, Any]] = {"sqlite_strict": True}
# Rows lie in the order of their key, and the key is written once.
_CLUSTERED: Final[dict[str, Any]] = {"sqlite_strict": True, "sqlite_with_rowid": False}


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _whole(name: str) -> Column[int]:
    return Column(name, _Whole, nullable=False)


def _of_job() -> Column[int]:
    return Column("job", _Whole, ForeignKey("job.number"), primary_key=True, autoincrement=False)


project = Table(
    "project",
    METADATA,
    Column("name", Text, primary_key=True),
    _whole("trials"),  # of its whole life, re-runs included
    _whole("looks"),
    **_STRICT,
)

job = Table(
    "job",
    METADATA,
    Column("number", _Whole, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("project", Text, ForeignKey("project.name"), nullable=False),
    _text("title"),
    _text("spec_id"),
    _whole("run"),
    _text("spec"),
    _text("state"),
    _whole("proposed"),
    _whole("ended"),
    _whole("sets"),  # parameter sets evaluated: trials, and neighbours that were looked at for them
    _whole("events"),
    _text("head"),  # the hash of the last event
    _text("created_at"),
    _text("updated_at"),
    CheckConstraint("state IN ('running', 'done', 'cancelled', 'failed')", name="job_state"),
    Index("job_of_project", "project", "number"),
    Index("job_of_spec", "spec_id", "run", unique=True),
    **_STRICT,
)

batch = Table(
    "batch",
    METADATA,
    _of_job(),
    Column("number", _Whole, primary_key=True, autoincrement=False),
    _whole("first"),
    _whole("count"),
    _text("digest"),
    **_CLUSTERED,
)

trial = Table(
    "trial",
    METADATA,
    _of_job(),
    Column("n", _Whole, primary_key=True, autoincrement=False),
    _whole("batch"),
    _text("parameters"),  # canonical JSON
    _whole("seed"),
    _text("state"),
    _whole("epoch"),
    _whole("attempts"),
    _whole("company"),  # trials it was last claimed together with, itself included; 0 while no worker was lost with it
    Column("lease_until", _Real),  # seconds since 1970 by the clock of the database
    Column("worker", Text),
    Column("result", LargeBinary),  # little-endian float64, in the order of the job's metrics
    _text("error"),
    CheckConstraint("state IN ('pending', 'running', 'done', 'failed', 'dead')", name="trial_state"),
    Index("trial_open", "job", "n", sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
    **_CLUSTERED,
)

event = Table(
    "event",
    METADATA,
    _of_job(),
    Column("number", _Whole, primary_key=True, autoincrement=False),
    _text("kind"),
    _text("payload"),  # canonical JSON
    _text("at"),
    _text("previous"),
    _text("hash"),
    **_CLUSTERED,
)


def _collection(name: str, *facts: str) -> Table:
    """One collection: facts to find an entry by, and what it holds as JSON."""
    head = (Column("id", Text, primary_key=True), _text("project"), _text("created_at"))
    found_by = Index(f"{name}_of_project", "project", "created_at")
    return Table(name, METADATA, *head, *map(_text, facts), _text("content"), found_by, **_STRICT)


COLLECTIONS: Final = {
    "strategies": _collection("strategies", "name", "kind"),
    "ml_models": _collection("ml_models", "name", "kind", "version", "digest"),
    "backtest_results": _collection("backtest_results", "strategy", "symbol", "kind"),
    "signals": _collection("signals", "strategy", "symbol", "bar_time"),
    "training_runs": _collection("training_runs", "model", "kind", "state"),
    "rl_experiences": _collection("rl_experiences", "agent", "episode"),
    "feature_store": _collection("feature_store", "name", "symbol", "digest"),
    "optimization_results": _collection("optimization_results", "job", "strategy", "method"),
    "market_regimes": _collection("market_regimes", "symbol", "method", "regime"),
}
"""The nine collections by name."""
