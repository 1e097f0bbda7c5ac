"""The port to where corporate actions are kept, and the rule of when one of them counts as known."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import final

from autonomous_trading.core import InvalidInput
from autonomous_trading.data import Span, merged_spans
from autonomous_trading.data.actions import CorporateAction

__all__ = [
    "ActionCatalogue",
    "ActionSource",
    "ActionsCommitted",
    "DatedAction",
    "dated_after",
    "kept_actions",
    "known_actions",
]


@final
@dataclass(frozen=True, slots=True)
class ActionsCommitted:
    """What an answer changed: actions that are new, that were there already, and that the source took back."""

    new: int
    repeated: int
    withdrawn: int


@final
@dataclass(frozen=True, slots=True)
class DatedAction:
    """An action, from when it counts as known, and until when (None: it still does)."""

    action: CorporateAction
    known_from: int
    known_until: int | None = None


class ActionCatalogue(ABC):
    """Corporate actions apart from prices, symbol by symbol.

    The first answer for a time tells what was knowable then: its actions count from their `knowable_at`. What a later
    answer for the same time adds or takes back counts from when it was received.
    """

    @abstractmethod
    def actions(self, source: str, symbol: str, *, known_at: int | None = None) -> tuple[CorporateAction, ...]:
        """The actions of a symbol in order of `ex_time`, as they were known at a time (default: now)."""

    @abstractmethod
    def commit_actions(
        self, source: str, symbol: str, span: Span, actions: Sequence[CorporateAction], received_at: int
    ) -> ActionsCommitted:
        """Keep all actions that a source has with an ex time in `span`; those it had before and has no more are closed.

        Raises InvalidInput for an action of another symbol or outside the span.
        """


class ActionSource(ABC):
    """Who tells of corporate actions: a provider of bars that knows them too."""

    @abstractmethod
    def actions(self, symbol: str, span: Span) -> tuple[CorporateAction, ...]:
        """The actions of a symbol with an ex time in a span, in order.

        Raises InvalidInput for a symbol of a kind that has none, and what the source raises (`BarProvider`).
        """


def kept_actions(
    catalogue: ActionCatalogue,
    source: str,
    span: Span,
    found: Mapping[str, Sequence[CorporateAction]],
    *,
    now: Callable[[], int],
) -> dict[str, ActionsCommitted]:
    """Keep what a source answered for a span of ex times, by symbol, and say what that changed.

    `now` gives UTC nanoseconds.
    """
    return {symbol: catalogue.commit_actions(source, symbol, span, actions, now()) for symbol, actions in found.items()}


def dated_after(
    dated: Sequence[DatedAction],
    spans: Sequence[Span],
    span: Span,
    actions: Sequence[CorporateAction],
    received_at: int,
) -> tuple[tuple[DatedAction, ...], tuple[Span, ...], ActionsCommitted]:
    """What is held after an answer for a span, the spans answered, and the counts."""
    for action in actions:
        if not span.start <= action.ex_time < span.stop:
            raise InvalidInput(f"{action.text} is outside the span it was asked for", fix="deliver what was asked for")
    said = {action.id: action for action in actions}
    open_before = {each.action.id for each in dated if each.known_until is None}
    withdrawn = {
        each.action.id
        for each in dated
        if each.known_until is None and span.start <= each.action.ex_time < span.stop and each.action.id not in said
    }
    kept = [
        replace(each, known_until=received_at) if each.known_until is None and each.action.id in withdrawn else each
        for each in dated
    ]
    new = [action for name, action in said.items() if name not in open_before]
    kept += [DatedAction(action, _counts_from(action, spans, received_at)) for action in new]
    told = ActionsCommitted(len(new), len(actions) - len(new), len(withdrawn))
    return tuple(kept), merged_spans([*spans, span]), told


def known_actions(dated: Iterable[DatedAction], known_at: int | None) -> tuple[CorporateAction, ...]:
    """The actions that count at a time (None: now), in the order in which a position goes over them.

    That is the order of `ex_time`, and at one moment splits first: a dividend is counted in the shares of its moment.
    """
    found = [
        each.action for each in dated if (each.known_until is None if known_at is None else _counts(each, known_at))
    ]
    return tuple(sorted(found, key=lambda action: (action.ex_time, action.kind != "split", action.id)))


def _counts(each: DatedAction, known_at: int) -> bool:
    return each.known_from <= known_at and (each.known_until is None or known_at < each.known_until)


def _counts_from(action: CorporateAction, spans: Iterable[Span], received_at: int) -> int:
    answered = any(span.start <= action.ex_time < span.stop for span in spans)
    return max(action.knowable_at, received_at) if answered else action.knowable_at
