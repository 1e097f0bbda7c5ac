"""What opens addresses for FRED with the standard library alone: one time for an answer, and no redirect."""

import urllib.request
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from typing import IO, TYPE_CHECKING, final

from autonomous_trading.adapters.providers import WholeAnswer

if TYPE_CHECKING:
    from http.client import HTTPMessage

__all__ = ["opener"]


def opener() -> urllib.request.OpenerDirector:
    """An opener whose `timeout` is that of the whole answer, and for which a redirect is an error as any other."""
    return urllib.request.build_opener(_Plain, _Safe, _Nowhere)


@final
class _Connection(HTTPConnection):
    response_class = WholeAnswer


@final
class _SafeConnection(HTTPSConnection):
    response_class = WholeAnswer


@final
class _Plain(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(_Connection, req)


@final
class _Safe(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(_SafeConnection, req)


@final
class _Nowhere(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: "HTTPMessage", newurl: str
    ) -> None:
        """None: the question holds the key, which nobody else is to see."""
