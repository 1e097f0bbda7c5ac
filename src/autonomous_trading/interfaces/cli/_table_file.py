"""Tables of bars as files that other programs read: Parquet, CSV or Feather, never written over anything."""

import io
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["table_target", "write_table"]

_SUFFIXES: Final = (".parquet", ".csv", ".feather")


def table_target(text: str, what: str) -> Path:
    """Where a table of `what` goes, checked before any work is done: a new file of a kind that can be written.

    Raises InvalidInput for another kind, Refused where something is there.
    """
    from autonomous_trading.core import InvalidInput, Refused

    target = Path(text).expanduser()
    if target.suffix.lower() not in _SUFFIXES:
        raise InvalidInput(f"{text} is no file that {what} are written to", fix="end it in .parquet or .csv")
    if target.exists():
        raise Refused(f"{text} exists", fix="name another file: nothing is written over")
    return target


def write_table(target: Path, frame: "pd.DataFrame") -> None:
    """The whole table in the kind of file that the target's name ends in, or no file at all."""
    from autonomous_trading.adapters import write_bytes_atomic

    write_bytes_atomic(target, _bytes_of(frame, target.suffix.lower()))


def _bytes_of(frame: "pd.DataFrame", suffix: str) -> bytes:
    if suffix == ".csv":
        return frame.to_csv(index=False, date_format="%Y-%m-%dT%H:%M:%S.%f%z").encode()
    buffer = io.BytesIO()
    if suffix == ".parquet":
        frame.to_parquet(buffer, index=False)
    else:
        frame.to_feather(buffer)
    return buffer.getvalue()
