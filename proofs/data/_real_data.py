"""Where real market data for experiments lies: the folder that AUTOTRADE_REAL_DATA names."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["WHY_NOT", "real_data"]

WHY_NOT = "AUTOTRADE_REAL_DATA names no folder with it"


def real_data(name: str) -> Path | None:
    """A file of that folder, or None where it is not there."""
    folder = os.environ.get("AUTOTRADE_REAL_DATA", "")
    path = Path(folder) / name
    return path if folder and path.is_file() else None
