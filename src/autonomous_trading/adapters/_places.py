"""Data strings: what a person types where data is asked for."""

import difflib
import os
from pathlib import Path
from typing import Final

from autonomous_trading.adapters._data_strings import DataString, data_string_of
from autonomous_trading.adapters._file_tables import SUFFIXES
from autonomous_trading.adapters._folders import files_in
from autonomous_trading.core import DataNotFound, InvalidInput

__all__ = ["files_in", "place_of"]

_SAMPLE: Final = "sample:"
_KNOWN: Final = "a file, a folder, sample:sp500 or sample:nasdaq, or PROVIDER:SYMBOL:TIMEFRAME"


def place_of(text: str | os.PathLike[str]) -> Path | str | DataString:
    """The path that a data string names, the name of a sample ("sp500" for "sample:sp500"), or series of a provider.

    Raises DataNotFound with the nearest names when there is no such file, InvalidInput for what is no place.
    """
    named = os.fspath(text)
    if not named.strip() or "\0" in named:
        raise InvalidInput(f"{named!r} names no data", fix=f"give {_KNOWN}")
    if named.lower().startswith(_SAMPLE):
        return named[len(_SAMPLE) :]
    path = _expanded(named)
    if _exists(path):
        return path
    if "://" in named:
        raise InvalidInput(f"{named!r}: addresses are not fetched", fix=f"download the file first, then give {_KNOWN}")
    if (series := data_string_of(named)) is not None:
        return series
    raise _not_found(path)


def _expanded(named: str) -> Path:
    try:
        return Path(named).expanduser()
    except RuntimeError:  # "~somebody" without a home
        return Path(named)


def _names_in(folder: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in folder.iterdir())
    except OSError:  # not a folder, or one that may not be read: nothing to suggest
        return []


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name too long for any file system
        return False


def _not_found(path: Path) -> DataNotFound:
    folder = path.parent
    if not _exists(folder):
        return DataNotFound(f"there is no file {path}: its folder does not exist", fix=f"give {_KNOWN}")
    beside = _names_in(folder)
    lowered = {name.lower(): name for name in beside}
    close = [lowered[name] for name in difflib.get_close_matches(path.name.lower(), lowered, n=3, cutoff=0.6)]
    readable = [name for name in beside if name.lower().endswith(SUFFIXES)][:5]
    if close:
        fix = f"did you mean {' or '.join(repr(str(folder / name)) for name in close)}?"
    elif readable:
        fix = f"that folder holds {', '.join(readable)}"
    else:
        fix = f"give {_KNOWN}"
    return DataNotFound(f"there is no file {path}", fix=fix)
