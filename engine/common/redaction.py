"""Removes the live secrets of this process from what servers send and from text about requests.

APIs repeat keys in their error texts, and libraries quote the request that they refuse. So every `Secret` is known here
from the moment it is made, and whatever comes back from outside, or is about to be shown or stored, is searched for it.
Secrets are searched for as they are, URL-encoded, in base64 (also as a part of a longer text, as in Basic
authorization), and as JSON writes them. A secret of less than eight characters is not: it would be found in ordinary
words.
"""

import json
import re
import threading
from base64 import b64encode, urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote, quote_plus, unquote

SHORTEST: Final = 8
"""Characters of the shortest secret that is searched for."""
SHORTEST_NUMBER: Final = 16
"""Digits of the shortest secret of digits only. Ids and times have fewer."""
REMOVED: Final = "[credential removed]"
"""What stands in the place of a secret. It is no URL, no header value with a meaning, and needs no escape in JSON."""
KEPT: Final = 200
"""Secrets that are remembered, the newest ones. Each renewal of a token is a new secret."""
_ESCAPES: Final = re.compile(rb"\\u00[2-7]")
"""An escape in JSON of a character that needs none: a server can spell a secret with them."""


class Redactor:
    """Knows secrets and removes them. One for the process, `LIVE`; it may be used by any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._secrets: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._texts: tuple[str, ...] = ()
        self._bodies: tuple[bytes, ...] = ()
        self._spelled: re.Pattern[bytes] | None = None

    def learn(self, secret: str) -> None:
        """Remember a secret, and forget the oldest of too many.

        A server that decodes a cookie repeats its value decoded, and of "user:password" it may repeat the password.
        """
        secret = secret.strip()
        password = "" if "://" in secret else secret.partition(":")[2]
        for one in dict.fromkeys((secret, unquote(secret), password)):
            if len(one) >= (SHORTEST_NUMBER if one.isdecimal() else SHORTEST):
                self._learn(one)

    def _learn(self, secret: str) -> None:
        with self._lock:
            if secret in self._secrets:
                self._secrets.move_to_end(secret)
                return
            self._secrets[secret] = tuple(_forms(secret))
            while len(self._secrets) > KEPT:
                self._secrets.popitem(last=False)
            # The longest first: a secret may be a part of another one.
            forms = sorted({form for forms in self._secrets.values() for form in forms}, key=len, reverse=True)
            self._texts, self._bodies = tuple(forms), tuple(form.encode("utf-8", "surrogatepass") for form in forms)
            self._spelled = None

    def forget(self) -> None:
        """Forget every secret."""
        with self._lock:
            self._secrets.clear()
            self._texts, self._bodies, self._spelled = (), (), None

    def redact(self, text: str) -> str:
        """Return a text without secrets."""
        for form in self._texts:
            if form in text:
                text = text.replace(form, REMOVED)
        return text

    def redact_body(self, body: bytes) -> bytes:
        """Return the body of an answer without secrets. Nearly every body is returned as it is."""
        for form in self._bodies:
            if form in body:
                body = body.replace(form, REMOVED.encode())
        if self._bodies and _ESCAPES.search(body):
            body = self._pattern().sub(REMOVED.encode(), body)
        return body

    def _pattern(self) -> re.Pattern[bytes]:
        """Return a pattern of all secrets in which each character may be an escape. Built when it is first needed."""
        with self._lock:
            if self._spelled is None:
                secrets = sorted(self._secrets, key=len, reverse=True)
                self._spelled = re.compile(b"|".join(b"".join(map(_spelled, secret)) for secret in secrets))
            return self._spelled


def _forms(secret: str) -> Iterator[str]:
    """Yield the ways in which a secret is written."""
    yield secret
    yield from (quote(secret, safe=""), quote(secret), quote_plus(secret))
    in_json = json.dumps(secret, ensure_ascii=False)[1:-1]
    yield from (in_json, in_json.replace("/", r"\/"), json.dumps(secret)[1:-1])
    content = secret.encode("utf-8", "surrogatepass")
    for shift in range(3):  # base64 writes three bytes as four letters: a secret in it begins at one of three places
        led = b"\0" * shift + content
        for encode in (b64encode, urlsafe_b64encode):
            # The letters that also depend on what stands before and behind the secret are left out.
            inner = encode(led[: len(led) // 3 * 3])[0 if shift == 0 else 4 :].decode()
            if len(inner) >= SHORTEST:
                yield inner


def _spelled(letter: str) -> bytes:
    """Return a pattern of a character in JSON: itself, or its escape."""
    plain = re.escape(letter.encode("utf-8", "surrogatepass"))
    units = letter.encode("utf-16-be", "surrogatepass").hex()  # beyond U+FFFF there are two
    digits = [f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in units]
    escape = "".join(rf"\\u{''.join(digits[at : at + 4])}" for at in range(0, len(digits), 4))
    short = rb"|\\" + plain if letter in '"\\/' else b""
    return rb"(?:" + plain + b"|" + escape.encode() + short + rb")"


LIVE: Final = Redactor()
"""The secrets of this process."""


def redact(text: str) -> str:
    """Return a text without the secrets of this process."""
    return LIVE.redact(text)
