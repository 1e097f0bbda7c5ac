"""A time for a whole answer, its first header included: libraries give each single read that time, again and again."""

import io
import socket
import time
from http.client import HTTPResponse
from typing import TYPE_CHECKING, Final, final
from urllib.parse import urlsplit

from autonomous_trading.core import SourceCorrupt

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["WholeAnswer", "refused_redirect", "same_site"]

_SHOWN: Final = 80
_PORTS: Final = {"http": 80, "https": 443}


@final
class WholeAnswer(HTTPResponse):
    """An answer that has to be complete within the timeout of its socket: status, headers, body, however it is cut.

    For the `response_class` of connections. What drips in otherwise starts that time anew with every byte. Raises
    TimeoutError, as a socket does.
    """

    def __init__(
        self, sock: socket.socket, debuglevel: int = 0, method: str | None = None, url: str | None = None
    ) -> None:
        HTTPResponse.__init__(self, sock, debuglevel, method, url)
        if (seconds := sock.gettimeout()) is not None:
            self.fp = io.BufferedReader(_Within(sock, self.fp.detach(), seconds))


@final
class _Within(io.RawIOBase):
    """What a socket sends, where every read waits only for what is left of the time of all."""

    def __init__(self, sock: socket.socket, stream: io.RawIOBase, seconds: float) -> None:
        self._sock, self._stream = sock, stream
        self._seconds, self._until = seconds, time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int | None:
        left = self._until - time.monotonic()
        if left <= 0.0:
            raise TimeoutError(f"the answer was not complete after {self._seconds:g} s")
        self._sock.settimeout(left)
        return self._stream.readinto(buffer)

    def close(self) -> None:
        self._stream.close()
        io.RawIOBase.close(self)


def same_site(one: str, other: str) -> bool:
    """Whether two addresses lead to the same server by the same protocol: what is told to one, the other may hear."""
    return _site(one) == _site(other)


def refused_redirect(place: str, status: int, location: str) -> SourceCorrupt:
    """The error for an answer that sends us elsewhere; only where to is shown, not what was to be asked there."""
    site = location.partition("?")[0][:_SHOWN]
    return SourceCorrupt(
        f"{place} answered with status {status}, a redirect to {site!r}, which is not followed",
        fix="name the address that answers by itself: keys and questions are sent to no other place",
    )


def _site(address: str) -> tuple[str, str | None, int | None]:
    try:
        parts = urlsplit(address)
        return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)
    except ValueError:  # no address at all: no site is like it
        return "", None, None
