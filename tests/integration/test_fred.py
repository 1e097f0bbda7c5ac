"""FRED over HTTP: what was known on each day, and every way in which an answer can be bad."""

from __future__ import annotations

import json

import numpy as np
import pytest

from autonomous_trading.adapters.providers import Patience
from autonomous_trading.adapters.series import FredClient, load_series
from autonomous_trading.core import (
    InvalidInput,
    SourceCorrupt,
    SourceDenied,
    SourceUnavailable,
    TradingError,
    UnknownName,
    time_text,
)
from autonomous_trading.data.knowable import as_of
from autonomous_trading.testing.servers.fred import Fault, FredServer, Observation

GDP = (
    Observation("2024-04-25", "2024-01-01", "100.0"),
    Observation("2024-05-30", "2024-01-01", "99.5"),
    Observation("2024-07-25", "2024-04-01", "101.0"),
    Observation("2024-07-25", "2023-10-01", "."),
    Observation("2024-09-26", "2024-01-01", "."),
)
PATIENCE = Patience(attempts=3, first_wait=0.5, timeout=5.0)


def client(
    server: FredServer, *, key: str = "secret", page: int = 100_000, waits: list[float] | None = None
) -> FredClient:
    slept = [] if waits is None else waits
    return FredClient(key, address=server.address, patience=PATIENCE, page=page, sleep=slept.append)


@pytest.mark.parametrize("page", [1, 2, 100_000])
def test_every_vintage_is_known_when_its_day_was_over(page: int) -> None:
    with FredServer({"GDP": GDP}) as server:
        series = client(server, page=page).vintages("GDP")
    assert [time_text(int(known)) for known in series.knowable_at] == [
        "2024-04-26T06:00:00Z",
        "2024-05-31T06:00:00Z",
        "2024-07-26T06:00:00Z",
        "2024-09-27T06:00:00Z",
    ]
    assert (series.name, series.source) == ("gdp", "fred:GDP")
    days = np.array(["2024-04-26", "2024-04-27", "2024-06-01", "2024-08-01"], dtype="datetime64[ns]").astype(np.int64)
    assert np.array_equal(as_of(series, days), [np.nan, 100.0, 99.5, 101.0], equal_nan=True)


def test_what_is_asked_names_all_vintages_and_json() -> None:
    with FredServer({"GDP": GDP}) as server:
        client(server).vintages("GDP")
        (question,) = server.questions
    assert question["realtime_start"] == "1776-07-04"
    assert question["realtime_end"] == "9999-12-31"
    assert question["file_type"] == "json"


@pytest.mark.parametrize("at_a_time", [1, 2, 3])
def test_where_there_are_too_many_vintages_some_are_asked_for_at_a_time(at_a_time: int) -> None:
    with FredServer({"GDP": GDP}) as server:
        whole = client(server).vintages("GDP")
    with FredServer({"GDP": GDP}, most_vintages=3) as server:
        asker = FredClient("secret", address=server.address, patience=PATIENCE, vintages=at_a_time)
        parts = asker.vintages("GDP")
        assert len(server.questions) == 2 + -(-4 // at_a_time)
    assert np.array_equal(parts.knowable_at, whole.knowable_at)
    assert np.array_equal(parts.reference, whole.reference)
    assert np.array_equal(parts.value, whole.value, equal_nan=True)


def test_where_even_a_part_is_too_much_it_is_said() -> None:
    with FredServer({"GDP": GDP}, most_vintages=1) as server:
        asker = FredClient("secret", address=server.address, patience=PATIENCE, vintages=2)
        with pytest.raises(SourceUnavailable, match="FRED does not give 2 vintages of GDP at once"):
            asker.vintages("GDP")


def test_a_series_without_values_is_empty() -> None:
    with FredServer({"NONE": ()}) as server:
        assert len(client(server).vintages("NONE")) == 0


@pytest.mark.parametrize(
    "fault",
    [
        Fault(503, "overloaded"),
        Fault(429, "slow down", {"Retry-After": "7"}),
        Fault(429, "slow down", {"Retry-After": "soon"}),
        Fault(200, '{"count": 1}', cut=True),
    ],
)
def test_what_passes_is_waited_for(fault: Fault) -> None:
    waits: list[float] = []
    with FredServer({"GDP": GDP}, faults=[fault, fault]) as server:
        assert len(client(server, waits=waits).vintages("GDP")) == 4
    assert len(waits) == 2
    assert min(waits) >= (7.0 if fault.headers.get("Retry-After") == "7" else 0.25)


@pytest.mark.parametrize(
    ("faults", "kind", "words"),
    [
        ([Fault(503, "x")] * 3, SourceUnavailable, "no answer after 3 attempts"),
        ([Fault(400, "bad limit")], SourceUnavailable, "FRED answered 400"),
        ([Fault(400, "over 2000 vintage dates"), Fault(200, "{}")], SourceCorrupt, "without vintage_dates"),
        ([Fault(403, "no")], SourceDenied, "does not accept the key"),
        ([Fault(404, "no")], UnknownName, "FRED has no series 'GDP'"),
        ([Fault(200, "<html>")], SourceCorrupt, "something else than the values of GDP"),
        ([Fault(200, "[]")], SourceCorrupt, "something else than the values of GDP"),
        ([Fault(200, '{"error_message": "x"}')], SourceCorrupt, "without observations"),
        ([Fault(200, '{"count": 9, "observations": []}')], SourceCorrupt, "promised 9 values of GDP and gave 0"),
        ([Fault(200, '{"count": 0, "observations": [{}]}')], SourceCorrupt, "promised 0 values of GDP and gave 1"),
        ([Fault(200, '{"count": 1, "observations": [{"date": "2024-01-01"}]}')], SourceCorrupt, "that is none"),
    ],
)
def test_what_is_no_answer_is_refused(faults: list[Fault], kind: type[TradingError], words: str) -> None:
    with FredServer({"GDP": GDP}, faults=faults) as server, pytest.raises(kind, match=words) as caught:
        client(server).vintages("GDP")
    assert "secret" not in f"{caught.value} {caught.value.__cause__}"


@pytest.mark.parametrize(
    ("date", "value"),
    [
        ("soon", "1.0"),
        ("", "1.0"),
        ("2024-01-01", "much"),
        ("2024-01-01", "inf"),
        ("2600-01-01", "1.0"),
        ("1677-12-31", "1.0"),
    ],
)
def test_a_row_that_is_no_value_is_refused(date: str, value: str) -> None:
    rows = [{"realtime_start": "2024-01-02", "date": date, "value": value}]
    fault = Fault(200, json.dumps({"count": 1, "observations": rows}))
    with FredServer({}, faults=[fault]) as server, pytest.raises(SourceCorrupt, match="a value of GDP that is none"):
        client(server).vintages("GDP")


@pytest.mark.parametrize(("known", "date"), [("2600-01-01", "2024-01-01"), ("2024-01-02", "1600-01-01")])
def test_a_date_that_64_bits_do_not_hold_is_refused_and_does_not_wrap(known: str, date: str) -> None:
    rows = [{"realtime_start": known, "date": date, "value": "1.0"}]
    fault = Fault(200, json.dumps({"count": 1, "observations": rows}))
    outside = r"a date lies outside 1678-01-01 to 2261-12-31"
    with FredServer({}, faults=[fault]) as server, pytest.raises(SourceCorrupt, match=outside):
        client(server).vintages("GDP")


def test_the_first_and_the_last_date_that_64_bits_hold_are_read() -> None:
    ends = (Observation("2261-12-31", "1678-01-01", "1.0"),)
    with FredServer({"ENDS": ends}) as server:
        series = client(server).vintages("ENDS")
    assert series.knowable_at.astype("datetime64[ns]").astype(str).tolist() == ["2262-01-01T06:00:00.000000000"]
    assert series.reference.astype("datetime64[ns]").astype(str)[0][:10] == "1678-01-01"


def test_two_values_of_one_date_on_one_day_are_refused() -> None:
    twice = (Observation("2024-01-02", "2024-01-01", "1.0"), Observation("2024-01-02", "2024-01-01", "2.0"))
    with FredServer({"GDP": twice}) as server, pytest.raises(SourceCorrupt, match="came twice at the same moment"):
        client(server).vintages("GDP")


def test_a_key_that_is_wrong_or_missing_is_said_with_the_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    with FredServer({"GDP": GDP}) as server, pytest.raises(SourceDenied, match="does not accept the key") as caught:
        client(server, key="canary").vintages("GDP")
    assert "canary" not in str(caught.value)
    assert "FRED_API_KEY" in caught.value.fix
    monkeypatch.delenv("FRED_API_KEY", raising=False)
    with pytest.raises(SourceDenied, match="FRED wants a key"):
        load_series("fred:GDP")
    with pytest.raises(InvalidInput, match="FRED says itself when a value was known"):
        load_series("fred:GDP", lag=3)
    assert repr(FredClient("canary")) == "FredClient('https://api.stlouisfed.org')"


def test_a_series_it_does_not_have_is_named() -> None:
    with FredServer({"GDP": GDP}) as server, pytest.raises(UnknownName, match="FRED has no series 'GPD'"):
        client(server).vintages("GPD")


def test_an_address_that_is_none_is_not_found() -> None:
    with FredServer({}) as server:
        address = server.address
        with pytest.raises(UnknownName):
            FredClient("secret", address=f"{address}/elsewhere", patience=PATIENCE).vintages("GDP")
    with pytest.raises(SourceUnavailable, match="no answer after 3 attempts"):
        FredClient("secret", address=address, patience=PATIENCE, sleep=lambda _: None).vintages("GDP")
