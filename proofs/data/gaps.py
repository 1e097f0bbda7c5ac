"""Missing bars are found by the exchange's calendar with exact bounds, and holidays and half days are no gaps.

200 series of five kinds of exchange and five lengths of bar; from each 1 to 500 bars are taken away at random. Ten
years of four exchanges and of a market that never closes have no gap when no bar is missing.
"""

from __future__ import annotations

import numpy as np

from autonomous_trading.adapters import sessions_of
from autonomous_trading.core import IntArray, Timeframe
from autonomous_trading.data import RawBars, Sessions
from autonomous_trading.data.quality import ALIGNMENTS, examine, expected_starts
from proofs.claims import Figure, holds, run

TITLE = "Gaps found with exact bounds, and none that is not there"
CALENDARS = ("XNYS", "XLON", "XETR", "CMES", "24/7")
SERIES = 200
_MINUTE_NS = 60_000_000_000
YEARS = ("2015-01-01", "2025-01-01")
_LENGTHS = {"1d": 6, "1h": 2, "15m": 1, "5m": 1, "1w": 10}  # years of each, so that 500 bars can go


def measure() -> list[Figure]:
    """The planted gaps, then ten clean years, then the bars themselves counted another way."""
    return [_planted(), *_clean(), *map(_counted_by_hand, CALENDARS)]


def _counted_by_hand(calendar: str) -> Figure:
    """Bars are expected, planted and looked for by one rule: here they are counted minute by minute on the clock."""
    sessions = _sessions(calendar, "2023-01-01", "2025-01-01")
    breaks = sessions.breaks.tolist()
    wrong = total = 0
    for length in (5 * _MINUTE_NS, 60 * _MINUTE_NS):
        by_hand: set[int] = set()
        for opening, closing in zip(sessions.open.tolist(), sessions.close.tolist(), strict=True):
            counted_from, at = opening, opening
            while at < closing:
                pause = next((each for each in breaks if each[0] <= at < each[1]), None)
                if pause is not None:
                    counted_from = at = pause[1]
                elif (at - counted_from) % length == 0:
                    by_hand.add(at)
                    at += _MINUTE_NS
                else:
                    at += _MINUTE_NS
        found = set(expected_starts(sessions, Timeframe(length // _MINUTE_NS, "m")).tolist())
        wrong += len(by_hand ^ found)
        total += len(by_hand)
    return holds(f"{calendar}, 2023 and 2024: bars of 5 and 60 minutes not where the minutes of its sessions put them",
                 wrong == 0, bound="0", figure=f"{wrong} of {total:,}")  # fmt: skip


def _planted() -> Figure:
    rng = np.random.default_rng(1)
    exact = missing = 0
    for number in range(SERIES):
        calendar = CALENDARS[number % len(CALENDARS)]
        length = list(_LENGTHS)[(number // len(CALENDARS)) % len(_LENGTHS)]
        timeframe = Timeframe.of(length)
        start = int(rng.integers(2012, 2025 - _LENGTHS[length]))
        sessions = _sessions(calendar, f"{start}-01-01", f"{start + _LENGTHS[length]}-01-01")
        expected = expected_starts(sessions, timeframe, aligned=ALIGNMENTS[number % 2])
        count = int(rng.integers(1, min(500, len(expected) // 2) + 1))
        gone = np.sort(rng.choice(np.arange(1, len(expected) - 1), size=count, replace=False))
        gaps = examine(_flat(np.delete(expected, gone)), timeframe, sessions).gaps
        runs = np.split(gone, np.flatnonzero(np.diff(gone) > 1) + 1)
        exact += (
            gaps.first.tolist() == [int(expected[each[0]]) for each in runs]
            and gaps.last.tolist() == [int(expected[each[-1]]) for each in runs]
            and gaps.count.tolist() == [len(each) for each in runs]
        )
        missing += count
    return holds(
        f"series with 1 to 500 bars taken away ({missing:,} in all): gaps and their bounds",
        exact == SERIES,
        bound=f"{SERIES} of {SERIES} exact",
        figure=f"{exact} of {SERIES}",
    )


def _clean() -> list[Figure]:
    figures = []
    for calendar in CALENDARS:
        sessions = _sessions(calendar, *YEARS)
        false, held = 0, 0
        for text in ("5m", "1h", "1d", "1w", "1M"):
            timeframe = Timeframe.of(text)
            expected = expected_starts(sessions, timeframe)
            report = examine(_flat(expected), timeframe, sessions)
            false += report.gaps.missing + sum(
                each.code in ("outside_session", "time_zone") for each in report.findings
            )
            held += len(expected)
        short = int(np.count_nonzero(np.diff(sessions.close - sessions.open) != 0))
        what = f"{calendar}, 2015 to 2024, {len(sessions):,} sessions, {short} changes of their length: false gaps"
        figures.append(holds(what, false == 0, bound="0", figure=f"{false} in {held:,} bars"))
    return figures


def _sessions(calendar: str, start: str, stop: str) -> Sessions:
    moments = (int(np.datetime64(text, "ns").astype(np.int64)) for text in (start, stop))
    return sessions_of(calendar, *moments)


def _flat(time: IntArray) -> RawBars:
    """Bars whose times alone matter."""
    price = np.asarray(100.0 + np.arange(len(time)) % 7, dtype=np.float64)
    return RawBars("X", time, price, price, price, price, price, 0)


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
