"""What became of arrivals, as deliveries to a catalogue: all sound values of finished bars, and what was put aside."""

from collections.abc import Iterable, Sequence

from autonomous_trading.app.market_data._catalogue import Delivery
from autonomous_trading.data import SeriesKey, Span, screened
from autonomous_trading.data.streaming import EMITTED, Arrival, BarGrid, Outcome

__all__ = ["deliveries_of"]


def deliveries_of(
    key: SeriesKey,
    outcomes: Sequence[Outcome],
    *,
    grid: BarGrid,
    held: Iterable[Arrival],
    answered: Span | None,
    now: int,
    begun: int,
) -> tuple[Delivery, ...]:
    """What a catalogue has to keep of some outcomes, in the order they came.

    Bars that are held are kept when they come: `held` are those that were before, and are not kept again when they
    leave. `answered` is the span that a provider answered in full; bars that were sent stand for their own times alone:
    what lies between two of them was not asked for. What was over by `begun` was fetched; what ended after it was
    waited for: that is a live delivery.
    """
    bars = _sound(outcomes, {each.time for each in held})
    kept: list[Delivery] = []
    if answered is not None and answered.start < answered.stop:
        inside = [each for each in bars if answered.start <= each.time < answered.stop]
        if len({each.time for each in inside}) == len(inside):
            inside.sort(key=lambda each: each.time)
            cut = min((each.time for each in inside if grid.following(each.time) > begun), default=answered.stop)
            for span in (Span(answered.start, cut), Span(cut, answered.stop)):
                if span.start < span.stop:
                    within = [each for each in inside if span.start <= each.time < span.stop]
                    kept.append(_delivery(key, span, within, now, live=span.start == cut))
            bars = [each for each in bars if not answered.start <= each.time < answered.stop]
    runs = [(Span(run[0].time, grid.following(run[-1].time)), run) for run in _runs(grid, bars)]
    kept += [_delivery(key, span, run, now, live=span.stop > begun) for span, run in runs]
    for outcome in outcomes:
        if outcome.arrival is not None and outcome.kind == "quarantined" and outcome.reason != "late":
            at = Span(outcome.arrival.time, grid.following(outcome.arrival.time))
            raw = Arrival.as_raw([outcome.arrival], key.symbol)
            kept.append(Delivery(at, None, now, raw, (outcome.reason,), _facts([outcome.arrival])))
    return tuple(kept)


def _sound(outcomes: Sequence[Outcome], held: set[int]) -> list[Arrival]:
    """Every sound value of a finished bar that is new: the first one, revisions of it, and what came too late."""
    found: list[Arrival] = []
    for outcome in outcomes:
        arrival = outcome.arrival
        if arrival is None or (outcome.kind in EMITTED and arrival.time in held):
            continue
        if outcome.kind == "held":
            held.add(arrival.time)
        late = outcome.kind == "quarantined" and outcome.reason == "late"
        if late or outcome.kind in (*EMITTED, "held", "revision"):
            found.append(arrival)
    return found


def _runs(grid: BarGrid, arrivals: Iterable[Arrival]) -> list[list[Arrival]]:
    """Bars that follow each other without a gap, together."""
    runs: list[list[Arrival]] = []
    for each in arrivals:
        if runs and grid.following(runs[-1][-1].time) == each.time:
            runs[-1].append(each)
        else:
            runs.append([each])
    return runs


def _delivery(key: SeriesKey, span: Span, arrivals: Sequence[Arrival], now: int, *, live: bool) -> Delivery:
    bars = screened(Arrival.as_raw(arrivals, key.symbol)).bars
    return Delivery(span, bars, now, facts=_facts(arrivals), live=live)


def _facts(arrivals: Sequence[Arrival]) -> dict[str, str]:
    return {"origin": ", ".join(dict.fromkeys(each.origin for each in arrivals)) or "history"}
