"""Reading from Alpaca: patience, timeouts, keys, and every failure as one line with its fix."""

import math
from dataclasses import replace

import pytest

from autonomous_trading.adapters.providers import Patience, ProviderSettings, provider_named
from autonomous_trading.adapters.providers.alpaca import (
    DATA_URL,
    TRADING_URL,
    AlpacaKeys,
    AlpacaPlace,
    AlpacaProvider,
    AlpacaReader,
    alpaca_from,
    keys_in,
)
from autonomous_trading.core import (
    InvalidInput,
    SourceCorrupt,
    SourceDenied,
    SourceUnavailable,
    TradingError,
    UnknownName,
)
from autonomous_trading.testing.servers.alpaca import (
    BAD_RESPONSES,
    TEST_KEY_ID,
    TEST_SECRET_KEY,
    AlpacaMarket,
    AlpacaServer,
    Subscription,
    WireAnswer,
    json_answer,
)
from tests.unit.adapters.alpaca.places import asked, ns, provider_of, rows_of


def test_alpaca_py_retries_nothing_and_waits_no_longer_than_we_do(
    provider: AlpacaProvider,
) -> None:
    """Its own retries would come on top of ours, and without a timeout a silent server would hold us for good."""
    rows_of(provider, asked("AAPL"))
    provider.reader.trading("/clock")
    clients = provider.reader._clients
    assert set(clients) == {"v2", "trading"}
    for client in clients.values():
        assert client._retry == 0
        assert id(client._session) == id(provider.reader._session)
        assert client._use_raw_data
    assert provider.reader._session.timeout == 20.0


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(
    server: AlpacaServer, provider: AlpacaProvider, waits: list[float], status: int
) -> None:
    failure = json_answer({"message": "not now"}, status=status)
    server.spoil([lambda _: failure, lambda _: failure])
    assert len(rows_of(provider, asked("AAPL"))["AAPL"]) == 420
    assert len(server.seen) == 3
    assert len(waits) == 2


def test_every_call_is_made_once_where_one_attempt_is_allowed(server: AlpacaServer) -> None:
    failure = json_answer({"message": "too many requests."}, status=429)
    server.spoil_always(lambda _: failure)
    provider = provider_of(server, place=AlpacaPlace(server.url, server.url, patience=Patience(attempts=1)))
    with pytest.raises(SourceUnavailable, match="no answer after 1 attempts: Alpaca: the limit of requests is used up"):
        rows_of(provider, asked("AAPL"))
    assert len(server.seen) == 1


def test_it_waits_as_long_as_it_is_asked_to(server: AlpacaServer, provider: AlpacaProvider, waits: list[float]) -> None:
    def refused(headers: dict[str, str]) -> WireAnswer:
        return json_answer({"message": "too many requests."}, status=429, headers=headers)

    server.spoil([lambda _: refused({"Retry-After": "7"}), lambda _: refused({"X-RateLimit-Reset": "99999999999"})])
    rows_of(provider, asked("AAPL"))
    assert waits == [7.0, 30.0]  # as asked, and no longer than we are ready to


def test_the_limit_of_a_real_subscription(market: AlpacaMarket, waits: list[float]) -> None:
    with AlpacaServer(market, subscription=Subscription(calls=2), now=lambda: ns("2024-01-01")) as server:
        provider = provider_of(server, sleep=waits.append)
        rows_of(provider, asked("AAPL"))
        rows_of(provider, asked("MSFT"))
        with pytest.raises(
            SourceUnavailable, match=r"used up \(429\). Fix: look at the connection, or try again later"
        ):
            rows_of(provider, asked("AAPL"))
        assert all(wait > 1.0 for wait in waits)  # the server said when the next minute begins


def test_fewer_calls_a_minute_than_alpaca_allows(server: AlpacaServer) -> None:
    assert AlpacaPlace().calls < 200
    slow = AlpacaReader(
        AlpacaKeys.of(TEST_KEY_ID, TEST_SECRET_KEY), AlpacaPlace(server.url, server.url, calls=2), sleep=_Stop()
    )
    slow.trading("/clock")
    slow.trading("/clock")
    with pytest.raises(_Waited):
        slow.trading("/clock")
    assert len(server.seen) == 2


class _Waited(Exception):
    """Somebody wanted to wait."""


class _Stop:
    def __call__(self, seconds: float) -> None:
        raise _Waited(seconds)


def patient(server: AlpacaServer, timeout: float) -> AlpacaProvider:
    return provider_of(
        server, place=AlpacaPlace(server.url, server.url, patience=Patience(attempts=2, timeout=timeout))
    )


@pytest.mark.parametrize("answer", [WireAnswer(seconds=math.inf), WireAnswer(body=b"{}" * 500, seconds=20.0)])
def test_a_source_that_says_nothing_or_drips_is_left(server: AlpacaServer, answer: WireAnswer) -> None:
    """Also where every byte comes in time: the answer as a whole has a time."""
    server.spoil_always(lambda _: answer)
    with pytest.raises(SourceUnavailable, match=r"no answer after 2 attempts: http://.* did not answer within 0.2 s"):
        rows_of(patient(server, 0.2), asked("AAPL"))


def test_a_source_that_is_not_there() -> None:
    place = AlpacaPlace("http://127.0.0.1:9", "", patience=Patience(attempts=2))
    reader = AlpacaReader(AlpacaKeys.of("a", "b"), place, sleep=lambda _: None)
    with pytest.raises(SourceUnavailable, match=r"http://127.0.0.1:9 cannot be reached \(Connection refused\)"):
        reader.data("v2", "/stocks/bars", {})


def test_a_source_that_speaks_no_tls(server: AlpacaServer) -> None:
    place = AlpacaPlace(server.url.replace("http:", "https:"), "", patience=Patience(attempts=1))
    with pytest.raises(SourceUnavailable, match=r"no safe connection to https://127\.0\.0\.1"):
        AlpacaReader(AlpacaKeys.of("a", "b"), place).data("v2", "/stocks/bars", {})


def test_an_address_that_is_none() -> None:
    place = AlpacaPlace("nonsense", "", patience=Patience(attempts=2))
    with pytest.raises(
        InvalidInput, match=r"nonsense is no address to ask \(MissingSchema\). Fix: correct \[alpaca\] url"
    ):
        AlpacaReader(AlpacaKeys.of("a", "b"), place).data("v2", "/stocks/bars", {})


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (
            json_answer({"message": "forbidden."}, status=403),
            SourceDenied,
            r"does not accept these keys \(403: forbidden",
        ),
        (
            json_answer({"message": "subscription does not permit querying recent SIP data"}, status=403),
            SourceDenied,
            "end at least 15 minutes ago",
        ),
        (
            json_answer({"code": 1, "message": "invalid symbol: A!"}, status=400),
            UnknownName,
            "Alpaca: invalid symbol: A!",
        ),
        (
            json_answer({"message": "end should not be before start"}, status=400),
            InvalidInput,
            r"refused the request \(400\)",
        ),
        (json_answer(["odd"], status=422), InvalidInput, r"\(422\): \['odd'\]"),
        (WireAnswer(404, b"404 page not found"), InvalidInput, r"/v2/stocks/bars is not there \(404\). Fix: check"),
        (WireAnswer(400, b""), InvalidInput, "no reason given"),
    ],
)
def test_refusals(server: AlpacaServer, answer: WireAnswer, kind: type[TradingError], message: str) -> None:
    server.spoil_always(lambda _: answer)
    with pytest.raises(kind, match=message):
        rows_of(provider_of(server), asked("AAPL"))
    assert len(server.seen) == 1


@pytest.mark.parametrize("name", sorted(BAD_RESPONSES))
def test_bad_responses(server: AlpacaServer, name: str) -> None:
    bad = BAD_RESPONSES[name]
    server.spoil_always(bad.change)
    with pytest.raises(bad.refused_with):
        rows_of(provider_of(server), asked("BTC/USD", start="2023-01-10", stop="2023-01-25"))


def test_a_body_without_an_end_is_left(server: AlpacaServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autonomous_trading.adapters.providers.alpaca._door.MOST_BYTES", 1_000)
    with pytest.raises(SourceCorrupt, match="sent more than 1,000 bytes"):
        rows_of(provider_of(server), asked("AAPL"))


def test_a_list_of_lists_without_end_is_refused(server: AlpacaServer) -> None:
    server.spoil_always(lambda answer: replace(answer, body=b"[" * 100_000))
    with pytest.raises(SourceCorrupt, match="no sound JSON"):
        rows_of(provider_of(server), asked("AAPL"))


@pytest.mark.parametrize(
    "page",
    [
        {"bars": [], "next_page_token": None},
        {"bars": {"AAPL": {}}, "next_page_token": None},
        {"bars": {"AAPL": [1]}, "next_page_token": None},
        {"bars": {"AAPL": [{"t": "2023-02-30T00:00:00Z"}]}, "next_page_token": None},
        {"bars": {"AAPL": [{}]}, "next_page_token": 7},
        {"bars": {}, "next_page_token": ""},
    ],
)
def test_pages_of_another_shape(server: AlpacaServer, page: object) -> None:
    server.spoil_always(lambda answer: answer.with_document(page))
    with pytest.raises(SourceCorrupt):
        rows_of(provider_of(server), asked("AAPL"))


def test_days_under_a_request_for_hours_of_a_stock(server: AlpacaServer, market: AlpacaMarket) -> None:
    daily = [row for _, row in market.rows("AAPL", "1d", "raw")]
    server.spoil_always(lambda answer: answer.with_document({"bars": {"AAPL": daily}, "next_page_token": None}))
    with pytest.raises(SourceCorrupt, match="asked for bars of 1h, Alpaca sent daily ones of AAPL"):
        rows_of(provider_of(server), asked("AAPL"))


@pytest.fixture
def settings(server: AlpacaServer) -> ProviderSettings:
    return ProviderSettings(server.environment(), {"alpaca": {"url": server.url, "feed": "iex", "timeout": "3"}})


def test_a_provider_by_its_name(server: AlpacaServer, settings: ProviderSettings) -> None:
    made = provider_named("alpaca", settings)
    assert isinstance(made, AlpacaProvider)
    assert rows_of(made, asked("AAPL"))
    assert server.seen[0].parameters["feed"] == "iex"
    assert made.reader.place.trading_url == server.url  # keys go nowhere else
    assert made.reader.place.patience.timeout == 3.0
    made.close()
    made.close()


def test_without_settings_it_is_alpaca_itself() -> None:
    made = alpaca_from("alpaca", ProviderSettings({"APCA_API_KEY_ID": "a", "APCA_API_SECRET_KEY": "b"}))
    assert (made.reader.place.data_url, made.reader.place.trading_url) == (DATA_URL, TRADING_URL)


@pytest.mark.parametrize("text", ["much", "0", "-1", "inf"])
def test_settings_that_are_no_numbers(settings: ProviderSettings, text: str) -> None:
    wrong = replace(settings, options={"alpaca": {"attempts": text}})
    with pytest.raises(InvalidInput, match=r"\[alpaca\] attempts is"):
        alpaca_from("alpaca", wrong)


@pytest.mark.parametrize("missing", ["APCA_API_KEY_ID", "APCA_API_SECRET_KEY"])
def test_missing_keys_are_named(missing: str) -> None:
    found = {"APCA_API_KEY_ID": "a", "APCA_API_SECRET_KEY": "b"} | {missing: " "}
    with pytest.raises(
        SourceDenied, match=f"holds no {missing}. Fix: make a key .* set APCA_API_KEY_ID and APCA_API_S"
    ):
        keys_in(found)
    with pytest.raises(SourceDenied, match="holds no APCA_API_KEY_ID and no APCA_API_SECRET_KEY"):
        keys_in({})


def test_no_text_shows_a_key(server: AlpacaServer) -> None:
    """Whatever goes wrong, and even where the source repeats them."""
    canary = "canary-secret-7f3a"
    keys = AlpacaKeys.of("canary-key-id-99", canary)
    told = json_answer({"message": f"key canary-key-id-99 with {canary} is unknown"}, status=403)
    texts = [repr(keys), str(keys), repr(ProviderSettings({"APCA_API_SECRET_KEY": canary}))]
    for answer in (None, told, replace(told, status=500), replace(told, status=400)):
        server.spoil_always(None if answer is None else lambda _, answer=answer: answer)  # type: ignore[misc]
        with pytest.raises(TradingError) as caught:
            rows_of(provider_of(server, keys=keys), asked("AAPL"))
        error: BaseException | None = caught.value
        while error is not None:
            texts += [str(error), repr(error), repr(error.args)]
            error = error.__cause__ or error.__context__
    for text in texts:
        assert canary not in text
        assert "canary-key-id-99" not in text
