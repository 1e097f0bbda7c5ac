"""`autotrade features compute` and `plot`: formulas on bars, as a file of numbers or drawn under the price."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Final, final

import typer

from autonomous_trading.interfaces.cli._market import MarketData, read_market
from autonomous_trading.interfaces.cli._options import OUTPUT_PANEL, MarketOptions, OutputOptions
from autonomous_trading.interfaces.cli._output import console, print_document
from autonomous_trading.interfaces.cli._setup import Defaults, report_path
from autonomous_trading.interfaces.cli._table_file import table_target, write_table
from autonomous_trading.interfaces.cli._tables import plain_table, print_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from autonomous_trading.features import FeatureList, FeatureMatrix

__all__ = ["compute_features_of", "feature_list", "plot_features"]

_TAKEN: Final = ("time", "symbol")
_MOST_DRAWN: Final = 12
_SHOWN: Final = 40


@final
@dataclass(frozen=True, slots=True)
class ComputeOptions:
    """Which features, and where they go."""

    features: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FORMULA]...",
            help='Formulas such as "rsi(14)", "close / sma(close, 200) - 1", "atr(14)@1w"; NAME=FORMULA names one.',
            show_default="the standard set",
        ),
    ] = field(default_factory=list)
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            metavar="FILE",
            rich_help_panel=OUTPUT_PANEL,
            help="Write every bar to this file: .parquet, .csv or .feather. It must not exist.",
            show_default="the last bar is shown",
        ),
    ] = None


@final
@dataclass(frozen=True, slots=True)
class PlotOptions:
    """Which columns are drawn, and where the page goes."""

    features: Annotated[
        list[str],
        typer.Argument(
            metavar="FORMULA...", help="Formulas to draw under the price, one chart each.", show_default=False
        ),
    ]
    html: Annotated[
        str,
        typer.Option("--html", metavar="FILE.html", rich_help_panel=OUTPUT_PANEL, help="The page to write."),
    ] = "features.html"


def compute_features_of(asked: ComputeOptions, market: MarketOptions, output: OutputOptions) -> int:
    """Features of every bar, each as it was known at the bar's close; formulas are those of the grammar."""
    target = None if asked.output is None else table_target(asked.output, "features")
    bars = read_market(market, Defaults.read().data.get("catalogue"))
    found = _computed(bars, feature_list(asked.features or []))
    if target is not None:
        write_table(target, _frame(found))
    if output.json:
        instruments = {symbol: _summary(each) for symbol, each in found.items()}
        written = {} if target is None else {"output": str(target)}
        head = {"command": "features compute", "data": bars.to_dict(), **written}
        print_document({**head, "instruments": instruments, "notes": list(bars.notes)})
        return 0
    _show(found, bars, asked.output)
    return 0


def plot_features(asked: PlotOptions, market: MarketOptions, output: OutputOptions) -> int:
    """Formulas drawn under the price they belong to, as one HTML page that needs nothing else."""
    from autonomous_trading.adapters import write_text_atomic
    from autonomous_trading.core import InvalidInput
    from autonomous_trading.interfaces.report import render_features

    page = report_path(asked.html, "--html")
    if len(asked.features) > _MOST_DRAWN:
        raise InvalidInput(
            f"{len(asked.features)} charts are more than a page holds", fix=f"draw {_MOST_DRAWN} at a time"
        )
    bars = read_market(market, Defaults.read().data.get("catalogue"))
    symbol, instrument = next(iter(bars.instruments.items()))
    if len(bars.instruments) > 1:
        raise InvalidInput(
            f"there are {len(bars.instruments)} instruments, and a page shows one",
            fix=f"give the data of one of them, such as that of {symbol}",
        )
    found = _computed(bars, feature_list(asked.features))[symbol]
    if page is not None:
        write_text_atomic(page, render_features(instrument, found))
    if output.json:
        print_document({"command": "features plot", "data": bars.to_dict(), "page": asked.html, **_summary(found)})
    else:
        console().print(f"Wrote {asked.html}: {len(found.names)} of {bars.describe()}", soft_wrap=True)
    return 0


def feature_list(texts: "Sequence[str]") -> "FeatureList":
    """The formulas of some texts: NAME=FORMULA where one is named; the standard set where there are none.

    Refuses time and symbol, which are columns of what is written.
    """
    from autonomous_trading.core import InvalidInput
    from autonomous_trading.features import STANDARD_FEATURES, feature_name

    if not texts:
        return STANDARD_FEATURES
    found: dict[str, str] = {}
    for text in texts:
        name, equals, formula = text.partition("=")
        named = bool(equals) and name.strip().isidentifier() and not formula.startswith("=")
        key, value = (name.strip(), formula) if named else (feature_name(text), text)
        if key in _TAKEN:
            raise InvalidInput(
                f"a feature cannot be called {key}: the file has a column of that name", fix=f"name it: other={value}"
            )
        if key in found:
            raise InvalidInput(f"two features are called {key}", fix="name one of them: other=FORMULA")
        found[key] = value
    return found


def _computed(market: MarketData, features: "FeatureList") -> "Mapping[str, FeatureMatrix]":
    from autonomous_trading.features import compute_features

    return {symbol: compute_features(bars, features) for symbol, bars in market.instruments.items()}


def _frame(found: "Mapping[str, FeatureMatrix]") -> "pd.DataFrame":
    """One row a bar; several instruments one below the other, told apart by a column."""
    import pandas as pd

    parts = []
    for symbol, each in found.items():
        columns: dict[str, Any] = {"time": pd.DatetimeIndex(each.time.astype("datetime64[ns]"), tz="UTC")}
        columns |= {name: each.values[:, number] for number, name in enumerate(each.names)}
        parts.append(pd.DataFrame(columns).assign(symbol=symbol))
    return pd.concat(parts, ignore_index=True)


def _summary(found: "FeatureMatrix") -> dict[str, Any]:
    from autonomous_trading.core import time_text

    rows = found.known_rows()
    return {
        "features": dict(zip(found.names, found.formulas, strict=True)),
        "bars": len(found),
        "complete_rows": len(rows),
        "last_time": time_text(int(found.time[-1])),
        "last": {name: float(found.values[-1, number]) for number, name in enumerate(found.names)},
        "content_id": found.content_id,
    }


def _show(found: "Mapping[str, FeatureMatrix]", market: MarketData, output: str | None) -> None:
    screen = console()
    screen.print(market.describe(), style="dim", soft_wrap=True)
    for symbol, each in found.items():
        table = plain_table()
        table.add_column("feature", style="bold", no_wrap=True)
        table.add_column("last", justify="right", no_wrap=True)
        table.add_column("known", justify="right", no_wrap=True)
        table.add_column("formula")
        known = (~(each.values != each.values)).mean(axis=0)
        for number, name in enumerate(each.names[:_SHOWN]):
            value = each.values[-1, number]
            table.add_row(
                name, f"{value:.6g}" if value == value else "-", f"{known[number]:.1%}", each.formulas[number]
            )
        if len(found) > 1:
            screen.print(f"\n{symbol}", style="bold")
        print_table(screen, table)
        if len(each.names) > _SHOWN:
            screen.print(f"and {len(each.names) - _SHOWN} more", style="dim")
        screen.print(f"\n{len(each.known_rows()):,} of {len(each):,} bars have all of them", soft_wrap=True)
    if output is not None:
        screen.print(f"Wrote {output}", style="dim", soft_wrap=True)
