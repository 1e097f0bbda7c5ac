"""Trials of a recorded search evaluated once more, and compared bit for bit with what the ledger holds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from autonomous_trading.app import Evaluate, Job, Ledger, was_measured
from autonomous_trading.core import InvalidInput, Refused, Space


@final
@dataclass(frozen=True, slots=True)
class Replay:
    """A trial of a recorded search and what evaluating it once more gave; `same`: every bit of what was measured.

    A set that was pruned is compared on the folds it was measured on; `again` has for the rest what is recorded.
    """

    job: str
    trial: int
    parameters: Mapping[str, Any]
    recorded: Mapping[str, float]
    again: Mapping[str, float]
    same: bool


def replay_best(ledger: Ledger, job: Job, rows: Sequence[int], space: Space, evaluate: Evaluate) -> bool | None:
    """Evaluate what is shown as best once more; Refused where the ledger holds other bits."""
    replayed = None
    for row in dict.fromkeys(rows):
        replay = replayed_trial(ledger, job, space, row, evaluate)
        if not replay.same:
            raise Refused(
                f"trial {row}, the best of job {job.id}, does not reproduce: {_difference(replay)}",
                fix="make the objective give the same value for the same parameters: draw with the seed it is given",
            )
        replayed = True
    return replayed


def replayed_trial(ledger: Ledger, job: Job, space: Space, number: int, evaluate: Evaluate) -> Replay:
    """One trial evaluated once more; that it was is on record. InvalidInput where it has no values."""
    found = ledger.trials(job.id, number, 1)
    if not found or not found[0].values:
        raise InvalidInput(
            f"job {job.id} has no evaluated trial {number}: {job.ended:,} of {job.proposed:,} have ended",
            fix="choose one that autotrade runs show lists",
        )
    trial = found[0]
    parameters = json.loads(trial.parameters_json)
    columns = evaluate(space.table([parameters]), np.array([trial.seed], dtype=np.int64))
    names = job.spec.metrics
    recorded_values = np.array(trial.values, dtype=np.float64)
    whole = np.array([columns[name][0] for name in names], dtype=np.float64)
    again = np.where(was_measured(names, trial.values), whole, recorded_values)
    same = recorded_values.tobytes() == again.tobytes()
    ledger.record(job.id, "replayed", {"trial": number, "same": same})
    recorded = dict(zip(names, trial.values, strict=True))
    return Replay(job.id, number, parameters, recorded, dict(zip(names, again.tolist(), strict=True)), same)


def _difference(replay: Replay) -> str:
    shown = [
        f"{name} was {old!r} and is {replay.again[name]!r}"
        for name, old in replay.recorded.items()
        if repr(old) != repr(replay.again[name])
    ]
    return ", ".join(shown[:3])
