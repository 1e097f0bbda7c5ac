"""The options of searches that are recorded, and of the commands that look into the record."""

from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias, final

import typer

from autonomous_trading.interfaces.cli._numbers import whole
from autonomous_trading.interfaces.cli._options import Json, Quiet

__all__ = [
    "BackupArgument",
    "ExportArgument",
    "JobArgument",
    "LedgerOptions",
    "PlaceOptions",
    "ProjectOptions",
    "RestoreOptions",
    "StoreOptions",
    "TrialOptions",
]

_LEDGER = "The ledger"
_AS_STARTED = "as it was started"

Place: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--ledger",
        metavar="FILE|URL",
        rich_help_panel=_LEDGER,
        help="Where trials are recorded: a file (trials.db) or a PostgreSQL URL.",
        show_default="[ledger] store in autotrade.toml, else none",
    ),
]


def _executor(default: str) -> Any:
    said = "Who evaluates: inline (this process, all its threads), processes, or ray."
    return typer.Option("--executor", metavar="WHERE", rich_help_panel=_LEDGER, help=said, show_default=default)


def _workers(default: str) -> Any:
    return typer.Option(
        "--workers",
        metavar="N",
        parser=whole("--workers", least=1, example=4),
        rich_help_panel=_LEDGER,
        help="How many processes or Ray workers evaluate at once.",
        show_default=default,
    )


@final
@dataclass(frozen=True, slots=True)
class LedgerOptions:
    """Whether a search is recorded, what for, and who evaluates."""

    ledger: Place = None
    project: Annotated[
        str | None,
        typer.Option(
            "--project",
            metavar="NAME",
            rich_help_panel=_LEDGER,
            help="What the trials are counted for, for life.",
            show_default="default",
        ),
    ] = None
    executor: Annotated[str | None, _executor("inline")] = None
    workers: Annotated[int | None, _workers("one per core")] = None
    resume: Annotated[
        str | None,
        typer.Option(
            "--resume",
            metavar="JOB",
            rich_help_panel=_LEDGER,
            help="Go on with this job, or say what has changed since. Without it the same search goes on by itself.",
            show_default="none",
        ),
    ] = None
    replay: Annotated[int | None, typer.Option("--replay", hidden=True)] = None


@final
@dataclass(frozen=True, slots=True)
class StoreOptions:
    """Which ledger to look into, and how to answer."""

    ledger: Place = None
    json: Json = False
    quiet: Quiet = False


@final
@dataclass(frozen=True, slots=True)
class ProjectOptions:
    """Which jobs to list."""

    project: Annotated[
        str | None,
        typer.Option("--project", metavar="NAME", help="Only the jobs of this project.", show_default="all"),
    ] = None


@final
@dataclass(frozen=True, slots=True)
class PlaceOptions:
    """Who evaluates what is left of a job; what comes out is the same."""

    executor: Annotated[str | None, _executor(_AS_STARTED)] = None
    workers: Annotated[int | None, _workers(_AS_STARTED)] = None


@final
@dataclass(frozen=True, slots=True)
class JobArgument:
    """Which job."""

    job: Annotated[
        str,
        typer.Argument(metavar="JOB", help="The id that runs list shows, or its beginning.", show_default=False),
    ]


@final
@dataclass(frozen=True, slots=True)
class TrialOptions:
    """Which trial."""

    trial: Annotated[
        int | None,
        typer.Option(
            "--trial",
            metavar="N",
            parser=whole("--trial", least=0, example=12),
            help="The number of the trial.",
            show_default="the best one",
        ),
    ] = None


@final
@dataclass(frozen=True, slots=True)
class ExportArgument:
    """Where a study of Optuna goes."""

    study: Annotated[
        str, typer.Argument(metavar="FILE.db", help="The storage to write; it must not exist yet.", show_default=False)
    ]


@final
@dataclass(frozen=True, slots=True)
class BackupArgument:
    """Where a copy of the ledger goes."""

    target: Annotated[
        str, typer.Argument(metavar="FILE", help="The file to write; it must not exist yet.", show_default=False)
    ]


@final
@dataclass(frozen=True, slots=True)
class RestoreOptions:
    """Which copy to restore, and whether what is there may be replaced."""

    source: Annotated[
        str, typer.Argument(metavar="FILE", help="A file that store backup has written.", show_default=False)
    ]
    overwrite: Annotated[
        bool, typer.Option("--overwrite", metavar="", help="Put it in the place of a ledger that holds something.")
    ] = False
