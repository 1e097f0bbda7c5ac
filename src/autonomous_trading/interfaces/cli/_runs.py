"""`autotrade runs`: the searches a ledger holds, looked at, repeated, gone on with, or given up."""

import shlex
from contextlib import closing
from typing import TYPE_CHECKING, Any

from autonomous_trading.interfaces.cli._asked import ask_again
from autonomous_trading.interfaces.cli._ledger_options import (
    JobArgument,
    PlaceOptions,
    ProjectOptions,
    StoreOptions,
    TrialOptions,
)
from autonomous_trading.interfaces.cli._ledger_place import LEDGER, ledger_place, without
from autonomous_trading.interfaces.cli._output import console, print_document
from autonomous_trading.interfaces.cli._recorded_constraints import recorded_constraints
from autonomous_trading.interfaces.cli._tables import number, parameters_text, plain_table, print_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from autonomous_trading.app import Counts, Job, Ledger, TrialRow

__all__ = ["cancel_run", "list_runs", "replay_run", "resume_run", "show_run"]

_TRIALS_SHOWN = 10
_EVENTS_SHOWN = 8


def list_runs(projects: ProjectOptions, output: StoreOptions) -> int:
    """The jobs of the ledger, the newest first, and what every project did in its whole life."""
    from autonomous_trading.adapters.store import SqlLedger, open_store
    from autonomous_trading.core import unknown_name

    with closing(open_store(ledger_place(output.ledger), create=False, read_only=True)) as store:
        ledger = SqlLedger(store)
        jobs = ledger.jobs(projects.project)
        known = sorted({job.spec.project for job in ledger.jobs()}) if projects.project and not jobs else []
        counts = {name: ledger.counts(name) for name in dict.fromkeys(job.spec.project for job in jobs)}
    if known:
        raise unknown_name("project", projects.project, known)
    if output.json:
        lifetime = {name: {"trials": each.trials, "looks": each.looks} for name, each in counts.items()}
        print_document({"command": "runs list", "runs": [_job_document(job) for job in jobs], "projects": lifetime})
        return 0
    screen = console()
    for name, each in counts.items():
        _print_project(screen, name, each, [job for job in jobs if job.spec.project == name])
    if not jobs:
        screen.print(f"No runs yet. Next: autotrade optimize{_place(output)}", soft_wrap=True)
    return 0


def _print_project(screen: "Console", name: str, counts: "Counts", jobs: "list[Job]") -> None:
    looks = f"{counts.looks:,} look{'' if counts.looks == 1 else 's'} at bars kept out of sight"
    screen.print(f"{name}: {counts.trials:,} sets evaluated in its whole life, {looks}", style="bold", soft_wrap=True)
    table = plain_table()
    for heading in ("job", "state", "trials", "started", "what"):
        table.add_column(heading, no_wrap=heading != "what")
    for job in jobs:
        what = f"{job.spec.title}, {job.spec.search.get('method', '')}"
        table.add_row(job.id, job.state.value, f"{job.ended:,}/{_wanted(job)}", _moment(job.created_at)[:10], what)
    print_table(screen, table)
    screen.print()


def show_run(argument: JobArgument, output: StoreOptions) -> int:
    """One job: what was searched, its best trials, and the end of its audit trail."""
    from autonomous_trading.adapters.store import SqlLedger, open_store
    from autonomous_trading.app import FailedTrials

    with closing(open_store(ledger_place(output.ledger), create=False, read_only=True)) as store:
        ledger = SqlLedger(store)
        job = ledger.job(argument.job)
        best, failed = _best_trials(ledger, job), FailedTrials.of(ledger, job.id)
        events = ledger.events(job.id)[-_EVENTS_SHOWN:]
    if output.json:
        document = {
            "command": "runs show",
            **_job_document(job),
            "evaluation": job.spec.evaluation,
            "search": job.spec.search,
            "failed": failed.count,
            "first_error": failed.first_error or None,
            "best": [_trial_document(job, trial) for trial in best],
            "events": [{"at": e.at, "kind": e.kind, "payload": e.payload, "hash": e.hash} for e in events],
        }
        print_document(document)
        return 0
    screen = console()
    screen.print(f"{job.id}  {job.spec.title}", style="bold", soft_wrap=True)
    trials = f"{job.ended:,} of {_wanted(job)} trials"
    screen.print(f"project {job.spec.project}, {job.state.value}, {trials}", soft_wrap=True)
    screen.print(f"started {_moment(job.created_at)}, last change {_moment(job.updated_at)}", style="dim")
    if failed.count:
        words = f"Failed: {failed.count:,} sets, the first with: {failed.first_error}"
        screen.print(words, style="yellow", soft_wrap=True)
    _print_best(screen, job, best)
    screen.print("\nThe last of the audit trail:")
    for event in events:
        screen.print(f"  {_moment(event.at)}  {event.kind}  {_short(event.payload)}", style="dim", soft_wrap=True)
    screen.print(f"\n{_following(job)}{_place(output)}", style="dim", soft_wrap=True)
    return 0


def _print_best(screen: "Console", job: "Job", best: "Sequence[TrialRow]") -> None:
    names = _objectives(job)
    if not best:
        screen.print(f"\nNo trial has a value of {names[0]} and keeps every constraint.")
        return
    screen.print(f"\nBest by {names[0]}:\n")
    table = plain_table()
    for heading in ("trial", *names, "parameters"):
        table.add_column(heading, justify="left" if heading == "parameters" else "right")
    for trial in best:
        document = _trial_document(job, trial)
        values = [_number(name, document["metrics"][name]) for name in names]
        table.add_row(str(trial.n), *values, parameters_text(document["parameters"]))
    print_table(screen, table)


def _following(job: "Job") -> str:
    """What a person does next; whether somebody works on a running job right now, its last change tells."""
    from autonomous_trading.app import JobState

    if job.state is JobState.RUNNING:
        return f"Where nobody works on it any more, go on with: autotrade runs resume {job.id}"
    if _is_validation(job):
        return f"Next: autotrade runs resume {job.id}"
    return f"Next: autotrade runs replay {job.id}"


def resume_run(argument: JobArgument, places: PlaceOptions, output: StoreOptions) -> int:
    """Go on with a job that was stopped: the same data, code and settings, or a refusal that says what differs."""
    job = _recorded(argument, output)
    named = {"--executor": places.executor, "--workers": places.workers}
    elsewhere = [word for name, value in named.items() if value is not None for word in (name, str(value))]
    replaced = named if places.executor else elsewhere[::2]  # as many workers as it had are none inline
    again = without(_arguments(job, _resumed_from_python(job)), tuple(replaced), ())
    return ask_again([*again, *elsewhere, "--resume", job.id, *_flags(output)])


def replay_run(argument: JobArgument, trial: TrialOptions, output: StoreOptions) -> int:
    """Evaluate one trial once more and compare every bit: exit code 4 where they differ."""
    job = _recorded(argument, output)
    number = -1 if trial.trial is None else trial.trial
    arguments = _arguments(job, _replayed_from_python(job))
    return ask_again([*arguments, "--resume", job.id, "--replay", str(number), *_flags(output)])


def cancel_run(argument: JobArgument, output: StoreOptions) -> int:
    """End a job for good; its trials stay and count."""
    from autonomous_trading.adapters.store import SqlLedger, open_store
    from autonomous_trading.app import JobState
    from autonomous_trading.core import InvalidInput

    with closing(open_store(ledger_place(output.ledger), create=False)) as store:
        ledger = SqlLedger(store)
        job = ledger.job(argument.job)
        if not ledger.close(job.id, JobState.CANCELLED):
            state = ledger.job(job.id).state.value
            raise InvalidInput(f"job {job.id} is {state} already", fix="there is nothing to cancel")
        job = ledger.job(job.id)
    if output.json:
        print_document({"command": "runs cancel", **_job_document(job)})
    else:
        console().print(f"{job.id} is cancelled; its {job.ended:,} trials stay and count.")
    return 0


def _recorded(argument: JobArgument, output: StoreOptions) -> "Job":
    from autonomous_trading.adapters.store import SqlLedger, open_store

    with closing(open_store(ledger_place(output.ledger), create=False, read_only=True)) as store:
        return SqlLedger(store).job(argument.job)


def _is_walk(job: "Job") -> bool:
    return "windows" in job.spec.search


def _is_validation(job: "Job") -> bool:
    return bool(job.spec.search.get("validated"))


def _resumed_from_python(job: "Job") -> str:
    door = "at.walk_forward" if _is_walk(job) else "at.validate" if _is_validation(job) else "at.optimize"
    return f'call {door}(...) again with the same arguments, or with resume="{job.id}"'


def _replayed_from_python(job: "Job") -> str:
    if _is_validation(job):
        return _resumed_from_python(job)
    door = "at.replay_walk_forward" if _is_walk(job) else "at.replay"
    return f'call {door}("{job.id}", ...) with the same arguments and this ledger'


def _arguments(job: "Job", from_python: str) -> list[str]:
    """How a job was asked for on the command line. InvalidInput for one that was started from Python."""
    from autonomous_trading.core import InvalidInput

    arguments = job.spec.request.get("arguments")
    if not arguments:
        raise InvalidInput(
            f"job {job.id} was started from Python, which holds its strategy and its data",
            fix=from_python,
        )
    return without(arguments, ("--resume", *LEDGER), ("--json", "--quiet", "-q"))


def _place(output: StoreOptions) -> str:
    """The option that names the ledger again, where the settings do not; a password is not shown."""
    from autonomous_trading.adapters.store import shown_name

    return f" --ledger {shlex.quote(shown_name(output.ledger))}" if output.ledger else ""


def _flags(output: StoreOptions) -> list[str]:
    place = ["--ledger", ledger_place(output.ledger)]
    return [*place, *(["--json"] if output.json else []), *(["--quiet"] if output.quiet else [])]


def _best_trials(ledger: "Ledger", job: "Job") -> "list[TrialRow]":
    """The best trials that keep every constraint; rules that are functions are known to Python only."""
    from autonomous_trading.app import Objective, ResultConstraint, best_trials
    from autonomous_trading.core import NothingToReport
    from autonomous_trading.interfaces.python import goes_up

    constraints = [ResultConstraint.of_value(bound) for bound in recorded_constraints(job)[0]]
    goals = [Objective(name, goes_up(name)) for name in _objectives(job)]
    try:
        numbers = best_trials(ledger, job, goals, constraints, _TRIALS_SHOWN)
    except NothingToReport:
        return []
    return [ledger.trials(job.id, number, 1)[0] for number in numbers]


def _objectives(job: "Job") -> list[str]:
    return [str(name) for name in job.spec.search["objectives"]]


def _number(name: str, value: float) -> str:
    from autonomous_trading.core import is_metric

    return number(name, value) if is_metric(name) else f"{value:.6g}"


def _wanted(job: "Job") -> str:
    trials = job.spec.search.get("trials")
    return f"{trials:,}" if isinstance(trials, int) else f"{job.proposed:,}"


def _moment(at: str) -> str:
    return at[:19].replace("T", " ")


def _short(payload: Any) -> str:
    return ", ".join(f"{name} {value}" for name, value in payload.items())[:100]


def _job_document(job: "Job") -> dict[str, Any]:
    return {
        "job": job.id,
        "project": job.spec.project,
        "title": job.spec.title,
        "state": job.state.value,
        "run": job.run,
        "method": job.spec.search.get("method"),
        "objectives": _objectives(job),
        "trials": {"wanted": job.spec.search.get("trials"), "proposed": job.proposed, "ended": job.ended},
        "created_at": job.created_at,
        "updated_at": job.updated_at,
    }


def _trial_document(job: "Job", trial: "TrialRow") -> dict[str, Any]:
    import json

    return {
        "trial": trial.n,
        "id": trial.id,
        "parameters": json.loads(trial.parameters_json),
        "metrics": dict(zip(job.spec.metrics, trial.values, strict=True)),
        "seed": trial.seed,
        "attempts": trial.attempts,
    }
