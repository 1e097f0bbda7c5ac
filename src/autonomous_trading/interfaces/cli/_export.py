"""`autotrade runs export`: a recorded search as a study that optuna-dashboard opens."""

import json
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autonomous_trading.interfaces.cli._ledger_options import ExportArgument, JobArgument, StoreOptions
from autonomous_trading.interfaces.cli._ledger_place import ledger_place
from autonomous_trading.interfaces.cli._output import console, print_document
from autonomous_trading.interfaces.cli._recorded_constraints import recorded_constraints

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autonomous_trading.app import Job, TrialRow
    from autonomous_trading.core import Parameter
    from autonomous_trading.search import Exported, ValueConstraint

__all__ = ["export_run"]


def export_run(argument: JobArgument, target: ExportArgument, output: StoreOptions) -> int:
    """Write the trials of a job as a study of Optuna, in a file that optuna-dashboard opens."""
    from autonomous_trading.adapters.store import SqlLedger, open_store
    from autonomous_trading.core import InvalidInput, Refused
    from autonomous_trading.search import export_to_optuna

    path = Path(target.study).expanduser().absolute()
    if path.exists():
        raise Refused(f"{target.study} exists", fix="name another file: a study is never written over another file")
    if not path.parent.is_dir():
        raise InvalidInput(f"{target.study} lies in a folder that does not exist", fix="name one that is there")
    with closing(open_store(ledger_place(output.ledger), create=False, read_only=True)) as store:
        ledger = SqlLedger(store)
        job = ledger.job(argument.job)
        bounds, functions = recorded_constraints(job)
        exported = _exported(job, [row for row in ledger.trials(job.id) if row.values], bounds)
    export_to_optuna(f"sqlite:///{path}", exported)
    if output.json:
        facts = {"job": job.id, "study": str(path), "trials": len(exported.table), "not_exported": functions}
        print_document({"command": "runs export", **facts})
    else:
        screen = console()
        screen.print(f"Wrote {len(exported.table):,} trials of {job.id} to {target.study}.", soft_wrap=True)
        if functions:
            words = f"Not in it: {', '.join(functions)}, constraints that are functions, which only Python knows."
            screen.print(words, style="yellow", soft_wrap=True)
        screen.print(f"Next: optuna-dashboard sqlite:///{target.study}", style="dim", soft_wrap=True)
    return 0


def _exported(job: "Job", rows: "list[TrialRow]", bounds: "Sequence[ValueConstraint]") -> "Exported":
    import numpy as np

    from autonomous_trading.app import pruned_rows
    from autonomous_trading.core import ParameterTable
    from autonomous_trading.interfaces.python import goes_up
    from autonomous_trading.search import Exported

    names = [str(name) for name in job.spec.search["objectives"]]
    values = np.array([row.values for row in rows], dtype=np.float64).reshape(len(rows), len(job.spec.metrics))
    metrics = {name: values[:, position] for position, name in enumerate(job.spec.metrics)}
    return Exported(
        name=job.id,
        parameters={name: _parameter(facts) for name, facts in job.spec.search["space"].items()},
        table=ParameterTable.from_rows([json.loads(row.parameters_json) for row in rows]),
        objectives=np.stack([metrics[name] for name in names], axis=1),
        maximize=[goes_up(name) for name in names],
        metrics=metrics,
        violations={str(bound): bound.violation(metrics[bound.name]) for bound in bounds},
        pruned=pruned_rows(metrics),
    )


def _parameter(facts: dict[str, Any]) -> "Parameter":
    """A parameter as it was declared, from the facts of its job."""
    from autonomous_trading import core

    given = {name: value for name, value in facts.items() if name not in ("type", "when")}
    made: Parameter = getattr(core, facts["type"])(**given)
    return made
