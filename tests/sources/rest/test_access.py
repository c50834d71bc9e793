"""The table `auth`: what the page shows is right, and what is wrong gets one line with the way out."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from engine.common.errors import ConfigError
from engine.config.validation import convert
from engine.model.credentials import SessionLogin
from engine.transport.credentials.token_request import leaf
from sources.rest.config.options import RestOptions
from sources.rest.source import Rest

PAGE = (Path(__file__).parents[3] / "docs" / "rest.md").read_text(encoding="utf-8").partition("## Credentials\n")[2]
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE.partition("\n## ")[0], re.DOTALL)


def options(auth: Any, **more: Any) -> RestOptions:
    table = {"base_url": "https://api.example.org/v1", "endpoints": {"items": {"path": "/items"}}, "auth": auth, **more}
    return convert(table, RestOptions, name=".".join)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.split("\n")[0])
def test_an_example_of_the_page_is_right(example: str) -> None:
    (table,) = tomllib.loads(example)["sources"].values()

    auth = Rest(options(table["auth"]), name="my-api").auth

    assert auth is not None
    assert auth.env == ("FETCHDECK_MY_API_TOKEN",)


def test_the_page_shows_every_grant() -> None:
    kinds = {table["auth"]["type"] for text in EXAMPLES for table in tomllib.loads(text)["sources"].values()}

    assert kinds == {"header", "oauth2", "session", "jwt"}


OAUTH = {"type": "oauth2", "token_url": "https://a.example/token", "client_id": "me"}
SESSION = {"type": "session", "login_url": "/login", "body": {"password": "{secret}"}, "token": "token"}


@pytest.mark.parametrize(
    ("auth", "said"),
    [
        ({}, 'auth.type: is missing, want one of "bearer", "basic", "header"'),
        ({"type": "digest"}, 'auth.type: got "digest", want one of "bearer"'),
        ({"type": 7}, "auth.type: got 7, want one of"),
        ("bearer", "auth: got "),
        ({"type": "bearer", "name": "X"}, "auth.name: unknown key, "),
        ({"type": "header"}, "auth.name: is missing, want text (the name of a header)"),
        ({"type": "header", "name": "a b"}, 'auth.name: got "a b", want text (the name of a header)'),
        ({"type": "query", "name": "page"}, "params.page: this parameter carries the secret, see auth.name; leave it"),
        (
            {"type": "bearer", "also": [{"name": "A"}]},
            "auth.also[0]: names no place of its secret; want exactly one of",
        ),
        ({"type": "bearer", "also": [{"name": "A", "env": "B", "file": "c"}]}, "auth.also[0]: has env and file; want"),
        (
            {"type": "bearer", "also": [{"name": "A", "envv": "B"}]},
            'auth.also[0].envv: unknown key, did you mean "env"',
        ),
        (
            {"type": "bearer", "also": [{"type": "query", "name": "page", "env": "B"}]},
            "params.page: this parameter carries a secret, see auth.also[0]; leave it out here",
        ),
        (
            {**OAUTH, "token_url": "a.example/token"},
            "auth.token_url: got a value that is not shown here, want text (an",
        ),
        (
            {**OAUTH, "grant": "password"},
            'auth.grant: got "password", want one of "client_credentials", "refresh_token"',
        ),
        ({"type": "oauth2", "client_id": "me"}, "auth.token_url: is missing, want text (an address"),
        (
            {**OAUTH, "client_secret": {"env": "A"}},
            "auth.client_secret: the secret of client_credentials is the source's",
        ),
        ({**OAUTH, "grant": "refresh_token", "client_secret": {}}, "auth.client_secret: names no place of its secret"),
        ({**OAUTH, "params": {"client_secret": "x"}}, "auth.params.client_secret: a secret never stands in a config"),
        ({**SESSION, "cookie": "sid"}, 'auth.token: want either token, a path such as "data.token", or cookie'),
        ({**SESSION, "body": {"password": "x"}}, "auth.body: nothing in it stands for the secret; want {secret}"),
        ({**SESSION, "form": True, "body": {"a": {"b": "{secret}"}}}, "auth.body: a form has texts and numbers only"),
        ({"type": "jwt", "algorithm": "none"}, 'auth.algorithm: got "none", want one of "ES256"'),
        (
            {**SESSION, "token": "tokens[*].id"},
            'auth.token: "tokens[*].id" may be several values, and one is the token',
        ),
        ({"type": "jwt", "algorithm": "HS256", "scope": "a"}, 'auth.scope: "a" has no use without auth.token_url'),
    ],
)
def test_what_is_wrong_is_named_with_its_key_and_the_way_out(auth: Any, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        options(auth, params={"page": 1})

    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("data.token", {"data": {"token": "t0p"}}),
        ("'access.token'", {"access.token": "t0p"}),
        ("tokens[0].id", {"tokens": [{"id": "t0p"}]}),
        ("tokens[-1]", {"tokens": ["no", "t0p"]}),
        ("tokens.1", {"tokens": ["no", "t0p"]}),
        ("$", "t0p"),
    ],
)
def test_the_token_of_a_login_is_found_at_any_path(path: str, answer: Any) -> None:
    auth = Rest(options({**SESSION, "token": path}), name="my-api").auth

    assert auth is not None
    assert isinstance(auth.grant, SessionLogin)
    assert leaf(answer, auth.grant.token) == "t0p"
