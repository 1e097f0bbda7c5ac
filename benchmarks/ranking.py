"""Seconds that a daily ranking takes: python -m benchmarks.ranking [--instruments 500] [--days 5000].

Random walks; the default rules (four momentum windows, volatility, median turnover, Amihud), size and sentiment given.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np

from autonomous_trading.core import Panel
from autonomous_trading.data.ranking import evaluate_ranking, rank_instruments
from proofs.claims import table

_DAY_NS = 86_400_000_000_000


def panel_of(instruments: int, days: int, seed: int) -> Panel:
    """Instruments that wander, all there every day."""
    rng = np.random.default_rng(seed)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.015, (instruments, days)), axis=1))
    opens = np.concatenate((close[:, :1], close[:, :-1]), axis=1)
    return Panel(
        tuple(f"S{number}" for number in range(instruments)),
        np.arange(1, days + 1) * _DAY_NS,
        opens,
        np.maximum(opens, close),
        np.minimum(opens, close),
        close,
        rng.lognormal(13.0, 1.0, close.shape),
        np.ones(close.shape, dtype=np.bool_),
    )


def timed(name: str, run: Callable[[], object]) -> tuple[str, str, str]:
    """One row: wall and processor seconds of one call."""
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    return name, f"{time.perf_counter() - wall:.2f}", f"{time.process_time() - cpu:.2f}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instruments", type=int, default=500)
    parser.add_argument("--days", type=int, default=5_000)
    asked = parser.parse_args()
    panel = panel_of(asked.instruments, asked.days, seed=1)
    rng = np.random.default_rng(2)
    size, sentiment = rng.lognormal(20.0, 1.0, panel.close.shape), rng.normal(size=panel.close.shape)
    last = np.array([asked.days - 1])
    rank_instruments(panel, last)  # what is imported on first use is not counted
    ranking = rank_instruments(panel, size=size, sentiment=sentiment)
    rows = [
        timed("every day", lambda: rank_instruments(panel)),
        timed("every day, size and sentiment", lambda: rank_instruments(panel, size=size, sentiment=sentiment)),
        timed("the last day", lambda: rank_instruments(panel, last, size=size, sentiment=sentiment)),
        timed("what it was worth", lambda: evaluate_ranking(ranking, panel)),
    ]
    print(f"{asked.instruments} instruments, {asked.days:,} days")
    print(table([("what", "seconds", "processor"), *rows]))


if __name__ == "__main__":
    main()
