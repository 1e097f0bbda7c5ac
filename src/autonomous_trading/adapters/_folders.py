"""The files in a folder that hold data."""

from pathlib import Path

from autonomous_trading.adapters._file_tables import SUFFIXES
from autonomous_trading.adapters._ordinary import lies_inside
from autonomous_trading.core import DataNotFound, InvalidInput

__all__ = ["files_in"]


def files_in(folder: Path) -> list[Path]:
    """The files in a folder that can be read, by name; what lies in folders below is left alone.

    Raises DataNotFound when there is none, InvalidInput when one is a link that leads out of the folder.
    """
    try:
        inside = sorted(folder.iterdir())
    except OSError as error:
        raise InvalidInput(f"{folder} cannot be read: {error.strerror}", fix="name a folder you may read") from error
    found = [path for path in inside if _is_data(path)]
    if not found:
        raise DataNotFound(
            f"the folder {folder} holds no data", fix=f"put files there that end in {', '.join(SUFFIXES)}"
        )
    for path in found:
        if not lies_inside(path, folder):
            raise InvalidInput(f"{path} is a link to a file outside the folder", fix="copy the file, or name it itself")
    return found


def _is_data(path: Path) -> bool:
    return path.name.lower().endswith(SUFFIXES) and not path.name.startswith(".") and path.is_file()
