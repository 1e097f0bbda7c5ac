"""Where a series lies: folders whose names any file system can hold, one for each name there can be."""

import hashlib
import re
from pathlib import Path
from typing import Final

from autonomous_trading.adapters._ordinary import lies_inside
from autonomous_trading.core import StoreDamaged
from autonomous_trading.data import SeriesKey

__all__ = ["actions_folder", "folder_name", "inside", "series_folder"]

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_-]+")
_SHOWN: Final = 40
_DIGITS: Final = 16


def folder_name(text: str) -> str:
    """A name for a folder: what is readable of a text, and digits of its sha256 that tell it from every other one.

    Two texts that differ by case alone, or only in what a file system would not take, get different folders also
    where the file system does not tell upper from lower case. No name can lead out of the folder it is put in.

    >>> folder_name("BTC/USDT:USDT")
    'BTC-USDT-USDT~6c7cb41c78f4ce92'
    """
    readable = _UNSAFE.sub("-", text)[:_SHOWN].strip("-") or "x"
    return f"{readable}~{hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]}"


def series_folder(root: Path, key: SeriesKey) -> Path:
    """The folder of a series of bars, inside the root. Raises StoreDamaged where a link leads out of it."""
    unit = "mo" if key.timeframe.unit == "M" else key.timeframe.unit  # a minute and a month differ by case alone
    return _inside(root, key.source, key.symbol, f"{key.timeframe.count}{unit}-{key.adjustment}")


def actions_folder(root: Path, source: str, symbol: str) -> Path:
    """The folder of the corporate actions of a symbol, inside the root."""
    return _inside(root, source, symbol, "actions")


def _inside(root: Path, source: str, symbol: str, last: str) -> Path:
    return inside(root, root / folder_name(source) / folder_name(symbol) / last)


def inside(root: Path, folder: Path) -> Path:
    """The same folder. Raises StoreDamaged where it, or a folder above it, is a link that leads out of the root."""
    if not lies_inside(folder, root):
        raise StoreDamaged(f"{folder} is a link that leads out of the catalogue", fix="put a folder in its place")
    return folder
