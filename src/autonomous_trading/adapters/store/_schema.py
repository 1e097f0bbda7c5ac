"""Which schema a store has, and how it gets the one this program knows."""

from collections.abc import Sequence
from typing import Any, Final, Literal

from sqlalchemy import Connection, inspect, text

from autonomous_trading.core import Refused

__all__ = ["REVISIONS", "found_revision", "migrate", "refuse_other_schema", "standing"]

REVISIONS: Final = ("0001", "0002")
"""Every step of the schema, in order; this program reads and writes the last. A test holds it to the files."""

_MIGRATIONS: Final = "autonomous_trading.adapters.store:migrations"
_ONE_AT_A_TIME: Final = 7_246_118_035  # names the lock two programs wait at that make the same store at once


def found_revision(connection: Connection) -> str | None:
    """The schema of a store; None for a database that is empty, "" for one that holds something else."""
    if inspect(connection).has_table("alembic_version"):
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")
    return "" if inspect(connection).get_table_names() else None


def standing(found: str, known: Sequence[str] = REVISIONS) -> Literal["current", "older", "newer", "foreign"]:
    """How a schema that was found stands to those that are known."""
    if not found:
        return "foreign"
    if found not in known:
        return "newer"
    return "current" if found == known[-1] else "older"


def refuse_other_schema(name: str, found: str) -> None:
    """Nothing, or Refused with what to do, where a store has not the schema of this program."""
    where = standing(found)
    if where == "older":
        raise Refused(
            f"{name} has schema {found}, and this program needs {REVISIONS[-1]}",
            fix=f"run 'autotrade store upgrade {name}': it makes a backup first",
        )
    if where == "newer":
        raise Refused(
            f"{name} has schema {found}, which is newer than this program knows ({REVISIONS[-1]})",
            fix="update the program: pip install --upgrade autonomous-trading",
        )
    if where == "foreign":
        raise Refused(
            f"{name} is the database of another program: its tables are not those of a store",
            fix="name another file or database",
        )


def migrate(connection: Connection, target: str = REVISIONS[-1]) -> None:
    """Brings a store to a schema, inside the transaction of the connection: whole, or not at all."""
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})
    config = Config()
    config.set_main_option("script_location", _MIGRATIONS)
    scripts = ScriptDirectory.from_config(config)

    def steps(found: Any, _context: Any) -> Any:
        return scripts._upgrade_revs(target, found)

    with EnvironmentContext(config, scripts, fn=steps, destination_rev=target) as environment:
        environment.configure(connection=connection, transaction_per_migration=False)
        environment.run_migrations()
