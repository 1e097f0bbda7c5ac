"""A feed that stops, or goes on with old bars, blocks entries within two bar lengths; a closed market does not."""

from __future__ import annotations

import numpy as np

from autonomous_trading.data.streaming import BarGrid, FeedWatch, WatchSettings, watch_feed
from proofs.claims import Figure, at_most, holds, run
from proofs.data._streams import DAY, MINUTE, SECOND, START, grid_of, shares

TITLE = "A stale feed blocks entries, even one that looks alive"
FREEZES = 100
LOOK = 5 * SECOND
DAYS = 7


def measure() -> list[Figure]:
    """Frozen, frozen and looking alive, thawed; and two weeks of a feed that is well."""
    figures = []
    for name, grid in (("around the clock", grid_of()), ("with sessions", shares())):
        moments = _moments(grid, np.random.default_rng(9))
        for kind, sent in (("silent", None), ("looks alive", -60 * MINUTE)):
            ages = [_blocked_after(grid, frozen, sent) for frozen in moments]
            inside = sum(age <= 2 * MINUTE for age in ages)
            figures.append(
                holds(
                    f"{name}, {kind}: blocked within 2 bar lengths",
                    inside == FREEZES,
                    bound=f"{FREEZES} of {FREEZES}",
                    figure=f"{inside} (at most {max(ages) / SECOND:.0f} s of open market)",
                )
            )
        ended = sum(_ends_with_a_fresh_bar(grid, frozen) for frozen in moments)
        figures.append(
            holds(
                f"{name}: only a fresh bar ends it",
                ended == FREEZES,
                bound=f"{FREEZES} of {FREEZES}",
                figure=f"{ended}",
            )
        )
        alarms, looks = _alarms(grid)
        figures.append(at_most(f"{name}: false alarms in {looks:,} looks over {DAYS} days", alarms, 0))
    return figures


def _moments(grid: BarGrid, rng: np.random.Generator) -> list[int]:
    """Moments in an open market at which a feed freezes, some of them just before the close."""
    starts = grid.expected(START, START + DAYS * DAY)
    return [int(each) for each in rng.choice(starts, FREEZES) + rng.integers(0, MINUTE, FREEZES)]


def _blocked_after(grid: BarGrid, frozen: int, sent: int | None) -> int:
    """How long the market was open between the freeze and the block; `sent` bars go on coming, old by so much."""
    newest = _newest(grid, frozen)
    settings, state = WatchSettings(grid), FeedWatch(newest)
    now = frozen
    while not state.blocked:
        now += LOOK
        _, state = watch_feed([(now, None if sent is None else newest + sent)], settings, state)
    return _open_time(grid, frozen, now - LOOK)


def _ends_with_a_fresh_bar(grid: BarGrid, frozen: int) -> bool:
    """An hour of silence, then bars two hours old, then a fresh one."""
    newest = _newest(grid, frozen)
    due = grid.expected(newest, START + (DAYS + 7) * DAY)[:120]
    now = int(due[-1]) + MINUTE + SECOND
    looks = [(now, None), (now, int(due[0])), (now, int(due[60])), (now, int(due[-1]))]
    answers, _ = watch_feed(looks, WatchSettings(grid), FeedWatch(newest))
    return answers == (True, True, True, False)


def _alarms(grid: BarGrid) -> tuple[int, int]:
    """A feed that is well, looked at three times a minute: each bar comes up to twenty seconds after it was over."""
    rng = np.random.default_rng(4)
    starts = grid.expected(START - 1, START + DAYS * DAY)
    comes = grid.ends(starts) + rng.integers(0, 20 * SECOND, len(starts))
    settings, state = WatchSettings(grid), FeedWatch(START - MINUTE)
    alarms, looks, at = 0, 0, 0
    for now in range(START, START + DAYS * DAY, 4 * LOOK):
        came = at
        while at < len(comes) and comes[at] <= now:
            at += 1
        bar = int(starts[at - 1]) if at > came else None
        answers, state = watch_feed([(now, bar)], settings, state)
        alarms += sum(answers)
        looks += 1
    return alarms, looks


def _newest(grid: BarGrid, now: int) -> int:
    """The newest bar that is over."""
    starts = grid.expected(now - 5 * DAY, now)
    return int(starts[grid.ends(starts) <= now][-1])


def _open_time(grid: BarGrid, start: int, stop: int) -> int:
    """For how long of a span the market is open."""
    sessions = grid.sessions
    return int(np.clip(np.minimum(sessions.close, stop) - np.maximum(sessions.open, start), 0, None).sum())


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
