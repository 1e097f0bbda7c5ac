"""Which values of a series count at which time, and what a delivery changes about them."""

from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from autonomous_trading.adapters.catalogue._manifest import Manifest
from autonomous_trading.adapters.catalogue._parts import compacted, read_parts, write_parts
from autonomous_trading.adapters.catalogue._rows import COLUMNS, EXTRA, Rows, joined, rows_of, taken
from autonomous_trading.app.market_data import Committed, Delivery, facts_after
from autonomous_trading.core import Bars, BoolArray, IntArray, InvalidInput, time_text
from autonomous_trading.data import Span, merged_spans

__all__ = ["HELD", "Changed", "changed", "times_in", "values_at"]

HELD: Final = ("bars", "sent", "revised")
"""The kinds of parts that hold values of bars."""

_LATER: Final = "later"


class Changed(NamedTuple):
    """The manifest after a delivery, and what is to be told of it."""

    manifest: Manifest
    told: Committed


def values_at(folder: Path, manifest: Manifest, span: Span | None, known_at: int | None) -> Rows:
    """The rows of a span that were known at a time (None: now), one per bar, in order of time; {} where none was."""
    rows = joined(_of_kind(folder, manifest, kind, span) for kind in HELD)
    if not rows:
        return {}
    if known_at is not None:
        rows = taken(rows, _known_from(manifest, rows) <= known_at)
    if not bool((np.diff(rows["time"]) > 0).all()):
        rows = taken(rows, np.lexsort((rows["delivery"], rows["time"])))
        rows = taken(rows, np.append(rows["time"][1:] != rows["time"][:-1], True))
    return rows if len(rows["time"]) else {}


def times_in(folder: Path, manifest: Manifest, span: Span | None) -> IntArray:
    """The starts of the bars of a span, without their values."""
    kinds = (read_parts(folder, manifest.of_kind(kind, span), span, ["time"]) for kind in HELD)
    times: IntArray = np.concatenate([np.empty(0, np.int64), *(rows["time"] for rows in kinds if rows)])
    if (times[1:] > times[:-1]).all():  # as nearly every series comes: one look instead of a sort
        return times
    times.sort()
    return np.asarray(times[np.append(times[1:] != times[:-1], True)], dtype=np.int64)


def changed(folder: Path, manifest: Manifest, delivery: Delivery) -> Changed:
    """Write what a delivery brings beside what is there. Nothing counts until the manifest is written."""
    _check(delivery)
    # A clock that went back does not rewrite the past: nothing is received before what was received already.
    received_at = max(delivery.received_at, manifest.received_at)
    after = replace(
        manifest,
        deliveries=manifest.deliveries + 1,
        received_at=received_at,
        spans=merged_spans([*manifest.spans, delivery.span]),
        facts=facts_after(manifest.key, manifest.facts, delivery),
    )
    first, later, told = _sorted_out(folder, manifest, delivery, received_at)
    kind = "sent" if delivery.live else "bars"
    parts = [*write_parts(folder, after, kind, first), *write_parts(folder, after, "revised", later)]
    aside = _unseen(folder, manifest, delivery, received_at)
    parts += write_parts(folder, after, "refused", aside)
    if not parts and after.spans == manifest.spans:
        # Who asked again knows now that nothing had changed until then: a revision after it must not be dated before.
        same = received_at == manifest.received_at
        return Changed(manifest if same else replace(manifest, received_at=received_at), told)
    kept = compacted(folder, after, [*manifest.parts, *parts])
    return Changed(
        replace(
            after,
            parts=kept,
            bars=manifest.bars + told.new,
            # A first value that came later than an answer without it is one too, as in `revisions` of any time.
            revisions=sum(part.rows for part in kept if part.kind == "revised"),
            refused=manifest.refused + (len(aside["time"]) if aside else 0),
        ),
        told,
    )


def _of_kind(folder: Path, manifest: Manifest, kind: str, span: Span | None) -> Rows:
    rows = read_parts(folder, manifest.of_kind(kind, span), span)
    return {**rows, _LATER: np.full(len(rows["time"]), kind != "bars")} if rows else {"time": np.empty(0, np.int64)}


def _known_from(manifest: Manifest, rows: Rows) -> IntArray:
    """From when each row counts: when its bar was over, and what was sent or came later not before its receipt."""
    over = manifest.key.timeframe.following(rows["time"])
    return np.asarray(np.where(rows[_LATER], np.maximum(over, rows["received_at"]), over), dtype=np.int64)


def _sorted_out(folder: Path, manifest: Manifest, delivery: Delivery, received_at: int) -> tuple[Rows, Rows, Committed]:
    """What of a delivery is a first value, what a later one, and the counts."""
    refused = 0 if delivery.refused is None else len(delivery.refused)
    if delivery.bars is None:
        return {}, {}, Committed(0, 0, 0, refused)
    bars = delivery.bars
    rows = rows_of(bars, received_at, manifest.deliveries + 1)
    times = bars.time
    held = values_at(folder, manifest, Span(int(times[0]), int(times[-1]) + 1), None)
    there, at = _found(times, held["time"] if held else np.empty(0, dtype=np.int64))
    differs = there.copy()
    differs[there] = _differ(taken(rows, there), taken(held, at[there]))
    answered = _within(bars, manifest.spans)
    first, later = ~there & ~answered, differs | (~there & answered)
    told = Committed(int((~there).sum()), int(differs.sum()), int((there & ~differs).sum()), refused)
    return taken(rows, first), taken(rows, later), told


def _unseen(folder: Path, manifest: Manifest, delivery: Delivery, received_at: int) -> Rows:
    """The rows put aside that no earlier delivery had put aside with the same values and for the same reason."""
    if delivery.refused is None or not len(delivery.refused):
        return {}
    rows = rows_of(delivery.refused, received_at, manifest.deliveries + 1, delivery.reasons)
    times = rows["time"]
    near = Span(int(times.min()), int(times.max()) + 1)
    held = read_parts(folder, manifest.of_kind("refused", near), near)
    seen = set(_contents(held)) if held else set()
    fresh = np.array([content not in seen for content in _contents(rows)], dtype=np.bool_)
    return taken(rows, fresh) if fresh.any() else {}


def _contents(rows: Rows) -> list[tuple[bytes, str]]:
    """The bits and the reason of each row."""
    bits = np.column_stack([rows["time"], *(rows[name].view(np.int64) for name in COLUMNS)])
    return [(bits[row].tobytes(), str(reason)) for row, reason in enumerate(rows["reason"])]


def _found(times: IntArray, held: IntArray) -> tuple[BoolArray, IntArray]:
    """Which of the times are held, and where; both are in order."""
    at = np.searchsorted(held, times)
    there = at < len(held)
    there[there] = held[at[there]] == times[there]
    return there, np.asarray(at, dtype=np.int64)


def _differ(ours: Rows, theirs: Rows) -> BoolArray:
    """Where newer values of the same bars differ from those held; NaN equals NaN, and a column that is not held."""
    names = [*COLUMNS, *(name for name in ours if name.startswith(EXTRA))]
    differs = np.zeros(len(ours["time"]), dtype=np.bool_)
    missing = np.full(len(differs), np.nan)
    for name in names:
        one, other = ours[name], theirs.get(name, missing)
        differs |= ~((one == other) | (np.isnan(one) & np.isnan(other)))
    return differs


def _within(bars: Bars, spans: tuple[Span, ...]) -> BoolArray:
    """Which bars lie in times that were answered before."""
    found = np.zeros(len(bars), dtype=np.bool_)
    for span in spans:
        found[bars.rows_between(span.start, span.stop)] = True
    return found


def _check(delivery: Delivery) -> None:
    start, stop = delivery.span
    if start >= stop:
        raise InvalidInput(f"a delivery for {time_text(start)} to {time_text(stop)}", fix="swap the two")
    bars = delivery.bars
    if bars is not None and (bars.time[0] < start or bars.time[-1] >= stop):
        outside = bars.time[0] if bars.time[0] < start else bars.time[-1]
        raise InvalidInput(
            f"the bar of {time_text(int(outside))} is outside the span of its delivery,"
            f" {time_text(start)} to {time_text(stop)}",
            fix="deliver only what was asked for",
        )
    refused = 0 if delivery.refused is None else len(delivery.refused)
    if len(delivery.reasons) != refused:
        raise InvalidInput(
            f"{refused} rows were put aside with {len(delivery.reasons)} reasons", fix="give one reason for each row"
        )
