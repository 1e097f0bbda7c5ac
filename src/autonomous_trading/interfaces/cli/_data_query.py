"""`autotrade data query`: a question in SQL to the catalogue of market data."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, final

import typer

from autonomous_trading.interfaces.cli._catalogue_options import CatalogueOptions
from autonomous_trading.interfaces.cli._failures import FAILED
from autonomous_trading.interfaces.cli._kept_series import damaged_documents, damaged_lines, opened, series_named
from autonomous_trading.interfaces.cli._numbers import whole
from autonomous_trading.interfaces.cli._options import KnownAt, OutputOptions
from autonomous_trading.interfaces.cli._output import console, print_document
from autonomous_trading.interfaces.cli._tables import print_columns

if TYPE_CHECKING:
    from autonomous_trading.adapters.catalogue import Answer

__all__ = ["query_data"]


@final
@dataclass(frozen=True, slots=True)
class QueryOptions:
    """What is asked, of which series, as of when, and how many rows may come."""

    sql: Annotated[
        str,
        typer.Argument(
            metavar="SQL",
            help="One SELECT over the views bars, revisions, refused and series.",
            show_default=False,
        ),
    ]
    keys: Annotated[
        list[str],
        typer.Option(
            "--series",
            metavar="KEY",
            help="Read only this series; repeat for more.",
            show_default="all",
        ),
    ] = field(default_factory=list)
    rows: Annotated[
        int,
        typer.Option("--rows", metavar="N", parser=whole("--rows", least=1, example=50), help="At most so many rows."),
    ] = 1_000
    known_at: KnownAt = None


def query_data(options: QueryOptions, place: CatalogueOptions, output: OutputOptions) -> int:
    """Ask the catalogue in SQL; nothing but its views can be read, and nothing changed.

    A damaged series is left out and named on stderr, with exit code 1; one that --series asks for is an error.
    """
    from autonomous_trading.adapters import known_moment
    from autonomous_trading.adapters.catalogue import query

    then = known_moment("--known-at", options.known_at)
    catalogue = opened(place)
    keys = series_named(catalogue, options.keys) if options.keys else None
    answer = query(catalogue, options.sql, keys=keys, known_at=then, most=options.rows)
    if output.json:
        _refuse_one_name_twice(answer.columns)
        rows = [dict(zip(answer.columns, map(_zoned, row), strict=True)) for row in answer.rows]
        left_out = damaged_documents(answer.left_out)
        print_document({"command": "data query", "rows": rows, "cut_off": answer.cut_off, "left_out": left_out})
    else:
        _print_answer(answer)
    for line in damaged_lines(answer.left_out):
        print(f"left out: {line}", file=sys.stderr)
    return FAILED if answer.left_out else 0


def _refuse_one_name_twice(columns: Sequence[str]) -> None:
    """Raises InvalidInput: a row of a JSON document has one value for each name, and the others would be lost."""
    from autonomous_trading.core import InvalidInput

    twice = [name for name in dict.fromkeys(columns) if columns.count(name) > 1]
    if twice:
        raise InvalidInput(
            f"the answer has several columns named {', '.join(map(repr, twice))}, and --json keeps one of a name",
            fix="name all but one of them otherwise: SELECT ... AS other",
        )


def _print_answer(answer: "Answer") -> None:
    screen = console()
    words = [
        name
        for at, name in enumerate(answer.columns)
        if not all(isinstance(row[at], int | float) for row in answer.rows)
    ]
    rows = [[f"{each:.10g}" if isinstance(each, float) else str(_plain(each)) for each in row] for row in answer.rows]
    print_columns(screen, answer.columns, rows, left=words)
    if answer.cut_off:
        screen.print(f"... and more: these are the first {len(answer.rows):,} (--rows)", style="dim")


def _zoned(value: object) -> object:
    """As `_plain`, moments with the Z of UTC: a document is read by programs."""
    text = _plain(value)
    return f"{text}Z" if isinstance(value, datetime) and value.tzinfo is None else text


def _plain(value: object) -> object:
    """Moments as ISO text, anything else as it is."""
    iso = getattr(value, "isoformat", None)
    return iso() if iso is not None else value
