"""Bars that come twice, changed, late or out of order: the same state and the same decisions as from a clean stream.

Each stream holds 120 minutes of a market around the clock or of one with sessions, in turn. A decision is taken at
every bar that leaves; decisions taken again are bars that left twice or not in order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import final

import numpy as np

from autonomous_trading.data.streaming import Arrival, MergeSettings, Outcome
from proofs.claims import Figure, at_most, holds, run
from proofs.data._streams import (
    LATENESS,
    MINUTE,
    clean_stream,
    decisions_of,
    grid_of,
    merged,
    settings_of,
    shares,
    shuffled,
    with_duplicates,
    with_revisions,
)

TITLE = "Late, out of order, twice, revised: nothing decided again, nothing lost"
STREAMS = 1_000
BARS = 120
DUPLICATES = 10


@final
@dataclass(frozen=True, slots=True)
class Case:
    """A clean stream, what became of it, and a tally of what all the spoilt ones led to."""

    clean: list[Arrival]
    settings: MergeSettings
    rng: np.random.Generator
    state: str
    decisions: list[tuple[int, int]]
    tally: Counter[str] = field(default_factory=Counter)

    def merged(self, arrivals: Sequence[Arrival]) -> tuple[tuple[Outcome, ...], str, bool]:
        """Outcomes, state, and whether the decisions are those of the clean stream."""
        outcomes, state = merged(arrivals, self.settings)
        decided = decisions_of(outcomes)
        self.tally["again"] += sum(later[0] <= earlier[0] for earlier, later in pairwise(decided))
        return outcomes, state, decided == self.decisions


def duplicated(case: Case) -> bool:
    """Bars come again, later on."""
    outcomes, state, same = case.merged(with_duplicates(case.clean, DUPLICATES, case.rng))
    case.tally["duplicates"] += sum(each.kind == "duplicate" for each in outcomes)
    return same and state == case.state


def revised(case: Case) -> bool:
    """One bar comes again with another close: kept beside the first with its own time of receipt."""
    outcomes, _, same = case.merged(with_revisions(case.clean, 1, case.rng))
    found = [each.arrival for each in outcomes if each.kind == "revision" and each.arrival is not None]
    received = {each.time: each.received_at for each in case.clean}
    return same and len(found) == 1 and found[0].received_at > received[found[0].time]


def permuted(case: Case) -> bool:
    """Bars come in any order in which none is overtaken by more than the window allows."""
    _, state, same = case.merged(shuffled(case.clean, LATENESS, case.rng))
    return same and state == case.state


def spoilt_in_every_way(case: Case) -> bool:
    """Shuffled, then revised, then repeated."""
    revisions = with_revisions(shuffled(case.clean, LATENESS, case.rng), 10, case.rng)
    return case.merged(with_duplicates(revisions, DUPLICATES, case.rng))[2]


def too_late(case: Case) -> bool:
    """One bar comes beyond the window: as good as missing, and put aside."""
    at = int(case.rng.integers(0, BARS - LATENESS - 2))
    behind = int(case.rng.integers(at + LATENESS + 1, BARS - 1))
    without = case.clean[:at] + case.clean[at + 1 :]
    expected = decisions_of(case.merged(without)[0])
    outcomes, _, _ = case.merged([*without[:behind], case.clean[at], *without[behind:]])
    put_aside = [each.arrival for each in outcomes if each.kind == "quarantined"]
    return put_aside == [case.clean[at]] and decisions_of(outcomes) == expected


def cut_out(case: Case) -> bool:
    """Up to sixty bars in a row never come: they, and no others, are the gap."""
    length = int(case.rng.integers(1, 61))
    at = int(case.rng.integers(1, BARS - length - LATENESS - 1))
    removed = [each.time for each in case.clean[at : at + length]]
    outcomes, _, _ = case.merged(case.clean[:at] + case.clean[at + length :])
    spans = [each.span for each in outcomes if each.kind == "gap" and each.span is not None]
    expected = case.settings.grid.expected
    found = [start for span in spans for start in expected(span.start - 1, span.stop).tolist()]
    return found == removed and (spans[0].start, spans[-1].stop) == (removed[0], removed[-1] + MINUTE)


WAYS: tuple[tuple[str, Callable[[Case], bool]], ...] = (
    (f"A2: {DUPLICATES} duplicates: state hash of the clean run", duplicated),
    ("A3: a revision: decisions of the clean run", revised),
    (f"A4: any order within {LATENESS} bars: state hash of the clean run", permuted),
    ("A2-A4 at once: decisions of the clean run", spoilt_in_every_way),
    ("A4: a bar beyond the window: put aside, 0 decisions changed", too_late),
    ("A1: 1 to 60 bars missing: exact bounds, no other gap", cut_out),
)


def measure() -> list[Figure]:
    """Every way of spoiling, over the same streams."""
    kept: Counter[str] = Counter()
    tally: Counter[str] = Counter()
    settings = (settings_of(grid_of()), settings_of(shares()))
    for seed in range(STREAMS):
        rng = np.random.default_rng([5, seed])
        on = settings[seed % 2]
        clean = clean_stream(on.grid, BARS, rng)
        outcomes, state = merged(clean, on)
        case = Case(clean, on, rng, state, decisions_of(outcomes), tally)
        for name, way in WAYS:
            kept[name] += way(case)
    figures = [
        holds(name, kept[name] == STREAMS, bound=f"{STREAMS:,} of {STREAMS:,}", figure=f"{kept[name]:,}")
        for name, _ in WAYS
    ]
    counted = tally["duplicates"]
    wanted = DUPLICATES * STREAMS
    return [
        *figures,
        holds("duplicates counted", counted == wanted, bound=f"{wanted:,}", figure=f"{counted:,}"),
        at_most("decisions taken again", tally["again"], 0),
    ]


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
