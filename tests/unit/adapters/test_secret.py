"""Secrets: given out when asked by name, and by nothing else."""

import copy

from autonomous_trading.adapters.providers import ProviderSettings, Secret

CANARY = "canary-5f1d"


def test_no_text_shows_it() -> None:
    secret = Secret(CANARY)
    assert secret.reveal() == CANARY
    for text in (repr(secret), str(secret), f"{secret}", repr([secret]), repr({"key": secret})):
        assert CANARY not in text
    assert (repr(Secret("")), str(Secret(""))) == ("Secret('')", "")


def test_a_copy_that_leaves_the_process_holds_nothing() -> None:
    assert copy.deepcopy(Secret(CANARY)).reveal() == ""


def test_same_and_other() -> None:
    assert Secret(CANARY) == Secret(CANARY)
    assert len({Secret(CANARY), Secret(CANARY), Secret("another")}) == 2
    assert Secret(CANARY) != CANARY
    assert Secret(CANARY)
    assert not Secret("")


def test_what_others_say_is_cleaned_of_it() -> None:
    assert Secret(CANARY).hidden_in(f"key {CANARY} is unknown") == "key *** is unknown"
    assert Secret("a").hidden_in("a cat sat") == "a cat sat"


def test_settings_read_keys_without_showing_them() -> None:
    settings = ProviderSettings({"KEY": f" {CANARY} "}, {"alpaca": {"feed": "iex", "url": ""}})
    assert settings.key("KEY").reveal() == CANARY
    assert not settings.key("NONE")
    assert settings.option("alpaca", "feed") == "iex"
    assert settings.option("alpaca", "url", "there") == settings.option("none", "url", "there") == "there"
    assert CANARY not in repr(settings)
