"""The body of an answer: whole, within a time, and of a sane size, however slowly or endlessly it comes."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from autonomous_trading.core import SourceCorrupt

if TYPE_CHECKING:
    import requests

__all__ = ["MOST_BYTES", "blotted", "some_of", "whole_body"]

MOST_BYTES: Final = 64 * 1024 * 1024
"""More than the largest answer there is: a page of 10,000 bars is about 1.5 MB, a list of markets a few times that."""

_CHUNK: Final = 65_536


def whole_body(
    some: Callable[[int], bytes],
    seconds: float,
    *,
    place: str,
    most: int = MOST_BYTES,
    clock: Callable[[], float] = time.monotonic,
) -> bytes:
    """All that `some` gives until it gives nothing: it returns what has come, and at most so many bytes.

    Raises TimeoutError where it is not complete after `seconds`, SourceCorrupt where there is more than `most`.
    """
    until = clock() + seconds
    parts: list[bytes] = []
    size = 0
    while part := some(_CHUNK):
        size += len(part)
        if size > most:
            raise SourceCorrupt(f"{place} sent more than {most:,} bytes", fix="try again later")
        if clock() > until:
            raise TimeoutError(f"the answer of {place} was not complete after {seconds:g} s")
        parts.append(part)
    return b"".join(parts)


def blotted(body: bytes, hide: Callable[[str], str]) -> bytes:
    """A body in which `hide` has blotted out what nobody should see; all else as it came, whatever its encoding."""
    return hide(body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def some_of(response: "requests.Response") -> Callable[[int], bytes]:
    """What has come of the body of a response that is streamed, unpacked; its failures as requests tells them.

    `iter_content` does not do: it waits until a chunk is full, for as long as single bytes keep dripping in.
    """
    import requests
    from urllib3 import exceptions

    def read(size: int) -> bytes:
        try:
            found: bytes = response.raw.read1(size, decode_content=True)
        except exceptions.DecodeError as error:
            raise requests.exceptions.ContentDecodingError(error) from error
        except exceptions.ReadTimeoutError as error:
            raise requests.Timeout(error) from error
        except exceptions.SSLError as error:
            raise requests.exceptions.SSLError(error) from error
        except exceptions.HTTPError as error:
            raise requests.exceptions.ChunkedEncodingError(error) from error
        return found

    return read
