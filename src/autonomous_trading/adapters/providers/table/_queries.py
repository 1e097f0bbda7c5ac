"""What a table is asked. Values travel beside the query, the library quotes the names: neither is pasted."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import psycopg
from psycopg import sql

from autonomous_trading.adapters.providers.table._shape import TableShape
from autonomous_trading.core import InvalidInput
from autonomous_trading.data import BarsRequest

__all__ = ["bars_query", "check_columns", "holds_query"]

_TIMES: Final = {1184: "timestamp with time zone", 1114: "timestamp", 1082: "date"}
_NUMBERS: Final = frozenset({20, 21, 23, 700, 701, 1700})  # integers, floats and numeric, by their type numbers
_TEXTS: Final = frozenset({25, 1042, 1043, 19})
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def check_columns(connection: "psycopg.Connection[Any]", shape: TableShape) -> None:
    """Nothing, or InvalidInput where a column has a type that cannot hold what it is said to hold."""
    names = shape.named()
    query = sql.SQL("SELECT {} FROM {} LIMIT 0").format(_list(names.values()), _quoted(*shape.path))
    with connection.cursor() as cursor:
        cursor.execute(query, [])
        types = {name: column.type_code for name, column in zip(names, cursor.description or (), strict=True)}
    for name, kind in types.items():
        fits = _TIMES if name == "time" else _TEXTS if name in ("symbol", "timeframe") else _NUMBERS
        if kind not in fits:
            wanted = "a timestamp or a date" if name == "time" else "a text" if fits is _TEXTS else "a number"
            raise InvalidInput(
                f"column {names[name]!r} of {shape.table} is not {wanted}",
                fix="name another column, or make a view that casts it and name the view",
            )


def holds_query(shape: TableShape) -> sql.Composed:
    """Whether the table has rows of a symbol: one value, the symbol."""
    return sql.SQL("SELECT EXISTS (SELECT 1 FROM {} WHERE {} = %s)").format(_quoted(*shape.path), _quoted(shape.symbol))


def bars_query(shape: TableShape, symbol: str, request: BarsRequest) -> tuple[sql.Composed, list[object]]:
    """The rows of one symbol in a span, in order of time: microseconds since 1970, then five numbers."""
    time = _quoted(shape.time)
    numbers = [
        sql.SQL("{}::double precision").format(_quoted(getattr(shape, name)))
        for name in ("open", "high", "low", "close", "volume")
        if getattr(shape, name)
    ]
    where = [sql.SQL("{} = %s").format(_quoted(shape.symbol)), sql.SQL("{0} >= %s AND {0} < %s").format(time)]
    values: list[object] = [symbol, _moment(request.span.start), _moment(request.span.stop)]
    if shape.timeframe:
        where.append(sql.SQL("{} = %s").format(_quoted(shape.timeframe)))
        values.append(request.timeframe.text)
    query = sql.SQL("SELECT (EXTRACT(EPOCH FROM {}) * 1000000)::bigint, {} FROM {} WHERE {} ORDER BY {}").format(
        time, sql.SQL(", ").join(numbers), _quoted(*shape.path), sql.SQL(" AND ").join(where), time
    )
    return query, values


def _quoted(*names: str) -> sql.Identifier:
    """A name as PostgreSQL takes it. Every query goes with values, so "%" in a name has to be doubled for the library,
    which would take "%s" in it for the place of one.
    """
    return sql.Identifier(*(name.replace("%", "%%") for name in names))


def _list(names: Any) -> sql.Composed:
    return sql.SQL(", ").join(_quoted(name) for name in names)


def _moment(ns: int) -> datetime:
    """The microsecond at or after a moment: PostgreSQL counts no finer."""
    return _EPOCH + timedelta(microseconds=-(-ns // 1000))
