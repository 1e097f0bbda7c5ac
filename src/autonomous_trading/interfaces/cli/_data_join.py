"""`autotrade data join`: bars with columns of other data, written as a file that every command reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Final, final

import typer

from autonomous_trading.interfaces.cli._catalogue_options import CatalogueOptions, catalogue_place
from autonomous_trading.interfaces.cli._options import OUTPUT_PANEL, Adjust, KnownAt, OutputOptions
from autonomous_trading.interfaces.cli._output import console, print_document
from autonomous_trading.interfaces.cli._table_file import table_target, write_table

if TYPE_CHECKING:
    import pandas as pd

    from autonomous_trading.core import Bars
    from autonomous_trading.data.knowable import KnowableSeries

__all__ = ["join_data"]

_WHAT: Final = "What is joined"


@final
@dataclass(frozen=True, slots=True)
class JoinOptions:
    """Which bars, which series, and where the result goes."""

    data: Annotated[str, typer.Argument(metavar="DATA", help="The bars: whatever --data takes.", show_default=False)]
    output: Annotated[
        str,
        typer.Option(
            "--output",
            metavar="FILE",
            rich_help_panel=OUTPUT_PANEL,
            help="The file to write: .parquet, .csv or .feather. It must not exist.",
            show_default=False,
        ),
    ]
    series: Annotated[
        list[str],
        typer.Option(
            "--series",
            metavar="[COLUMN=]FILE[:NAME]",
            rich_help_panel=_WHAT,
            help="A series of a file, or fred:NAME; @yoy behind it is the change on the year before. Repeat for more.",
            show_default=False,
        ),
    ] = field(default_factory=list)
    decide_at: Annotated[
        str,
        typer.Option(
            "--decide-at", metavar="close|open", rich_help_panel=_WHAT, help="When a strategy decides on a bar."
        ),
    ] = "close"
    timeframe: Annotated[
        str | None,
        typer.Option(
            "--timeframe",
            metavar="TIME",
            rich_help_panel=_WHAT,
            help="How long a bar is: 1h, 1d.",
            show_default="the smallest step between bars",
        ),
    ] = None
    max_age: Annotated[
        str | None,
        typer.Option(
            "--max-age",
            metavar="TIME",
            rich_help_panel=_WHAT,
            help="How long a value counts: 45d.",
            show_default="until the next",
        ),
    ] = None
    adjust: Adjust = "none"
    known_at: KnownAt = None


def join_data(options: JoinOptions, place: CatalogueOptions, output: OutputOptions) -> int:
    """Write bars with columns of other data: on each bar what was known when a strategy decides on it."""
    from autonomous_trading.adapters import notes_together, read_many
    from autonomous_trading.core import InvalidInput
    from autonomous_trading.interfaces.python import join

    target = table_target(options.output, "bars")
    if not options.series:
        raise InvalidInput("there is no series to join", fix="add --series FILE:NAME")
    series = [_named(text) for text in options.series]
    asked: dict[str, Any] = {
        "decide_at": options.decide_at, "timeframe": options.timeframe, "max_age": options.max_age,
    }  # fmt: skip
    readings = read_many(
        options.data,
        adjust=options.adjust,
        catalogue=catalogue_place(place.catalogue),
        known_at=options.known_at,
    )
    joined = {symbol: join(reading.bars, *series, **asked) for symbol, reading in readings.items()}
    write_table(target, _frame(joined))
    columns = [_column(each, joined) for each in series]
    notes = list(notes_together(note for reading in readings.values() for note in reading.notes))
    if output.json:
        instruments = [{"symbol": symbol, "bars": len(bars)} for symbol, bars in joined.items()]
        document = {"command": "data join", "output": str(target), "instruments": instruments, "columns": columns}
        print_document({**document, "notes": notes})
    else:
        _show(options, joined, columns, notes)
    return 0


def _named(text: str) -> "KnowableSeries":
    """The series that a text names, under the name before "=" where there is one."""
    from autonomous_trading.adapters.series import load_series

    name, equals, place = text.partition("=")
    return load_series(place, name=name.strip()) if equals and name.strip().isidentifier() else load_series(text)


def _frame(joined: "Mapping[str, Bars]") -> "pd.DataFrame":
    """Several instruments one below the other, told apart by a column."""
    import pandas as pd

    from autonomous_trading.adapters import bars_to_frame

    parts = [bars_to_frame(bars).reset_index().assign(symbol=symbol) for symbol, bars in joined.items()]
    return pd.concat(parts, ignore_index=True)


def _column(series: "KnowableSeries", joined: "Mapping[str, Bars]") -> dict[str, object]:
    import numpy as np

    from autonomous_trading.core import time_text

    known = sum(int(np.count_nonzero(~np.isnan(bars.extra[series.name]))) for bars in joined.values())
    first = time_text(int(series.knowable_at[0])) if len(series) else None
    return {
        "name": series.name, "source": series.source, "unit": series.unit, "values": len(series),
        "lag": series.lag, "first_known": first, "bars_with_a_value": known,
    }  # fmt: skip


def _show(
    options: JoinOptions, joined: "Mapping[str, Bars]", columns: list[dict[str, object]], notes: list[str]
) -> None:
    screen = console()
    rows = sum(len(bars) for bars in joined.values())
    what = f"{len(joined)} instruments" if len(joined) > 1 else next(iter(joined))
    screen.print(f"Wrote {rows:,} bars of {what} to {options.output}.", soft_wrap=True)
    for column in columns:
        words = (
            f"{column['name']}: a value on {column['bars_with_a_value']:,} bars, first known {column['first_known']}"
        )
        lag = f"; taken as known {column['lag']}" if column["lag"] else ""
        screen.print(f"  {words}{lag}", soft_wrap=True)
    for note in notes:
        screen.print(f"- {note}", soft_wrap=True)
    screen.print(f"Next: autotrade backtest --data {options.output} --strategy NAME", style="dim", soft_wrap=True)
