"""Planted leaks, each found by the check that has to find it; and no alarm on what is honest.

Honest are the look-alikes of the leaks, every strategy of the library and every column of the catalogue. They are
checked with several seeds: each draws other cuts and other futures.
"""

from __future__ import annotations

from autonomous_trading.interfaces.python import check_library
from autonomous_trading.testing.examples import Example
from autonomous_trading.testing.leaks import LEAKS
from autonomous_trading.testing.look_alikes import LOOK_ALIKES
from autonomous_trading.testing.markets import random_walk
from proofs.claims import Figure, holds, run

TITLE = "Planted leaks found, and no false alarm"
SEEDS = range(3)
N_BARS = 400


def measure() -> list[Figure]:
    """The leaks one by one, then all that is honest."""
    found = [_found(leak) for leak in LEAKS]
    count = sum(bool(figure.ok) for figure in found)
    total = holds("leaks found", count == len(LEAKS), bound=f"{len(LEAKS)} of {len(LEAKS)}", figure=f"{count}")
    return [*found, total, _alarms_on_look_alikes(), *_alarms_on_the_library()]


def _found(leak: Example) -> Figure:
    times = sum(leak.found(seed) for seed in SEEDS)
    return holds(
        leak.what,
        times == len(SEEDS),
        bound=f"by {leak.check}, {len(SEEDS)} of {len(SEEDS)} seeds",
        figure=f"{times}",
    )


def _alarms_on_look_alikes() -> Figure:
    alarms = [each.name for each in LOOK_ALIKES for seed in SEEDS if not each.found(seed)]
    return _none("honest look-alikes", alarms, len(LOOK_ALIKES) * len(SEEDS))


def _alarms_on_the_library() -> list[Figure]:
    alarms: dict[str, list[str]] = {"strategy": [], "column": []}
    checked = {"strategy": 0, "column": 0}
    for seed in SEEDS:
        for report in check_library(random_walk(N_BARS, seed=100 + seed), seed=seed):
            alarms[report.kind] += [leak.what for leak in report.leaks]
            checked[report.kind] += len(report.columns) if report.kind == "column" else 1
    return [
        _none("strategies of the library", alarms["strategy"], checked["strategy"]),
        _none("columns of the catalogue", alarms["column"], checked["column"]),
    ]


def _none(what: str, alarms: list[str], checked: int) -> Figure:
    figure = f"{len(alarms)} of {checked:,} ({checked // len(SEEDS):,} x {len(SEEDS)} seeds)"
    return holds(f"false alarms: {what}", not alarms, bound="0", figure=" ".join([figure, *sorted(set(alarms))]))


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
