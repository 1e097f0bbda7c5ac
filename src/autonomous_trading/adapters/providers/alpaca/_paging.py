"""Every page of an answer, followed only as long as it keeps its promises."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from autonomous_trading.adapters.providers.alpaca._client import AlpacaReader
from autonomous_trading.core import SourceCorrupt

__all__ = ["LIMIT", "pages_of"]

LIMIT: Final = 10_000
"""The most rows that Alpaca puts on one page."""

_AGAIN: Final = "try again later, or ask for a shorter span"


def pages_of(
    reader: AlpacaReader, version: str, path: str, parameters: Mapping[str, Any], *, key: str, limit: int = LIMIT
) -> Iterator[Any]:
    """What stands under `key` on each page, until the source says that there is no further one.

    Raises SourceCorrupt for a page without its key or its token, with more rows than were asked for, with a token that
    came before, without rows though more are promised, and for more pages than `AlpacaPlace.pages`.
    """
    token: str | None = None
    seen: set[str] = set()
    for _ in range(reader.place.pages):
        asked = {**parameters, "limit": limit, **({"page_token": token} if token else {})}
        page = reader.data(version, path, asked)
        if key not in page:
            said = page.get("message", f"only {', '.join(map(repr, page)) or 'nothing'}")
            raise SourceCorrupt(f"Alpaca answered {path} with status 200 and no {key!r}: {said}", fix=_AGAIN)
        if "next_page_token" not in page:
            raise SourceCorrupt(f"a page of {path} does not say whether another one follows", fix=_AGAIN)
        rows = _count(page[key])
        if rows > limit:
            raise SourceCorrupt(f"a page of {path} holds {rows:,} rows, and {limit:,} were asked for", fix=_AGAIN)
        yield page[key]
        token = page["next_page_token"]
        if token is None:
            return
        if not isinstance(token, str) or not token or token in seen or not rows:
            raise SourceCorrupt(
                f"the pages of {path} lead nowhere: the token {token!r} after {rows:,} rows", fix=_AGAIN
            )
        seen.add(token)
    raise SourceCorrupt(
        f"the answer to {path} has more than {reader.place.pages:,} pages",
        fix="ask for a shorter span, or for fewer symbols at a time",
    )


def _count(found: Any) -> int:
    if isinstance(found, dict):
        return sum(len(rows) if isinstance(rows, list) else 1 for rows in found.values())
    return len(found) if isinstance(found, list) else 0
