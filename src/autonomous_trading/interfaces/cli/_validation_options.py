"""The options of `autotrade validate`: what is searched, what is kept out of sight, and how the answer is judged."""

from dataclasses import dataclass, field
from typing import Annotated, final

import typer

from autonomous_trading.interfaces.cli._numbers import fraction, positive, whole

__all__ = ["ValidationOptions"]

_SEARCH = "The search"
_JUDGE = "How the answer is judged"


@final
@dataclass(frozen=True, slots=True)
class ValidationOptions:
    """One search, the bars nobody sees before the end, and the tests in between."""

    objectives: Annotated[
        list[str],
        typer.Option(
            "--objective",
            metavar="METRIC",
            rich_help_panel=_SEARCH,
            help="The one metric that chooses the best set.",
            show_default="sharpe_ratio",
        ),
    ] = field(default_factory=list)
    method: Annotated[
        str | None,
        typer.Option(
            "--method",
            metavar="METHOD",
            rich_help_panel=_SEARCH,
            help="How to search, as for optimize. Random sets show the whole space, good and bad.",
            show_default="random",
        ),
    ] = None
    trials: Annotated[
        int | None,
        typer.Option(
            "--trials",
            metavar="N",
            parser=whole("--trials", least=1, example=200),
            rich_help_panel=_SEARCH,
            help="How many parameter sets to try.",
            show_default="200; other methods as optimize",
        ),
    ] = None
    constraints: Annotated[
        list[str],
        typer.Option(
            "--constraint",
            metavar="RULE",
            rich_help_panel=_SEARCH,
            help='What a result has to keep, such as "trade_count >= 30"; repeat for more.',
            show_default="none",
        ),
    ] = field(default_factory=list)
    holdout: Annotated[
        float | None,
        typer.Option(
            "--holdout",
            metavar="FRACTION",
            parser=fraction("--holdout", example=0.2),
            rich_help_panel=_JUDGE,
            help="Share of the bars at the end that nobody sees before the last step, at most 0.5.",
            show_default="0.2",
        ),
    ] = None
    keep_closed: Annotated[
        bool,
        typer.Option(
            "--keep-closed",
            metavar="",
            rich_help_panel=_JUDGE,
            help="Do not open the hold-out: for a first look that does not use it up.",
        ),
    ] = False
    train: Annotated[
        float | None,
        typer.Option(
            "--train",
            metavar="LENGTH",
            parser=positive("--train", example=365),
            rich_help_panel=_JUDGE,
            help="Walk-forward: how much past each choice sees.",
            show_default="a quarter of the bars",
        ),
    ] = None
    test: Annotated[
        float | None,
        typer.Option(
            "--test",
            metavar="LENGTH",
            parser=positive("--test", example=90),
            rich_help_panel=_JUDGE,
            help="Walk-forward: how long its set is traded afterwards.",
            show_default="a twentieth of the bars",
        ),
    ] = None
    step: Annotated[
        float | None,
        typer.Option(
            "--step",
            metavar="LENGTH",
            parser=positive("--step", example=90),
            rich_help_panel=_JUDGE,
            help="Walk-forward: how far the windows move on.",
            show_default="as long as the test",
        ),
    ] = None
    unit: Annotated[
        str | None,
        typer.Option(
            "--unit",
            metavar="UNIT",
            rich_help_panel=_JUDGE,
            help="What these lengths count: days, bars, weeks, months, quarters or years.",
            show_default="days",
        ),
    ] = None
    rolling: Annotated[
        bool,
        typer.Option(
            "--rolling",
            metavar="",
            rich_help_panel=_JUDGE,
            help="Walk-forward: let every choice see the last window only, not all of the past.",
        ),
    ] = False
    cv_folds: Annotated[
        int | None,
        typer.Option(
            "--cv-folds",
            metavar="N",
            parser=whole("--cv-folds", least=3, example=10),
            rich_help_panel=_JUDGE,
            help="Folds of the combinatorial cross-validation.",
            show_default="10",
        ),
    ] = None
    cv_test_folds: Annotated[
        int | None,
        typer.Option(
            "--cv-test-folds",
            metavar="K",
            parser=whole("--cv-test-folds", least=1, example=2),
            rich_help_panel=_JUDGE,
            help="How many of them are tested at once.",
            show_default="2",
        ),
    ] = None
    blocks: Annotated[
        int | None,
        typer.Option(
            "--blocks",
            metavar="S",
            parser=whole("--blocks", least=4, example=16),
            rich_help_panel=_JUDGE,
            help="Blocks for the probability of overfitting: an even number up to 20.",
            show_default="16",
        ),
    ] = None
    sensitivity_sets: Annotated[
        int | None,
        typer.Option(
            "--sensitivity-sets",
            metavar="N",
            parser=whole("--sensitivity-sets", least=0, example=600),
            rich_help_panel=_JUDGE,
            help="Sets run for the shares of variance of every parameter; 0 leaves that out.",
            show_default="600",
        ),
    ] = None
    simulated_markets: Annotated[
        int | None,
        typer.Option(
            "--simulated-markets",
            metavar="N",
            parser=whole("--simulated-markets", least=0, example=100),
            rich_help_panel=_JUDGE,
            help="Invented histories per model on which the best set runs again; 0 leaves that out.",
            show_default="100",
        ),
    ] = None
