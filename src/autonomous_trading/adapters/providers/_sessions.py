"""Sessions of requests in which a time limits a whole call, from the first connection to the last byte."""

from typing import TYPE_CHECKING, Any, Final, final

from requests.adapters import HTTPAdapter
from urllib3 import Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection

from autonomous_trading.adapters.providers._whole_answer import WholeAnswer

if TYPE_CHECKING:
    import requests

__all__ = ["MOST_REDIRECTS", "bounded"]

MOST_REDIRECTS: Final = 3
"""From http to https, to a path with a slash, to its new name: who sends us on more often leads us round in circles."""


def bounded(session: "requests.Session", seconds: float) -> "requests.Session":
    """The same session, in which every call ends after so many seconds in all, whatever its caller says.

    Reading the body is part of it. What is not: asking for the addresses of a name, which the operating system does,
    and a second address of the same name, which is tried for as long again. A redirect is another call: few are
    followed, for each has that time anew.
    """
    session.max_redirects = MOST_REDIRECTS
    for prefix in ("http://", "https://"):
        session.mount(prefix, _Bounded(seconds))
    return session


@final
class _Plain(HTTPConnection):
    response_class = WholeAnswer


@final
class _Safe(HTTPSConnection):
    response_class = WholeAnswer


@final
class _Bounded(HTTPAdapter):
    """How requests reaches a server: with one time for all, also through a proxy."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        HTTPAdapter.__init__(self)

    def send(self, request: "requests.PreparedRequest", *_: Any, **options: Any) -> "requests.Response":
        options["timeout"] = Timeout(total=self._seconds)
        return HTTPAdapter.send(self, request, **options)

    def get_connection_with_tls_context(self, *asked: Any, **options: Any) -> Any:
        pool = HTTPAdapter.get_connection_with_tls_context(self, *asked, **options)
        pool.ConnectionCls = _Safe if pool.scheme == "https" else _Plain
        return pool
