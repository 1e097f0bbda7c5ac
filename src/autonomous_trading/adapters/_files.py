"""Files that are either the old one or the new one, never half of each."""

import os
import secrets
import shutil
from pathlib import Path

from autonomous_trading.core import InvalidInput

__all__ = ["write_bytes_atomic", "write_text_atomic"]


def write_text_atomic(path: str | os.PathLike[str], text: str) -> Path:
    """The path written, holding `text` as UTF-8: a reader or a crash sees the old file or the new one.

    Missing parent folders are made. Raises InvalidInput when the place cannot be written.
    """
    return write_bytes_atomic(path, text.encode("utf-8"))


def write_bytes_atomic(path: str | os.PathLike[str], data: bytes) -> Path:
    """The path written, holding `data`: a reader or a crash sees the old file or the new one.

    The bytes go to a temporary file in the same folder (a rename is atomic only inside one file system), are
    flushed to the disk, and take the name in one step; then the folder itself is flushed, so that the new
    name survives a power cut too. Missing parent folders are made. Raises InvalidInput when the place cannot
    be written; the temporary file is gone then.
    """
    target = Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _replace(target, data)
    except OSError as error:
        raise InvalidInput(
            f"cannot write {target}: {error.strerror or error}",
            fix="name a file in a folder that exists, that you may write to and that has room",
        ) from error
    return target


def _replace(target: Path, data: bytes) -> None:
    temporary = target.with_name(f".{target.name[:80]}.{secrets.token_hex(8)}.tmp")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if target.is_file():
            shutil.copymode(target, temporary)
        temporary.replace(target)
    finally:  # an interrupt too: nothing half-written stays behind
        temporary.unlink(missing_ok=True)
    _flush_folder(target.parent)


def _flush_folder(folder: Path) -> None:
    if os.name != "posix":  # elsewhere a folder cannot be opened, and a rename is on the disk by itself
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
