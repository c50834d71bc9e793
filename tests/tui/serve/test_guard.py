"""Whom a served deck answers."""

import pytest

from engine.common.secret import Secret
from tui.serve.guard import Guard, hostname

HERE = Guard(host="127.0.0.1")
EVERYWHERE = Guard(host="0.0.0.0", names=["deck.example.org"], token=Secret("0123456789abcdef"))


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8000", "localhost:8000", "localhost", "[::1]:9", "LOCALHOST:1", "127.0.0.1."]
)
def test_this_machine_is_answered_by_any_of_its_names_and_ports(host: str) -> None:
    assert HERE.refuses(host=host, origin=None, sends=False) == ""


@pytest.mark.parametrize(
    "host", ["evil.example:8000", "127.0.0.1.evil.example", "192.0.2.7:8000", "", None, "a@127.0.0.1", "127.0.0.1:x"]
)
def test_a_name_that_is_not_ours_is_refused(host: str | None) -> None:
    assert "does not answer to the name" in HERE.refuses(host=host, origin=None, sends=False)


def test_our_own_page_may_open_a_websocket() -> None:
    assert HERE.refuses(host="127.0.0.1:8000", origin="http://127.0.0.1:8000", sends=True) == ""


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "http://127.0.0.1:3000", "http://localhost:8000", "null", "", "http://[", "file://"],
)
def test_a_page_of_another_origin_may_not(origin: str) -> None:
    assert "may not use this deck" in HERE.refuses(host="127.0.0.1:8000", origin=origin, sends=True)


def test_a_page_of_another_origin_is_refused_even_where_it_only_reads() -> None:
    assert HERE.refuses(host="127.0.0.1:8000", origin="http://evil.example", sends=False) != ""


def test_a_websocket_of_nobodys_page_is_refused() -> None:
    assert HERE.refuses(host="localhost:1", origin=None, sends=True) == "the request does not say which page sent it"


def test_a_deck_on_every_address_answers_to_addresses_and_to_the_names_that_were_given() -> None:
    refused = {
        host: EVERYWHERE.refuses(host=host, origin=None, sends=False) != ""
        for host in ("192.0.2.7:8000", "[2001:db8::1]:8000", "deck.example.org", "other.example.org")
    }

    assert refused == {
        "192.0.2.7:8000": False, "[2001:db8::1]:8000": False, "deck.example.org": False, "other.example.org": True,
    }  # fmt: skip


def test_a_proxy_with_a_name_that_was_given_may_send() -> None:
    origin = "https://deck.example.org"

    assert EVERYWHERE.refuses(host="127.0.0.1:8000", origin=origin, sends=True) == ""
    assert EVERYWHERE.refuses(host="deck.example.org", origin=origin, sends=True) == ""
    assert HERE.refuses(host="127.0.0.1:8000", origin=origin, sends=True) != ""


def test_only_the_token_is_the_token() -> None:
    assert EVERYWHERE.bears("Bearer 0123456789abcdef")
    assert not EVERYWHERE.bears("Bearer 0123456789abcdeX")
    assert not EVERYWHERE.bears("Basic 0123456789abcdef")
    assert not EVERYWHERE.bears(None)
    assert not EVERYWHERE.accepts("é")
    assert not HERE.accepts("")


def test_a_name_is_taken_apart_without_trust() -> None:
    assert hostname("name:80") == "name"
    assert hostname("[::1]:80") == "::1"
    assert hostname("a/b") == ""
    assert hostname("[::1") == ""


def test_what_is_refused_is_shown_inert() -> None:
    assert "\x1b" not in HERE.refuses(host="127.0.0.1", origin="http://\x1b[31mred", sends=True)
