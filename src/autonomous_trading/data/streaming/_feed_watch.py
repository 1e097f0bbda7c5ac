"""Whether a feed is alive: by the times of the bars it sends, not by whether it sends anything."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import final

from autonomous_trading.core import InvalidInput
from autonomous_trading.data.streaming._grid import BarGrid

__all__ = ["FeedWatch", "WatchSettings", "watch_feed"]


@final
@dataclass(frozen=True, slots=True, eq=False)
class WatchSettings:
    """A feed is stale when `bars` bars are over that it should have sent, counted from its newest one."""

    grid: BarGrid
    bars: int = 2

    def __post_init__(self) -> None:
        if self.bars < 1:
            raise InvalidInput(f"a feed cannot be stale after {self.bars} bars", fix="allow at least 1")


@final
@dataclass(frozen=True, slots=True)
class FeedWatch:
    """The newest bar so far, and whether entries are blocked.

    `newest` is its start; before any bar came, the moment from which bars are due.
    """

    newest: int
    blocked: bool = False


def watch_feed(
    looks: Iterable[tuple[int, int | None]], settings: WatchSettings, state: FeedWatch
) -> tuple[tuple[bool, ...], FeedWatch]:
    """For each look at the feed, whether entries are blocked; and the state to go on with.

    A look is the moment (UTC nanoseconds, from `steady_time`: a clock that was set is no age) and the start of a bar
    that just came, or None. Bars count that are over at that moment and begin after the newest one that came: while a
    market is closed none is, and a feed that goes on sending old bars is as stale as a silent one. Only a newer bar
    that leaves fewer than `bars` of them ends it.
    """
    answers: list[bool] = []
    newest = state.newest
    for now, came in looks:
        newest = newest if came is None else max(newest, came)
        starts = settings.grid.expected(newest, now)
        due = starts[settings.grid.ends(starts) <= now]
        answers.append(len(due) >= settings.bars)
    return tuple(answers), FeedWatch(newest, answers[-1] if answers else state.blocked)
