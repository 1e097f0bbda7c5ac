"""A file, read by what its name says it is, and checked against what its first bytes say."""

import gzip
import io
import os
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from autonomous_trading.adapters._arrow_tables import from_arrow
from autonomous_trading.adapters._csv_text import read_csv_text
from autonomous_trading.adapters._ordinary import NotOrdinary, ordinary_bytes
from autonomous_trading.adapters._raw_table import RawTable
from autonomous_trading.core import InvalidBars, InvalidInput

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["SUFFIXES", "read_file", "stem_of"]

_FORMATS: Final = {
    ".csv": "text",
    ".tsv": "text",
    ".txt": "text",
    ".parquet": "Parquet",
    ".pq": "Parquet",
    ".feather": "Feather",
    ".arrow": "Feather",
    ".ipc": "Feather",
}
_PACKED: Final = (".gz", ".zip")
SUFFIXES: Final = (*_FORMATS, *(f"{kind}{packed}" for kind in (".csv", ".tsv", ".txt") for packed in _PACKED))
"""The endings of files that can be read."""

_MAGIC: Final = {
    b"PAR1": "Parquet",
    b"ARROW1": "Feather",
    b"FEA1": "Feather",
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "zip (an Excel sheet is one too)",
    b"\xd0\xcf\x11\xe0": "an old Excel sheet",
    b"%PDF": "PDF",
    b"SQLite format 3": "an SQLite database",
    b"\x80\x04": "a pickle",
    b"\x80\x05": "a pickle",
}
_FIX_NAME: Final = f"name a file that ends in {', '.join(_FORMATS)} (text also in .gz or .zip)"


def stem_of(path: Path) -> str:
    """The file's name without its ending: the symbol, when nothing else says it."""
    name = path.name
    for suffix in sorted(SUFFIXES, key=len, reverse=True):
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return name


def read_file(path: Path) -> RawTable:
    """The table in a CSV, Parquet or Feather file; nothing else is opened, and nothing is ever unpickled.

    Raises InvalidInput when the ending is unknown or the file cannot be read, InvalidBars when it does not
    hold what its ending says.
    """
    suffix = path.suffix.lower()
    packed = suffix if suffix in _PACKED else ""
    inner = path.with_suffix("").suffix.lower() if packed else suffix
    # "prices.gz" has no inner ending: text is the only thing that comes packed.
    kind = "text" if packed and not inner else _FORMATS.get(inner)
    if kind is None or (packed and kind != "text"):
        raise InvalidInput(f"{path.name}: {_why_unknown(suffix, packed)}", fix=_FIX_NAME)
    data = _bytes_of(path)
    if packed:
        data = _unpacked(path.name, packed, data)
    _refuse_other_content(path.name, kind, data)
    if kind == "text":
        return read_csv_text(path.name, data)
    return from_arrow(path.name, _arrow_table(path.name, kind, data))


def _why_unknown(suffix: str, packed: str) -> str:
    if packed:
        return "only text is read packed"
    return f"files ending in {suffix!r} cannot be read" if suffix else "a file without an ending cannot be read"


def _bytes_of(path: Path) -> bytes:
    try:
        return ordinary_bytes(path)
    except NotOrdinary as error:
        raise InvalidInput(f"{path.name} is not an ordinary file: {error.strerror}", fix=_FIX_NAME) from error
    except OSError as error:
        raise InvalidInput(
            f"{os.fspath(path)} cannot be read: {error.strerror or error}",
            fix="name a file that you may read",
        ) from error


def _unpacked(name: str, packed: str, data: bytes) -> bytes:
    try:
        return gzip.decompress(data) if packed == ".gz" else _only_member(name, data)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise InvalidBars(
            f"{name}: damaged or not a {packed} file ({error})", fix="download or pack the file again"
        ) from error


def _only_member(name: str, data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [member for member in archive.namelist() if not member.endswith("/")]
        if len(members) != 1:
            raise InvalidBars(
                f"{name}: holds {len(members)} files ({', '.join(members[:5])})",
                fix="unpack it and name one file, or the folder",
            )
        return archive.read(members[0])


def _refuse_other_content(name: str, kind: str, data: bytes) -> None:
    found = next((content for magic, content in _MAGIC.items() if data.startswith(magic)), "text")
    if found == kind or (found == "text" and not data.strip()):
        return
    if found == "text":
        raise InvalidBars(
            f"{name}: not a {kind} file: it lacks the first bytes of one",
            fix="write the file again, or give it the ending that says what it is",
        )
    raise InvalidBars(
        f"{name}: the ending says {kind}, the content is {found}",
        fix="rename the file to what it is (.parquet, .feather, .csv.gz) or export it as CSV",
    )


def _arrow_table(name: str, kind: str, data: bytes) -> "pa.Table":
    import pyarrow as pa

    if not data:
        raise InvalidBars(f"{name}: the file is empty", fix="write the file again, or name another one")
    try:
        table = _read_parquet(data) if kind == "Parquet" else _read_feather(data)
        # Damaged bytes can decode to offsets that point outside: looked at before anything follows them.
        table.validate(full=True)
    except (pa.ArrowException, ValueError, OSError, EOFError, OverflowError) as error:
        reason = str(error).partition("\n")[0]
        raise InvalidBars(f"{name}: damaged {kind} file ({reason})", fix="download or write the file again") from error
    return table


def _read_parquet(data: bytes) -> "pa.Table":
    import pyarrow as pa
    import pyarrow.parquet as parquet

    return parquet.ParquetFile(pa.BufferReader(data)).read()


def _read_feather(data: bytes) -> "pa.Table":
    import pyarrow as pa
    import pyarrow.feather as feather

    return feather.read_table(pa.BufferReader(data), memory_map=False)
