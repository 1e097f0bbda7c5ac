"""What every JSON document of a run says besides its results: which bars, read how, and where the report is."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autonomous_trading.interfaces.cli._setup import Setup

__all__ = ["run_document"]


def run_document(command: str, setup: "Setup", results: dict[str, Any], written: Path | None) -> dict[str, Any]:
    """The results of a run with `command`, `data`, `settings`, `notes` and `report` beside them."""
    return {
        "command": command,
        "data": setup.market.to_dict(),
        **results,
        "settings": list(setup.sources),
        "notes": list(setup.market.notes),
        "report": None if written is None else str(written),
    }
