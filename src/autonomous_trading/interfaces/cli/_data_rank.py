"""`autotrade data rank`: instruments in an order, what put them there, and whether it meant anything so far."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, final

import typer

from autonomous_trading.interfaces.cli._market import read_market
from autonomous_trading.interfaces.cli._numbers import moment, whole
from autonomous_trading.interfaces.cli._options import MarketOptions, OutputOptions
from autonomous_trading.interfaces.cli._output import console, print_document
from autonomous_trading.interfaces.cli._setup import Defaults
from autonomous_trading.interfaces.cli._tables import plain_table, print_table

if TYPE_CHECKING:
    from autonomous_trading.interfaces.python import Ranked

__all__ = ["rank_data"]


@final
@dataclass(frozen=True, slots=True)
class RankOptions:
    """What is ranked, when, and how much of it is shown."""

    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help="A folder of files, or a CSV, Parquet or Feather file with a symbol or ticker column: daily bars of"
            " several instruments, adjusted for splits and dividends.",
            show_default=False,
        ),
    ]
    on: Annotated[
        datetime | None,
        typer.Option(
            "--on",
            metavar="DATE",
            parser=moment("--on"),
            help="Rank as of this day's close (2024-05-31, UTC); later bars are not looked at.",
            show_default="the last bar",
        ),
    ] = None
    adjust: Annotated[
        bool,
        typer.Option(
            "--adjust", metavar="", help="Scale prices by the adjusted close of the data: splits are no returns then."
        ),
    ] = False
    top: Annotated[
        int,
        typer.Option(
            "--top", metavar="N", parser=whole("--top", least=1, example=10), help="Show so many, the best first."
        ),
    ] = 10
    horizon: Annotated[
        int,
        typer.Option(
            "--horizon",
            metavar="BARS",
            parser=whole("--horizon", least=1, example=21),
            help="Judge the order by the returns of so many bars after it.",
        ),
    ] = 21


def rank_data(asked: RankOptions, output: OutputOptions) -> int:
    """Instruments by volatility-adjusted momentum and liquidity, and whether that order foretold anything.

    Every component is in robust deviations from the median instrument, -3 to 3.
    """
    from autonomous_trading.core import NothingToReport
    from autonomous_trading.interfaces.python import rank

    market = read_market(MarketOptions(data=asked.data), Defaults.read().data.get("catalogue"), adjust=asked.adjust)
    ranked = rank(market.instruments, on=asked.on)
    if not ranked.places():
        raise NothingToReport(
            f"none of {len(ranked.ranking.symbols)} instruments can be ranked then: too few bars, or none lately",
            fix="choose a later --on, or give longer histories of at least five instruments",
        )
    evidence, words = _evidence(ranked, asked.horizon)
    if output.json:
        document = ranked.to_dict()
        places = document.pop("places")
        head = {"command": "data rank", "data": market.to_dict(), **document, "ranked": len(places)}
        print_document(
            {**head, "places": places[: asked.top], "evidence": evidence, "notes": [*market.notes, *ranked.warnings]}
        )
        return 0
    _show(ranked, asked.top, market.describe(), words)
    for warning in ranked.warnings:
        console().print(warning, style="yellow", soft_wrap=True)
    return 0


def _evidence(ranked: "Ranked", horizon: int) -> tuple[dict[str, Any] | None, str]:
    """What followed the order so far, for a document and in words; None where too little did."""
    from autonomous_trading.core import NothingToReport

    try:
        found = ranked.evidence(horizon)
    except NothingToReport as nothing:
        return None, f"no evidence: {nothing.what}"
    document = {
        "verdict": found.verdict,
        "horizon": found.horizon,
        "dates": found.dates,
        "confidence": found.confidence,
        "rank_information_coefficient": found.coefficient._asdict(),
        "quantile_spread": found.spread._asdict(),
    }
    return document, found.words


def _show(ranked: "Ranked", top: int, heading: str, words: str) -> None:
    screen, table = console(), plain_table()
    places, names = ranked.places(), list(ranked.ranking.weights)
    screen.print(heading, style="dim", soft_wrap=True)
    for name in ("rank", "symbol", "score", *names):
        table.add_column(name, justify="left" if name == "symbol" else "right", no_wrap=True)
    for place in places[:top]:
        scores = [f"{place.scores[name]:+.2f}" if name in place.scores else "-" for name in names]
        table.add_row(str(place.rank), place.symbol, f"{place.total:+.2f}", *scores)
    print_table(screen, table)
    day = ranked.to_dict()["time"][:10]
    weights = ", ".join(f"{name} {weight:g}" for name, weight in ranked.ranking.weights.items())
    count = f"{len(places)} of {len(ranked.ranking.symbols)} instruments"
    screen.print(f"\n{count} ranked at the close of {day}: {weights}", soft_wrap=True)
    if ranked.ranking.left_out:
        screen.print(f"left out, nothing is known of it: {', '.join(ranked.ranking.left_out)}", style="dim")
    screen.print(words, soft_wrap=True)
