"""A search in one SQLite file, killed (kill -9) at 200 random points, and at COMMITs: nothing lost, nothing twice.

In the end its parameters, seeds and results are those of a search that nobody disturbed, to the last bit. (A trial
that is the only one being evaluated at three deaths in a row is given up by design: it may be what kills. The kills
here fall at random, so that does not happen.)
"""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path

from autonomous_trading.app import JobState
from proofs.claims import Figure, at_least, holds, run
from proofs.ledger._killing import Holdings, begin, holdings, kill, undisturbed
from proofs.ledger._worker import Asked

TITLE = "Kills of a search in a SQLite file"
KILLS = 200
TRIALS = 10_048
SECONDS_PER_TRIAL = 0.003
LATEST = 0.35  # seconds after a worker began to open the ledger
EARLY = 0.1  # share of kills before that
COMMIT_TRIALS = 6_400
COMMIT_KILLS = 20
LATEST_COMMIT = 12


def random_kills(folder: Path) -> tuple[int, Holdings]:
    """Start the search again and again, and kill it at a random moment of its start, its replay or its work."""
    dice, place = random.Random(20_261_127), str(folder / "killed.db")
    asked = Asked(trials=TRIALS, seconds_per_trial=SECONDS_PER_TRIAL)
    kills = 0
    while kills < KILLS:
        worker = begin(place, asked, folder)
        if dice.random() < EARLY:
            time.sleep(dice.uniform(0.0, 0.5))
        elif worker.stdout is not None:
            worker.stdout.readline()
            time.sleep(dice.uniform(0.0, LATEST))
        if not kill(worker):
            break  # it was through before there were so many
        kills += 1
    _finish(place, asked, folder)
    return kills, holdings(place)


def kills_at_commits(point: str, folder: Path) -> tuple[int, Holdings]:
    """Let the search kill itself before, inside or after one COMMIT after another."""
    dice, place = random.Random(f"kills {point}"), str(folder / f"{point}.db")
    kills = 0
    for _ in range(COMMIT_KILLS):
        worker = begin(place, Asked(trials=COMMIT_TRIALS, dies=point, dies_at=dice.randint(1, LATEST_COMMIT)), folder)
        worker.communicate()
        kills += worker.returncode == -9
    _finish(place, Asked(trials=COMMIT_TRIALS), folder)
    return kills, holdings(place)


def _finish(place: str, asked: Asked, folder: Path) -> None:
    last = begin(place, Asked(asked.method, asked.trials), folder)
    _, said = last.communicate()
    if last.returncode:
        raise RuntimeError(f"the last worker failed: {said.strip().splitlines()[-1]}")


def told(what: str, kills: int, wanted: int, found: Holdings, expected: Holdings) -> list[Figure]:
    """The figures of one series of kills."""
    lost = len(expected.trials) - len(found.trials) + found.not_done
    same = found.trials == expected.trials and found.state is JobState.DONE and not found.problems
    figure = f"identical, {found.counted:,} counted" if same else f"differs: {found.problems or found.state}"
    return [
        at_least(f"{what}: kills", kills, wanted),
        holds(f"{what}: trials lost, trials twice", (lost, found.duplicated) == (0, 0), bound="0, 0",
              figure=f"{lost}, {found.duplicated} of {len(expected.trials):,}"),
        holds(f"{what}: parameters, seeds and results", same and found.counted == len(expected.trials),
              bound="as undisturbed", figure=figure),
    ]  # fmt: skip


def measure() -> list[Figure]:
    """Random kills, then kills at COMMITs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kills, found = random_kills(folder)
        figures = told("kill -9 anywhere", kills, KILLS, found, undisturbed(Asked(trials=TRIALS), folder))
        for point in ("before", "inside", "after"):
            own = folder / point
            own.mkdir()
            kills, found = kills_at_commits(point, own)
            expected = undisturbed(Asked(trials=COMMIT_TRIALS), own)
            figures += told(f"{point} a COMMIT", kills, COMMIT_KILLS // 2, found, expected)
        return figures


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
