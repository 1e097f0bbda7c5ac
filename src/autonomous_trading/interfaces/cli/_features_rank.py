"""`autotrade features rank`: which features foretold returns out of sample, and whether that is more than noise."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, final

import typer

from autonomous_trading.interfaces.cli._features_compute import feature_list
from autonomous_trading.interfaces.cli._market import read_market
from autonomous_trading.interfaces.cli._numbers import whole
from autonomous_trading.interfaces.cli._options import MarketOptions, OutputOptions
from autonomous_trading.interfaces.cli._output import console, print_document
from autonomous_trading.interfaces.cli._setup import Defaults
from autonomous_trading.interfaces.cli._tables import plain_table, print_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from autonomous_trading.core import Bars
    from autonomous_trading.features import FeatureList
    from autonomous_trading.models.importance import ImportanceReport

__all__ = ["rank_features"]

_METHODS = "permutation, single, mutual_information, impurity, shap"


@final
@dataclass(frozen=True, slots=True)
class RankOptions:
    """Which features, what they should foretell, and how that is measured."""

    features: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FORMULA]...",
            help='Formulas such as "rsi(14)"; NAME=FORMULA names one.',
            show_default="the standard set",
        ),
    ] = field(default_factory=list)
    horizon: Annotated[
        int,
        typer.Option(
            "--horizon",
            metavar="BARS",
            parser=whole("--horizon", least=1, example=5),
            help="Foretell the direction over so many bars after the next open.",
        ),
    ] = 5
    method: Annotated[
        str, typer.Option("--method", metavar="NAME", help=f"How importance is measured: {_METHODS}.")
    ] = "permutation"
    top: Annotated[
        int,
        typer.Option("--top", metavar="N", parser=whole("--top", least=1, example=10), help="Show so many features."),
    ] = 10
    seed: Annotated[
        int,
        typer.Option("--seed", metavar="N", parser=whole("--seed", least=0, example=0), help="Seed of what is random."),
    ] = 0


def rank_features(asked: RankOptions, market: MarketOptions, output: OutputOptions) -> int:
    """Which features a model needs out of sample, and how sure that is given how many were asked.

    A ranking is no evidence: the last line says what can be told from noise.
    """
    bars = read_market(market, Defaults.read().data.get("catalogue"))
    features = feature_list(asked.features or [])
    reports = {symbol: _ranked(each, features, asked) for symbol, each in bars.instruments.items()}
    if output.json:
        head: dict[str, Any] = {"command": "features rank", "data": bars.to_dict(), "horizon": asked.horizon}
        if len(reports) == 1:
            head |= next(iter(reports.values())).to_dict()
        else:
            head["instruments"] = {symbol: report.to_dict() for symbol, report in reports.items()}
        print_document({**head, "notes": list(bars.notes)})
        return 0
    console().print(bars.describe(), style="dim", soft_wrap=True)
    _show(reports, asked.top)
    return 0


def _ranked(bars: "Bars", features: "FeatureList", asked: RankOptions) -> "ImportanceReport":
    import numpy as np

    from autonomous_trading.features import compute_features
    from autonomous_trading.models.importance import FeatureTable, feature_importance
    from autonomous_trading.models.labels import fixed_horizon, uniqueness_weights

    found = compute_features(bars, features)
    labels = fixed_horizon(bars, asked.horizon)
    columns = {name: found.values[:, number] for number, name in enumerate(found.names)}
    table = FeatureTable.of(columns, labels.with_weight(uniqueness_weights(labels)), time=found.time)
    return feature_importance(table, rng=np.random.default_rng(asked.seed), method=asked.method)


def _show(reports: "Mapping[str, ImportanceReport]", top: int) -> None:
    screen = console()
    for symbol, report in reports.items():
        table = plain_table()
        for heading in ("feature", "importance", "lost", "error", "p corrected", "stable"):
            table.add_column(heading, justify="left" if heading == "feature" else "right", no_wrap=True)
        for each in report.features[:top]:
            table.add_row(
                each.name,
                f"{each.importance:.3f}",
                f"{each.value:+.4f}",
                f"{each.standard_error:.4f}",
                f"{each.corrected_p_value:.2f}",
                f"{each.stability:.0%}",
            )
        if len(reports) > 1:
            screen.print(f"\n{symbol}", style="bold")
        print_table(screen, table)
        screen.print(
            f"\ntop: {', '.join(report.top_features) or 'none'}; model score {report.model_score:.3f} out of sample,"
            f" {report.in_sample_score:.3f} in sample, {report.rows:,} rows, {report.folds} folds",
            soft_wrap=True,
        )
        screen.print(report.words, soft_wrap=True)
