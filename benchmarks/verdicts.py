"""What is said of known strategies on real markets: python -m benchmarks.verdicts [--data FOLDER] [--strategy NAME].

Each strategy of the library, 200 random sets, on the bundled indices and on the daily files of a folder of yours
(`SOURCES` in `benchmarks/_verdict_markets.py` says which), judged by `at.validate` with its defaults. One row of a
Markdown table per market and strategy. Commission 5 and slippage 2 basis points on every fill, 10 and 5 for crypto.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from autonomous_trading.strategies import STRATEGIES
from autonomous_trading.validation import RULES, Decision
from benchmarks._verdict_markets import Row, judged, markets

HEADER: Final = (
    "market",
    "strategy",
    "sets",
    "effective",
    "in sample",
    "walked forward",
    "hold-out",
    "holding, walked",
    "deflated raw / effective",
    "PBO",
    "break-even costs",
    "decision",
    "failed; else undecided",
)


def verdicts(folder: str | None, strategies: Sequence[str], trials: int, processes: int) -> Iterator[Row]:
    """The verdict on every market and strategy, in order, as they come."""
    tasks = [(market, strategy, trials) for market in markets(folder) for strategy in strategies]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield from pool.map(judged, tasks)


def table_row(row: Row) -> str:
    """One line of the table."""
    cells = (
        row.market,
        f"`{row.strategy}`",
        f"{row.sets:,}",
        f"{row.effective:,}",
        _number(row.in_sample),
        _pair(row.walked),
        "closed" if row.holdout is None else _pair(row.holdout),
        _number(row.held),
        f"{_cut(row.dsr)} / {_cut(row.dsr_effective)}",
        _number(row.pbo),
        "none" if row.break_even == math.inf else f"{math.floor(row.break_even * 10.0) / 10.0:.1f}",
        row.decision,
        ", ".join(name.replace("_", " ") for name in row.failed or row.undecided) or "every rule passed",
    )
    return f"| {' | '.join(cells)} |"


def counted(rows: Sequence[Row]) -> Iterable[str]:
    """How often each decision was made, and which rule stood in the way how often."""
    decisions = Counter(row.decision for row in rows)
    yield ", ".join(f"{decisions[each.value]} {each.value}" for each in Decision) + f", of {len(rows)}"
    yield ""
    yield "| rule | failed | undecided | the only one that failed |"
    yield "|---|---|---|---|"
    for name in RULES:
        failed, undecided = (sum(name in each for each in which) for which in _outcomes(rows))
        alone = sum(row.failed == (name,) for row in rows)
        yield f"| {name.replace('_', ' ')} | {failed} | {undecided} | {alone} |"


def warned(rows: Sequence[Row]) -> Iterable[str]:
    """What is suspicious about the data of each market."""
    for market, warnings in {row.market: row.warnings for row in rows}.items():
        yield from (f"- {market}: {warning}" for warning in warnings)


def _outcomes(rows: Sequence[Row]) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    return [row.failed for row in rows], [row.undecided for row in rows]


def _number(value: float) -> str:
    return "n/a" if math.isnan(value) else f"{value:.2f}"


def _cut(value: float) -> str:
    """A probability cut, not rounded: 0.9496 is not 0.95."""
    return "n/a" if math.isnan(value) else f"{math.floor(value * 100.0) / 100.0:.2f}"


def _pair(pair: tuple[float, float]) -> str:
    return f"{_number(pair[0])} ({_number(pair[1])})"


def main() -> None:
    """Print the table, the counts, and what is suspicious about the data; keep the pages where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="a folder with daily files; without it only the bundled indices")
    parser.add_argument("--strategy", choices=list(STRATEGIES), help="only this one")
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--pages", type=Path, help="a folder that gets the whole page of every verdict")
    asked = parser.parse_args()
    print(f"| {' | '.join(HEADER)} |\n|{'---|' * len(HEADER)}", flush=True)
    rows = []
    strategies = [asked.strategy] if asked.strategy else list(STRATEGIES)
    for row in verdicts(asked.data, strategies, asked.trials, asked.processes):
        print(table_row(row), flush=True)
        rows.append(row)
        if asked.pages is not None:
            asked.pages.mkdir(parents=True, exist_ok=True)
            (asked.pages / f"{row.market}-{row.strategy}.txt").write_text(f"{row.page}\n", encoding="utf-8")
    for lines in (counted(rows), warned(rows)):
        print("\n" + "\n".join(lines))


if __name__ == "__main__":
    main()
