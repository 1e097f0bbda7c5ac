"""On real data: what is said of every strategy of the library on the bundled indices is what the documentation prints.

`python -m benchmarks.verdicts` makes the whole table of docs/reference/verdicts.md, with a folder of your own data too.
"""

from __future__ import annotations

import os
from pathlib import Path

from autonomous_trading.strategies import STRATEGIES
from benchmarks.verdicts import table_row, verdicts
from proofs.claims import Figure, at_most, equals, holds, run

TITLE = "Verdicts on real data"
TABLE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "verdicts.md"
TRIALS = 200


def measure() -> list[Figure]:
    """The rows of the bundled indices once more, beside those of the documentation."""
    rows = list(verdicts(None, list(STRATEGIES), TRIALS, max(1, os.cpu_count() or 1)))
    printed = TABLE.read_text(encoding="utf-8").splitlines()
    same = sum(table_row(row) in printed for row in rows)
    believed = [row for row in rows if row.decision == "worth paper trading"]
    opened = [row for row in rows if row.holdout is not None]
    return [
        equals("library strategies x bundled indices", len(rows), 2 * len(STRATEGIES), digits=0),
        holds("rows as the documentation prints them", same == len(rows), bound=str(len(rows)), figure=str(same)),
        at_most("worth paper trading; of textbook rules on an index", len(believed), 1),
        holds(
            "the hold-out stays closed where it could not help",
            all(not row.failed or row.failed == ("holdout",) or row.failed == ("out_of_sample",) for row in opened),
        ),
    ]


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
