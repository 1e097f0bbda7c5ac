"""A thousand revisions: whoever asks later what was known then decides what was decided then.

One series is fetched hour by hour; before every bar something held may be revised, or a bar that the source forgot may
come late. After every sync the newest bars are read as a live run would, and a decision is taken from them. At the end,
when the catalogue knows better, each decision is taken again from what it says was known at that time.
"""

from __future__ import annotations

import tempfile

import numpy as np

from autonomous_trading.adapters.catalogue import ParquetCatalogue
from autonomous_trading.app.market_data import Delivery
from autonomous_trading.core import Bars, Timeframe
from autonomous_trading.data import SeriesKey, Span
from proofs.claims import Figure, at_least, holds, run

TITLE = "Revisions: decisions taken again"
REVISIONS = 1_000
WINDOW = 50
_HOUR = 3_600_000_000_000
_START = 1_700_000_000_000_000_000 // _HOUR * _HOUR
KEY = SeriesKey("revised", "X", Timeframe.of("1h"))


def bar(at: int, close: float) -> Bars:
    """One bar, number `at`."""
    price, one = np.array([close]), np.ones(1)
    return Bars(np.array([_START + at * _HOUR]), price, price + 1.0, price - 1.0, price, one, symbol="X")


def given(first: int, last: int, bars: Bars | None, received: int) -> Delivery:
    """A delivery for some hours, received a minute after an hour."""
    return Delivery(Span(_START + first * _HOUR, _START + last * _HOUR), bars, received)


def decision(bars: Bars) -> tuple[bool, str]:
    """Long or flat by the mean of the newest closes, and the digits of all that was looked at."""
    newest = bars[max(0, len(bars) - WINDOW) :]
    return bool(newest.close[-1] > newest.close.mean()), newest.content_id


def live(catalogue: ParquetCatalogue) -> tuple[list[tuple[int, tuple[bool, str]]], int, int]:
    """The moments of the decisions and what was decided; how many values were revised and how many bars came late."""
    dice = np.random.default_rng(20_261_127)
    decided, missing, revised, late = list[tuple[int, tuple[bool, str]]](), set[int](), 0, 0
    at = 0
    while revised + late < REVISIONS or len(decided) < REVISIONS:
        moment = _START + (at + 1) * _HOUR + 60_000_000_000
        forgotten = at > 0 and dice.random() < 0.1
        catalogue.commit(KEY, given(at, at + 1, None if forgotten else bar(at, 100.0 + dice.normal()), moment))
        missing |= {at} if forgotten else set()
        if missing and dice.random() < 0.2:
            found = int(dice.choice(sorted(missing)))
            missing.remove(found)
            catalogue.commit(KEY, given(found, found + 1, bar(found, 100.0 + dice.normal()), moment))
            late += 1
        for _ in range(int(dice.integers(0, 3))):
            older = int(dice.integers(max(0, at - WINDOW), at + 1))
            if older not in missing:
                told = catalogue.commit(KEY, given(older, older + 1, bar(older, 100.0 + dice.normal()), moment))
                revised += told.revised
        decided.append((moment, decision(catalogue.read(KEY))))
        at += 1
    return decided, revised, late


def measure() -> list[Figure]:
    """Live first, then from what was known."""
    with tempfile.TemporaryDirectory() as name:
        catalogue = ParquetCatalogue(name)
        decided, revised, late = live(catalogue)
        again = [decision(catalogue.read(KEY, known_at=moment)) for moment, _ in decided]
        today = catalogue.read(KEY)
        naive = [decision(today[today.rows_between(0, moment - _HOUR)]) for moment, _ in decided]
        kept = sum(len(each) for each in catalogue.revisions(KEY))
    same = sum(one == other for (_, one), other in zip(decided, again, strict=True))
    fooled = sum(one != other for (_, one), other in zip(decided, naive, strict=True))
    return [
        at_least("revised values and late bars", revised + late, REVISIONS),
        holds("of them kept with the time of their receipt", kept == revised + late, bound=f"{revised + late}",
              figure=f"{kept} ({revised} revised, {late} late)"),
        at_least("decisions", len(decided), REVISIONS),
        holds("decisions that are the same when taken again", same == len(decided), bound=f"{len(decided)}",
              figure=f"{same}"),
        at_least("decisions that today's values would have changed", fooled, 1),
    ]  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
