"""How often the verdict is right where the truth is known: python -m benchmarks.honesty [--noise 500] [--edge 100].

Markets without any pattern in their direction (clusters, fat tails, every second one rising), searched with the
strategies of the library, and two markets with a planted edge whose best set has an annual Sharpe ratio of 1.5 after
costs: one whose volume foretells returns a little every day, and one that trends for two months or so at a time.
Ten years of days, 200 sets, defaults of `at.validate`.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Final

from benchmarks._honesty_markets import EDGES, SETS, Verdict, judged, true_sharpes

PAPER: Final = "worth paper trading"
DECISIONS: Final = ("reject", "not enough evidence", PAPER)


def verdicts(kind: str, count: int, processes: int, *, first: int = 0) -> list[Verdict]:
    """The verdict on each of `count` markets of a kind."""
    tasks = [(kind, first + seed) for seed in range(count)]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        return list(pool.map(judged, tasks, chunksize=4))


def share(found: Sequence[Verdict], decision: str = PAPER) -> float:
    """How often this was the decision."""
    return sum(each.decision == decision for each in found) / len(found)


def described(title: str, found: Sequence[Verdict]) -> Iterable[str]:
    """The shares of the decisions, and which rules stood in the way."""
    yield f"{title}: {len(found):,} searches of {SETS} sets"
    for decision in DECISIONS:
        yield f"  {decision:<22}{share(found, decision):7.1%}"
    stopped = Counter(rule for each in found for rule in (*each.undecided, *each.failed))
    failed = Counter(rule for each in found for rule in each.failed)
    for rule, count in stopped.most_common():
        yield f"    {rule:<20}not passed {count / len(found):7.1%}, failed {failed[rule] / len(found):7.1%}"


def main() -> None:
    """Print what was said of markets whose truth is known."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--noise", type=int, default=500)
    parser.add_argument("--edge", type=int, default=100)
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    for kind in EDGES if asked.edge else ():
        best, middle = true_sharpes(kind)
        print(f"{kind}: true annual Sharpe ratio {best:.2f} of the best set, {middle:.2f} of the middle one")
    for kind, count in (*((kind, asked.edge) for kind in EDGES), ("noise", asked.noise)):
        if count:
            print("\n".join(described(kind, verdicts(kind, count, asked.processes))), flush=True)


if __name__ == "__main__":
    main()
