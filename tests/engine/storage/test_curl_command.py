"""A failed request as a curl command."""

import shlex
from dataclasses import replace

import pytest

from engine.model.credentials import OAuthGrant
from engine.model.source import Auth, Request
from engine.storage.failed_requests import curl

AUTH = Auth(env=("MY_TOKEN", "OTHER"))


def line(request: Request, auth: Auth | None = AUTH, **headers: str) -> str:
    return curl(request, base_url="https://api.example.org/v1", headers=headers, auth=auth)


def test_the_secret_is_named_by_its_variable() -> None:
    made = line(Request(key="a", url="/items", params={"page": 2, "q": "a b"}), accept="application/json")

    assert made == (
        "curl -gsS -H 'accept: application/json' -H \"Authorization: Bearer $MY_TOKEN\""
        " 'https://api.example.org/v1/items?page=2&q=a+b'"
    )


def test_headers_of_the_request_alone_are_part_of_the_command() -> None:
    assert " -H 'x-after: a b' " in line(Request(key="a", url="/items", headers={"x-after": "a b"}))


def test_a_token_that_is_got_for_the_secret_is_not_the_secret() -> None:
    grant = OAuthGrant(kind="client_credentials", token_url="https://auth.example.org/token", client_id="me")

    assert '"Authorization: Bearer $ACCESS_TOKEN"' in line(Request(key="a", url="/"), auth=replace(AUTH, grant=grant))


def test_a_cookie_is_sent_as_one() -> None:
    assert '"Cookie: sid=$MY_TOKEN"' in line(Request(key="a", url="/"), auth=replace(AUTH, cookie="sid", prefix=""))


def test_the_secret_goes_to_the_sources_own_address_only() -> None:
    assert "Bearer" not in line(Request(key="a", url="https://api.example.org.evil.example/v1/items"))
    assert "Bearer" in line(Request(key="a", url="https://api.example.org/v1/items"))
    assert "Bearer" not in line(Request(key="a", url="/items"), auth=None)


def test_a_parameter_that_tells_of_a_secret_is_hidden() -> None:
    made = line(Request(key="a", url="/items?x=1", params={"Access_Token": "hunter2", "page": 1}))

    assert "hunter2" not in made
    assert made.endswith("'https://api.example.org/v1/items?x=1&Access_Token=HIDDEN&page=1'")


@pytest.mark.parametrize(
    "hostile", ["'; rm -rf ~; '", "$(reboot)", "a\nreboot\n", "\x1b[2J\x9b", "\u202eevil", "`x`", '"; x "']
)
def test_what_an_api_named_stays_one_word_of_printable_ascii(hostile: str) -> None:
    made = line(Request(key="a", url=f"/{hostile}", params={hostile: hostile}, method="POST", json={"a": hostile}))

    assert made.isascii()
    assert made.isprintable()
    words = shlex.split(made)
    assert words[:4] == ["curl", "-gsS", "-X", "POST"]
    assert len(words) == 11
    assert words[-1].startswith("https://api.example.org/v1/")


def test_a_header_without_a_variable_is_hidden_too() -> None:
    assert '"Cookie: me=HIDDEN"' in line(
        Request(key="a", url="/items"), auth=Auth(env=(), header="Cookie", prefix="me=")
    )


def test_what_is_no_http_request_is_no_command() -> None:
    assert line(Request(key="a", url="https://example.org/x.git", via="git")) == ""
