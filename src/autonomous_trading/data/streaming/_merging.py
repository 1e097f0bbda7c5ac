"""Arrivals in any order become bars in one order, each once.

The next bar is emitted as soon as it is there. A bar that comes ahead of a missing one is held until that one comes, or
its source says that there is none, or it is overtaken by more than `lateness` bars: then it is a gap. What comes for a
time that is decided already is a duplicate, a revision, or too late: it changes and repeats nothing.
"""

import bisect
from collections import Counter
from collections.abc import Iterable
from types import MappingProxyType
from typing import Final, final

import numpy as np

from autonomous_trading.core import IntArray
from autonomous_trading.data._requests import Span, merged_spans, missing_spans
from autonomous_trading.data.streaming._arrivals import Arrival, Settled, broken_rule
from autonomous_trading.data.streaming._outcomes import Outcome
from autonomous_trading.data.streaming._state import MergeSettings, MergeState, Values

__all__ = ["merge"]

_MOST_GAPS: Final = 256


def merge(
    arrivals: Iterable[Arrival | Settled], settings: MergeSettings, state: MergeState
) -> tuple[tuple[Outcome, ...], MergeState]:
    """What became of each arrival, in order, and the state to go on with.

    Cut the arrivals anywhere and carry the state: the same outcomes. The outcomes in EMITTED carry the bars, strictly
    increasing in time, and the same ones for every order of arrivals in which no bar is overtaken by more than
    `lateness` later ones. The first value of a bar that came is the one that is emitted.
    """
    desk = _Desk(settings, state)
    for each in arrivals:
        if isinstance(each, Settled):
            desk.settle(each.span)
        else:
            desk.take(each)
    return tuple(desk.outcomes), desk.state()


@final
class _Desk:
    """A state being worked on; outcomes gather in `outcomes`."""

    def __init__(self, settings: MergeSettings, state: MergeState) -> None:
        self.outcomes: list[Outcome] = []
        self._settings, self._grid = settings, settings.grid
        self._last, self._floor, self._noticed = state.last, state.floor, state.noticed
        self._held = list(state.held)
        self._gaps, self._settled = state.gaps, state.settled
        self._recent: dict[int, Values] = dict(state.recent)
        self._counts = Counter(state.counts)

    def state(self) -> MergeState:
        """What the next call goes on with."""
        return MergeState(
            last=self._last,
            floor=self._floor,
            noticed=self._noticed,
            held=tuple(self._held),
            gaps=self._gaps,
            settled=self._settled,
            recent=tuple(sorted(self._recent.items())),
            counts=MappingProxyType(dict(sorted(self._counts.items()))),
        )

    def take(self, arrival: Arrival) -> None:
        """One bar came."""
        refused = self._refused(arrival)
        if refused is not None:
            self._say(refused)
        elif self._floor < 0 and not self._held:
            self._emit(arrival, "accepted")
        elif arrival.time <= self._floor:
            self._behind(arrival)
        else:
            self._ahead(arrival)

    def settle(self, span: Span) -> None:
        """No more bars will come for a span."""
        self._close(span)
        self._settled = merged_spans([*self._settled, span])
        self._release()
        self._forget()

    def _refused(self, arrival: Arrival) -> Outcome | None:
        reason = broken_rule(arrival)
        if reason or not self._grid.fits(arrival.time):
            return Outcome("quarantined", arrival, reason=reason or "off_grid")
        latest = arrival.received_at + self._settings.tolerance
        if arrival.time > latest:
            return Outcome("future", arrival)
        if self._grid.end(arrival.time) > latest:
            return Outcome("in_progress", arrival)
        return None

    def _behind(self, arrival: Arrival) -> None:
        """A bar for a time that is decided."""
        known = self._recent.get(arrival.time)
        if known is None:
            self._say(Outcome("quarantined", arrival, reason="late"))
            self._close(Span(arrival.time, self._grid.following(arrival.time)))
            self._remember(arrival)
        else:
            self._again(arrival, known)
            self._recent[arrival.time] = arrival.values

    def _ahead(self, arrival: Arrival) -> None:
        """A bar for a time that is still open."""
        at = bisect.bisect_left(self._held, arrival.time, key=lambda each: each.time)
        if at < len(self._held) and self._held[at].time == arrival.time:
            self._again(arrival, self._held[at].values)  # the first value that came stands, as it does elsewhere
            return
        overtaken = at < len(self._held)
        self._held.insert(at, arrival)
        self._release(arrival.time if overtaken else None)
        if any(each is arrival for each in self._held):
            self._say(Outcome("held", arrival))
        self._notice()
        self._forget()

    def _again(self, arrival: Arrival, known: Values) -> None:
        self._say(Outcome("duplicate" if known == arrival.values else "revision", arrival))

    def _release(self, late: int | None = None) -> None:
        """Emit what waits for nothing any more; give up what was overtaken by too many."""
        while self._held:
            missing = self._missing(self._floor, self._held[0].time) if self._floor >= 0 else np.empty(0, np.int64)
            given_up = self._overtaken(missing)
            if given_up:
                self._give_up(missing[:given_up])
            if given_up < len(missing):
                return
            arrival = self._held.pop(0)
            self._emit(arrival, "late" if arrival.time == late else "accepted")

    def _missing(self, after: int, before: int) -> IntArray:
        """The expected bars between two times that are not settled."""
        starts = self._grid.expected(after, before)
        for span in self._settled:
            starts = starts[(starts < span.start) | (starts >= span.stop)]
        return starts

    def _overtaken(self, missing: IntArray) -> int:
        """How many of the missing bars in front are waited for no longer."""
        lateness = self._settings.lateness
        if not len(missing) or len(self._held) > lateness:
            return len(missing)
        newest = self._held[-1].time
        after = len(missing) - 1 - np.arange(len(missing))  # missing ones that come after each
        # The held ones and those missing between them; held bars that nobody expects count by themselves.
        behind = max(len(self._missing(self._held[0].time - 1, newest)) + 1, len(self._held))
        return int(np.count_nonzero(after + behind > lateness))

    def _give_up(self, missing: IntArray) -> None:
        span = Span(int(missing[0]), self._grid.following(int(missing[-1])))
        self._gaps = merged_spans([*self._gaps, *missing_spans(span, self._settled)])
        while len(self._gaps) > _MOST_GAPS:  # rather one gap too wide than memory that grows
            self._gaps = (Span(self._gaps[0].start, self._gaps[1].stop), *self._gaps[2:])
        self._floor = max(self._floor, int(missing[-1]))
        self._noticed = max(self._noticed, self._floor)
        self._say(Outcome("gap", span=span))

    def _notice(self) -> None:
        """Say of missing bars, once, that they are waited for."""
        if not self._held or self._held[-1].time <= self._noticed:
            return
        held = {each.time for each in self._held}
        starts = self._missing(max(self._floor, self._noticed), self._held[-1].time)
        missing = [start for start in starts.tolist() if start not in held]
        for span in merged_spans(Span(start, self._grid.following(start)) for start in missing):
            self._say(Outcome("hole", span=span))
        self._noticed = self._held[-1].time

    def _emit(self, arrival: Arrival, kind: str) -> None:
        self._say(Outcome(kind, arrival))
        self._last, self._floor = arrival, arrival.time
        self._noticed = max(self._noticed, arrival.time)
        self._remember(arrival)

    def _remember(self, arrival: Arrival) -> None:
        self._recent[arrival.time] = arrival.values
        if len(self._recent) > self._settings.memory:
            del self._recent[min(self._recent)]

    def _close(self, span: Span) -> None:
        """Nothing of a span is missing any more; what is left of a gap and holds no bar is none."""
        left: list[Span] = []
        for gap in self._gaps:
            if gap.stop <= span.start or gap.start >= span.stop:
                left.append(gap)
                continue
            parts = missing_spans(gap, [span])
            left += [part for part in parts if len(self._grid.expected(part.start - 1, part.stop))]
        self._gaps = tuple(left)

    def _forget(self) -> None:
        self._settled = tuple(span for span in self._settled if span.stop > self._floor)

    def _say(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        self._counts[outcome.kind] += 1
