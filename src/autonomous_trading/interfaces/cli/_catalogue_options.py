"""Where fetched bars are kept: one option, one setting, one default, for every command that reads or writes them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, final

import typer

from autonomous_trading.interfaces.cli._setup import Defaults

__all__ = ["CatalogueOptions", "catalogue_place"]

_DEFAULT = "market-data"


@final
@dataclass(frozen=True, slots=True)
class CatalogueOptions:
    """Which catalogue."""

    catalogue: Annotated[
        str | None,
        typer.Option(
            "--catalogue",
            metavar="FOLDER",
            rich_help_panel="The catalogue",
            help="The folder where fetched bars are kept.",
            show_default=f"[data] catalogue in autotrade.toml, else {_DEFAULT}",
        ),
    ] = None


def catalogue_place(named: str | None) -> Path:
    """The folder of the catalogue: the one named, else that of the settings, else "market-data" in this folder.

    It need not exist yet. Raises InvalidInput where a file is in its place.
    """
    from autonomous_trading.core import InvalidInput

    place = Path(named or Defaults.read().data.get("catalogue") or _DEFAULT).expanduser()
    try:
        in_the_way = next((each for each in (place, *place.parents) if each.exists()), place)
        is_file = in_the_way.exists() and not in_the_way.is_dir()
    except OSError as error:
        raise InvalidInput(f"{str(place)[:80]!r} names no folder: {error.strerror}", fix="name another one") from None
    if is_file:
        raise InvalidInput(f"{in_the_way} is a file, and a catalogue is a folder", fix="name a folder with --catalogue")
    return place
