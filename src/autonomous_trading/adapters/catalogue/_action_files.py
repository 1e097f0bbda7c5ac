"""Corporate actions of a symbol: one small sealed file, with when each of them began and ceased to count."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from autonomous_trading.adapters.catalogue._manifest import checked_text, damaged, sealed_text
from autonomous_trading.adapters.catalogue._writer import one_writer, write_whole
from autonomous_trading.app.market_data import ActionsCommitted, DatedAction, dated_after, known_actions
from autonomous_trading.data import Span
from autonomous_trading.data.actions import CorporateAction

__all__ = ["ACTIONS", "actions_kept", "actions_known"]

ACTIONS: Final = "actions.json"


def actions_known(folder: Path, known_at: int | None) -> tuple[CorporateAction, ...]:
    """The actions in a folder that were known at a time (None: now)."""
    dated, _, _ = _read(folder)
    return known_actions(dated, known_at)


def actions_kept(
    folder: Path, owner: tuple[str, str], span: Span, actions: Sequence[CorporateAction], received_at: int
) -> ActionsCommitted:
    """Write an answer for a span of ex times beside the answers before it."""
    with one_writer(folder):
        dated, spans, before = _read(folder)
        received = max(received_at, before)
        after, answered, told = dated_after(dated, spans, span, actions, received)
        if after != dated or answered != spans:
            document = {
                "format": 1,
                "owner": list(owner),
                "received_at": received,
                "spans": answered,
                "actions": [[each.known_from, each.known_until, asdict(each.action)] for each in after],
            }
            write_whole(folder / ACTIONS, sealed_text(document).encode())
    return told


def _read(folder: Path) -> tuple[tuple[DatedAction, ...], tuple[Span, ...], int]:
    path = folder / ACTIONS
    document: dict[str, Any] | None = checked_text(path)
    if document is None:
        return (), (), 0
    try:
        dated = tuple(
            DatedAction(CorporateAction(**action), known_from, known_until)
            for known_from, known_until, action in document["actions"]
        )
        return dated, tuple(Span(*each) for each in document["spans"]), int(document["received_at"])
    except (TypeError, KeyError, ValueError) as error:
        raise damaged(path, "it holds no corporate actions") from error
