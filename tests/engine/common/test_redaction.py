"""Secrets are removed from texts and bodies, however they are written there, and nothing else is."""

import html
import json
import logging
from base64 import b64encode, urlsafe_b64encode
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.common.errors import ConfigError, SourceError
from engine.common.redaction import KEPT, LIVE, REMOVED, Redactor, redact
from engine.common.secret import Secret
from engine.common.text import clean
from tui.common.logs import log_crash, logging_to

TOKEN = "k3y/With+odd=chars&more"


def spelled(text: str) -> str:
    """Write a text as JSON may: every character as an escape."""
    return "".join(f"\\u{ord(letter):04X}" for letter in text)


WRITTEN = {
    "as it is": TOKEN,
    "URL-encoded": quote(TOKEN, safe=""),
    "URL-encoded but for the slash": quote(TOKEN),
    "as a form writes it": quote_plus(TOKEN),
    "base64": b64encode(TOKEN.encode()).decode(),
    "base64 for URLs": urlsafe_b64encode(TOKEN.encode()).decode(),
    "Basic, the password": b64encode(f"u:{TOKEN}".encode()).decode(),
    "Basic, the password of a longer name": b64encode(f"us:{TOKEN}".encode()).decode(),
    "Basic, the user": b64encode(f"{TOKEN}:x-oauth-basic".encode()).decode(),
    "JSON": json.dumps(TOKEN)[1:-1],
    "URL-encoded in lower case": quote(TOKEN, safe="").lower().replace("with", "With"),
    "URL-encoded in part": TOKEN.replace("+", "%2B").replace("&", "%26"),
    "URL-encoded twice": quote(quote(TOKEN, safe=""), safe=""),
    "HTML": html.escape(TOKEN),
    "HTML by numbers": TOKEN.replace("&", "&#38;").replace("/", "&#x2F;"),
    "hexadecimal": TOKEN.encode().hex(),
    "JSON with escaped slashes": json.dumps(TOKEN)[1:-1].replace("/", r"\/"),
}


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
def test_a_secret_is_removed_however_it_is_written(written: str) -> None:
    Secret(TOKEN)
    text = f"invalid key {written} for user 7"

    found, body = redact(text), LIVE.redact_body(text.encode()).decode()

    for one in (found, body):
        assert REMOVED in one
        assert one.startswith("invalid key ")
        assert one.endswith(" for user 7")
        left = one.removeprefix("invalid key ").removesuffix(" for user 7").replace(REMOVED, "")
        assert len(left) <= 24, "what is left of base64 tells at most two letters of the secret at each end"
        assert TOKEN[3:] not in left


@pytest.mark.parametrize(
    "secret", [TOKEN, "pass wörter with späces", 'quote"and\\backslash', "emoji \N{GRINNING FACE} inside"]
)
def test_a_body_that_spells_a_secret_with_escapes_is_still_json_without_it(secret: str) -> None:
    Secret(secret)
    whole = json.dumps({"message": f"bad {secret}!", "ok": "\N{LATIN SMALL LETTER E WITH ACUTE}"})
    units = secret.encode("utf-16-be")
    escaped = "".join(f"\\u{units[at] << 8 | units[at + 1]:04x}" for at in range(0, len(units), 2))
    by_letter = whole.replace(json.dumps(secret)[1:-1], escaped)

    assert json.loads(LIVE.redact_body(by_letter.encode())) == {
        "message": f"bad {REMOVED}!",
        "ok": "\N{LATIN SMALL LETTER E WITH ACUTE}",
    }


@given(st.text(min_size=8, max_size=60), st.text(max_size=50), st.text(max_size=50))
def test_no_text_around_a_secret_keeps_it(secret: str, before: str, after: str) -> None:
    secret = secret.strip()
    assume(len(secret) >= 8 and not secret.isdecimal() and secret not in REMOVED)
    redactor = Redactor()
    redactor.learn(secret)

    assert secret not in redactor.redact(before + secret + after).replace(REMOVED, "\0")


@given(st.binary(max_size=200))
def test_a_body_without_secrets_is_the_same_object(body: bytes) -> None:
    redactor = Redactor()
    redactor.learn("a secret that is in no such body")

    assert redactor.redact_body(body) == body


@pytest.mark.parametrize("repeated", ["pass+word 1", "pass%2Bword%201", "me:pass+word 1"])
def test_the_password_behind_a_user_and_a_decoded_cookie_are_secrets(repeated: str) -> None:
    Secret("me:pass+word 1")
    Secret("pass%2Bword%201")

    assert redact(f"unknown: {repeated}!") == f"unknown: {REMOVED}!"


def test_a_password_that_is_next_to_nothing_makes_the_user_name_the_secret() -> None:
    Secret("sk_live_4242424242:")
    Secret("freshdesk-key-77:X")
    Secret("anybody@example.com:long password")

    assert redact("sk_live_4242424242") == redact("freshdesk-key-77") == REMOVED
    assert redact("anybody@example.com") == "anybody@example.com"


def test_the_names_of_members_are_left_alone() -> None:
    Secret("username")

    body = LIVE.redact_body(b'[{"username": "somebody", "x": "username", "y": ["username"], "z" :"a username: b"}]')

    assert json.loads(body) == [{"username": "somebody", "x": REMOVED, "y": [REMOVED], "z": f"a {REMOVED}: b"}]


@pytest.mark.parametrize("harmless", ["short", "1234567", "123456789012345"])
def test_what_is_found_in_ordinary_text_is_no_secret(harmless: str) -> None:
    Secret(harmless)

    assert redact(f"id {harmless}") == f"id {harmless}"


def test_the_longer_of_two_secrets_goes_first() -> None:
    Secret("part-of-it")
    Secret("this is part-of-it and more")

    assert redact("this is part-of-it and more") == REMOVED


def test_the_newest_secrets_are_remembered() -> None:
    redactor = Redactor()

    for number in range(KEPT + 1):
        redactor.learn(f"token number {number}")

    assert redactor.redact("token number 0") == "token number 0"
    assert redactor.redact(f"token number {KEPT}") == REMOVED


def test_a_text_is_redacted_before_it_is_cut() -> None:
    Secret(TOKEN)

    assert TOKEN[:12] not in clean(f"{'x' * 30} {TOKEN}", 44)


@pytest.mark.parametrize("kind", [ConfigError, SourceError])
def test_no_error_says_a_secret(kind: type[Exception]) -> None:
    Secret(TOKEN)

    assert str(kind(f"illegal header line b'X-Key: {TOKEN}'")) == f"illegal header line b'X-Key: {REMOVED}'"


def test_neither_the_log_nor_a_traceback_in_it_says_a_secret(tmp_path: Path) -> None:
    Secret(TOKEN)
    file = tmp_path / "log"
    error = ValueError(f"cannot send {TOKEN}")

    with logging_to(file):
        logging.getLogger("test").error("refused: %s", TOKEN, exc_info=error)
    log_crash(file, error)

    assert TOKEN not in file.read_text()
    assert file.read_text().count(REMOVED) == 3
