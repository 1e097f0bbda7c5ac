"""Bar evaluations a second through at.optimize(method="grid"): python -m benchmarks.kernel_throughput."""

from __future__ import annotations

from benchmarks._sweep import FEW_BARS, MANY_BARS, METRICS, PAIRS, hourly_bars, sweep, timed
from proofs.claims import table

REPETITIONS = {MANY_BARS: 9, FEW_BARS: 40}


def main() -> int:
    """Time the sweep on many and on few bars, on one thread and on two, and print a table."""
    rows: list[tuple[str, ...]] = [("sets", "bars", "threads", "median", "best", "evaluations/s", "best", "load")]
    for n_bars, repetitions in REPETITIONS.items():
        bars = hourly_bars(n_bars)
        for threads in (1, 2):
            timing = timed(lambda bars=bars, threads=threads: sweep(bars, threads), repetitions)  # type: ignore[misc]
            rates = [f"{timing.rate(n_bars, seconds) / 1e6:,.0f} M" for seconds in (timing.median, timing.best)]
            times = [f"{seconds * 1e3:.1f} ms" for seconds in (timing.median, timing.best)]
            rows.append((str(PAIRS), f"{n_bars:,}", str(threads), *times, *rates, f"{timing.load:.1f}"))
    print(f"statistics: {', '.join(METRICS)}; load: processes that wanted a core, per core")
    print(table(rows))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
