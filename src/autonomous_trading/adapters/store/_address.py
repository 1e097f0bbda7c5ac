"""Where a store is: a file, or a database on a server."""

import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from autonomous_trading.core import InvalidInput

__all__ = ["Address", "address_of", "shown_name"]

_FORMS: Final = "'trials.db', 'sqlite:///trials.db' or 'postgresql://user@host/database'"
_INSTALL: Final = 'pip install "autonomous-trading[postgres]"'


@final
@dataclass(frozen=True, slots=True)
class Address:
    """A file (`path`) or a server (`url`); `name` is what people are told, without passwords."""

    name: str
    path: Path | None = None
    url: URL | None = None

    @property
    def file(self) -> Path:
        """The file; only where there is one."""
        if self.path is None:
            raise InvalidInput(f"{self.name} is not a file", fix="name a file of SQLite")
        return self.path

    @property
    def server(self) -> URL:
        """The database on a server; only where there is one."""
        if self.url is None:
            raise InvalidInput(f"{self.name} is not a server", fix="give a URL such as postgresql://user@host/database")
        return self.url


def address_of(place: str | os.PathLike[str]) -> Address:
    """The address that a path or a URL names. Raises InvalidInput for what is neither, and where the driver lacks."""
    written = os.fspath(place)
    if "\0" in written or not written.strip():
        raise InvalidInput("a store needs a name", fix=f"give {_FORMS}")
    if "://" not in written:
        return _file(written)
    try:
        url = make_url(written)
    except (ArgumentError, ValueError) as error:
        raise InvalidInput(f"the URL of the store cannot be read: {error}", fix=f"give {_FORMS}") from None
    kind = url.drivername.partition("+")[0]
    if kind == "sqlite":
        return _file(url.database or "")
    if kind not in {"postgresql", "postgres"} or url.drivername.partition("+")[2] not in {"", "psycopg"}:
        raise InvalidInput(f"{url.drivername} is not a store", fix=f"give {_FORMS}")
    if importlib.util.find_spec("psycopg") is None:
        raise InvalidInput("a store on PostgreSQL needs psycopg, which is not installed", fix=f"run {_INSTALL}")
    url = url.set(drivername="postgresql+psycopg")
    shown = url.set(drivername="postgresql", query={}).render_as_string(hide_password=True)
    return Address(shown, url=_with_password_in_its_place(url))


def _with_password_in_its_place(url: URL) -> URL:
    """A password that was given in the query, as the password: so that it is never written with the rest."""
    secret = url.query.get("password")
    if secret is None:
        return url
    return url.difference_update_query(["password"]).set(password=secret if isinstance(secret, str) else secret[0])


def shown_name(place: str | os.PathLike[str]) -> str:
    """What a store is called where people read it: its path or URL, without passwords."""
    return address_of(place).name


def _file(name: str) -> Address:
    if not name or name.startswith((":memory:", "file:")):
        raise InvalidInput("a store in memory would be gone with the process", fix=f"give {_FORMS}")
    path = Path(name).expanduser()
    if path.is_dir():
        raise InvalidInput(f"{path} is a folder", fix="name a file in it, such as trials.db")
    return Address(str(path), path=path.absolute())
