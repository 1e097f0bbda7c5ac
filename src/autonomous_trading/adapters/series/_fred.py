"""Macro series from FRED (Federal Reserve Bank of St. Louis), with every vintage: what was known on each day."""

import json
import os
import time
import urllib.error
import urllib.parse
from collections.abc import Callable
from http.client import HTTPException
from typing import Any, Final, final

import numpy as np

from autonomous_trading.adapters.providers import (
    Patience,
    RateLimit,
    Secret,
    blotted,
    patiently,
    refused_redirect,
    seconds_asked,
    whole_body,
)
from autonomous_trading.adapters.series._opener import opener
from autonomous_trading.adapters.series._tables import column_name
from autonomous_trading.core import FloatArray, IntArray, SourceCorrupt, SourceDenied, SourceUnavailable, UnknownName
from autonomous_trading.data.knowable import KnowableSeries

__all__ = ["FRED", "FredClient"]

FRED: Final = "https://api.stlouisfed.org"
_KEY: Final = "FRED_API_KEY"
_FIX: Final = f"set {_KEY} to a key (free of charge) from fredaccount.stlouisfed.org/apikeys"
_PAGE: Final = 10_000  # values or days of publication in an answer: the most that FRED gives of the latter
_VINTAGES: Final = 1_000  # days of publication asked for at a time, where there are too many for one question
_CALLS_A_MINUTE: Final = 100  # FRED allows 120
_SHOWN: Final = 160  # characters of what is wrong with a value
_WORDS: Final = 65_536  # bytes of an error that are read
_FIRST, _LAST = "1776-07-04", "9999-12-31"  # what FRED calls the earliest and the latest day
_EARLIEST, _LATEST = np.datetime64("1678-01-01", "D"), np.datetime64("2261-12-31", "D")  # what 64 bits hold
_LAG: Final = "when the day of its publication was over in Chicago"
_HOUR_NS: Final = 3_600_000_000_000
_MIDNIGHT_IN_CHICAGO: Final = 30 * _HOUR_NS  # after 00:00 UTC of a date: when it is over there, at the latest


@final
class _TooManyVintages(Exception):
    """FRED does not give that many at once: they are asked for in parts."""


@final
class FredClient:
    """Reads observations over HTTP, patiently. The key appears in no error and no representation."""

    def __init__(
        self,
        key: str,
        *,
        address: str = FRED,
        patience: Patience | None = None,
        page: int = _PAGE,
        vintages: int = _VINTAGES,
        calls: int = _CALLS_A_MINUTE,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not key.strip():
            raise SourceDenied("FRED wants a key", fix=_FIX)
        self._key, self._address, self._page = Secret(key.strip()), address.rstrip("/"), page
        self._vintages = vintages
        self._patience = patience or Patience()
        self._opener = opener()
        self._sleep, self._limit = sleep, RateLimit(calls, 60.0, sleep=sleep)

    @staticmethod
    def from_environment() -> "FredClient":
        """With the key in FRED_API_KEY. Raises SourceDenied where there is none."""
        return FredClient(os.environ.get(_KEY, ""))

    def __repr__(self) -> str:
        return f"FredClient({self._address!r})"

    def vintages(self, series: str) -> KnowableSeries:
        """Every value that was ever published for every date, known when the day of its publication was over.

        Where FRED does not give all vintages at once it is asked for some of them at a time. Raises UnknownName,
        SourceDenied, SourceUnavailable, SourceCorrupt.
        """
        try:
            rows = self._listed("/observations", "observations", series, (_FIRST, _LAST))
        except _TooManyVintages:
            rows = self._in_parts(series)
        return _series(series, rows)

    def _in_parts(self, series: str) -> list[Any]:
        days = self._listed("/vintagedates", "vintage_dates", series, (_FIRST, _LAST))
        rows: list[Any] = []
        for first in range(0, len(days), self._vintages):
            part = days[first : first + self._vintages]
            try:
                rows += self._listed("/observations", "observations", series, (str(part[0]), str(part[-1])))
            except _TooManyVintages:
                raise SourceUnavailable(
                    f"FRED does not give {len(part)} vintages of {series} at once", fix="read the series from a file"
                ) from None
        return rows

    def _listed(self, what: str, field: str, series: str, days: tuple[str, str]) -> list[Any]:
        """All entries of a list, page by page."""
        rows: list[Any] = []
        count = 1
        while len(rows) < count:
            count, page = _page_of(self._asked(what, series, days, offset=len(rows)), field)
            if not page:
                break
            rows += page
        if len(rows) != count:
            raise SourceCorrupt(f"FRED promised {count} values of {series} and gave {len(rows)}", fix="ask again")
        return rows

    def _asked(self, what: str, series: str, days: tuple[str, str], offset: int) -> dict[str, Any]:
        question = {
            "series_id": series,
            "realtime_start": days[0],
            "realtime_end": days[1],
            "limit": str(self._page),
            "offset": str(offset),
            "file_type": "json",
        }
        try:
            body = patiently(
                lambda: self._read(what, question),
                self._patience,
                failures=(OSError, EOFError),
                again=_seconds_to_wait,
                sleep=self._sleep,
            )
        except urllib.error.HTTPError as error:
            raise _refusal(series, error, self._key.hidden_in) from None
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):  # the latter where it is nested more deeply than can be read
            answer = None
        if not isinstance(answer, dict):
            raise SourceCorrupt(f"FRED answered with something else than the values of {series}", fix="ask again later")
        return answer

    def _read(self, what: str, question: dict[str, str]) -> bytes:
        words = urllib.parse.urlencode({**question, "api_key": self._key.reveal()})
        address = f"{self._address}/fred/series{what}?{words}"
        self._limit.wait()
        try:
            with self._opener.open(address, timeout=self._patience.timeout) as answer:
                body = whole_body(answer.read1, self._patience.timeout, place=self._address)
                if answer.length:
                    raise EOFError(f"the answer of {self._address} broke off")
                return blotted(body, self._key.hidden_in)  # no error about it can show the key
        except HTTPException as error:  # may repeat what was sent, if that is what came back
            raise EOFError(self._key.hidden_in(f"{type(error).__name__} {error}")) from None


def _seconds_to_wait(error: Exception) -> float | None:
    """How long FRED asks us to wait, 0.0 where trying again may help, None where it cannot."""
    if isinstance(error, urllib.error.HTTPError):
        if error.code != 429 and error.code < 500:
            return None
        error.close()
        return seconds_asked(error.headers.get("Retry-After"), time.time()) or 0.0
    return 0.0


def _refusal(series: str, error: urllib.error.HTTPError, hide: Callable[[str], str]) -> Exception:
    """What an answer with an error means; the words of FRED are read, and never the address with the key."""
    if location := error.headers.get("Location"):
        error.close()
        return refused_redirect("FRED", error.code, hide(location))
    with error:
        try:
            words = error.read(_WORDS).decode("utf-8", "replace").lower()
        except (OSError, HTTPException):  # it stalls or breaks off: the status alone says what it says
            words = ""
    if error.code in (401, 403) or "api_key" in words:
        return SourceDenied("FRED does not accept the key", fix=_FIX)
    if error.code == 404 or "does not exist" in words:
        return UnknownName(f"FRED has no series {series!r}", fix="look it up at fred.stlouisfed.org")
    if "vintage dates" in words:
        return _TooManyVintages()
    return SourceUnavailable(f"FRED answered {error.code}", fix="try again later, or read the series from a file")


def _page_of(answer: dict[str, Any], field: str) -> tuple[int, list[Any]]:
    count, rows = answer.get("count"), answer.get(field)
    if not isinstance(count, int) or not isinstance(rows, list):
        raise SourceCorrupt(f"FRED answered without {field}", fix="ask again later")
    return count, rows


def _series(series: str, rows: list[dict[str, Any]]) -> KnowableSeries:
    try:
        known = _dates([row["realtime_start"] for row in rows]) + _MIDNIGHT_IN_CHICAGO
        reference = _dates([row["date"] for row in rows])
        value = np.array([np.nan if row["value"] == "." else float(row["value"]) for row in rows], dtype=np.float64)
        kept = _said(known, reference, value)
        return KnowableSeries(
            column_name(series), known[kept], reference[kept], value[kept], "", f"fred:{series}", _LAG
        )
    except (KeyError, ValueError, TypeError) as error:  # what the series itself refuses is a ValueError, too
        reason = str(error)[:_SHOWN]
        raise SourceCorrupt(f"FRED gave a value of {series} that is none: {reason}", fix="ask again later") from None


def _said(known: IntArray, reference: IntArray, value: FloatArray) -> IntArray:
    """The rows that say something new about their date.

    A holiday has no value and never had one; a date that lost its value is told. An answer about later days repeats
    what was known before them, as if it had been published on the first of them.
    """
    held: dict[int, float] = {}
    kept = []
    for row in np.argsort(known, kind="stable").tolist():
        date, said = int(reference[row]), float(value[row])
        before = held.get(date, np.nan)
        if said != before and not (np.isnan(said) and np.isnan(before)):
            kept.append(row)
        held[date] = said
    return np.array(kept, dtype=np.int64)


def _dates(texts: list[str]) -> IntArray:
    dates = np.array(texts, dtype="datetime64[D]")
    if np.isnat(dates).any():
        raise ValueError("a date is missing")
    if ((dates < _EARLIEST) | (dates > _LATEST)).any():  # in nanoseconds such a date would wrap to another century
        raise ValueError(f"a date lies outside {_EARLIEST} to {_LATEST}")
    return np.asarray(dates.astype("datetime64[ns]").astype(np.int64), dtype=np.int64)
