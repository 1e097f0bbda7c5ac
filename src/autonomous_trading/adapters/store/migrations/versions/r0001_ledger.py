"""The ledger: projects, jobs, batches, trials, events."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import sqlite

revision = "0001"
down_revision: str | None = None
branch_labels: None = None
depends_on: None = None

_WHOLE: Any = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_REAL: Any = sa.Double().with_variant(sqlite.REAL(), "sqlite")
_STRICT: Any = {"sqlite_strict": True}
_CLUSTERED: Any = {"sqlite_strict": True, "sqlite_with_rowid": False}
_OPEN = "state IN ('pending', 'running')"


def upgrade() -> None:
    """Makes the five tables."""
    op.create_table(
        "project", sa.Column("name", sa.Text, primary_key=True), _whole("trials"), _whole("looks"), **_STRICT
    )
    _jobs()
    op.create_table("batch", _of_job(), _key("number"), _whole("first"), _whole("count"), _text("digest"), **_CLUSTERED)
    _trials()
    texts = map(_text, ("kind", "payload", "at", "previous", "hash"))
    op.create_table("event", _of_job(), _key("number"), *texts, **_CLUSTERED)
    if op.get_bind().dialect.name == "sqlite":
        _statistics()


def _jobs() -> None:
    op.create_table(
        "job",
        sa.Column("number", _WHOLE, primary_key=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("project", sa.Text, sa.ForeignKey("project.name"), nullable=False),
        *map(_text, ("title", "spec_id")),
        _whole("run"),
        *map(_text, ("spec", "state")),
        *map(_whole, ("proposed", "ended", "sets", "events")),
        *map(_text, ("head", "created_at", "updated_at")),
        sa.CheckConstraint("state IN ('running', 'done', 'cancelled', 'failed')", name="job_state"),
        **_STRICT,
    )
    op.create_index("job_of_project", "job", ["project", "number"])
    op.create_index("job_of_spec", "job", ["spec_id", "run"], unique=True)


def _trials() -> None:
    op.create_table(
        "trial",
        _of_job(),
        _key("n"),
        _whole("batch"),
        _text("parameters"),
        _whole("seed"),
        _text("state"),
        *map(_whole, ("epoch", "attempts", "company")),
        sa.Column("lease_until", _REAL),
        sa.Column("worker", sa.Text),
        sa.Column("result", sa.LargeBinary),
        _text("error"),
        sa.CheckConstraint("state IN ('pending', 'running', 'done', 'failed', 'dead')", name="trial_state"),
        **_CLUSTERED,
    )
    op.create_index("trial_open", "trial", ["job", "n"], sqlite_where=sa.text(_OPEN), postgresql_where=sa.text(_OPEN))


def _statistics() -> None:
    """Tells SQLite that few of many trials are open: without it, a claim would read a million ended ones."""
    op.execute("ANALYZE sqlite_schema")  # makes the table of statistics
    for index, rows in (("trial", "1000000 100000 1"), ("trial_open", "1000 100 1")):
        op.execute(f"INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('trial', '{index}', '{rows}')")
    op.execute("ANALYZE sqlite_schema")  # reads it


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _whole(name: str) -> sa.Column[int]:
    return sa.Column(name, _WHOLE, nullable=False)


def _key(name: str) -> sa.Column[int]:
    return sa.Column(name, _WHOLE, primary_key=True, autoincrement=False)


def _of_job() -> sa.Column[int]:
    return sa.Column("job", _WHOLE, sa.ForeignKey("job.number"), primary_key=True, autoincrement=False)
