"""Removes the live secrets of this process from what servers send and from text about requests.

APIs repeat keys in their error texts, and libraries quote the request that they refuse. So every `Secret` is known here
from the moment it is made, and whatever comes back from outside, or is about to be shown or stored, is searched for it.
Secrets are searched for as they are, URL-encoded (once or twice, each character or some), with the entities of HTML,
in hexadecimal, in base64 (also as a part of a longer text, as in Basic authorization), and as JSON writes them. One of
less than eight characters is not: it would be found in ordinary words. The names of members in JSON are left alone: a
password that is such a name would change every row.
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
_ENCODED: Final = re.compile(r"%[0-9A-Fa-f]{2}|&(?:[a-z]{2,4}|#)")
"""What a text has that is partly URL-encoded, or written for HTML."""
_ENTITIES: Final = {"&": "amp", '"': "quot", "<": "lt", ">": "gt", "'": "apos"}


class Redactor:
    """Knows secrets and removes them. One for the process, `LIVE`; it may be used by any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._secrets: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._texts: tuple[str, ...] = ()
        self._bodies: tuple[bytes, ...] = ()
        self._spelled: re.Pattern[bytes] | None = None
        self._encoded: re.Pattern[str] | None = None

    def learn(self, secret: str) -> None:
        """Remember a secret, and forget the oldest of too many.

        A server that decodes a cookie repeats its value decoded, and of "user:password" it may repeat the password;
        where there is next to none, the user name is the secret, as some APIs want it.
        """
        secret = secret.strip()
        user, _, password = ("", "", "") if "://" in secret else secret.partition(":")
        for one in dict.fromkeys((secret, unquote(secret), password if len(password) >= SHORTEST else user)):
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
            special = ["".join(map(_encoded, one)) for one in self._by_length() if not one.isalnum()]
            self._encoded = re.compile("|".join(special)) if special else None
            self._spelled = None

    def forget(self) -> None:
        """Forget every secret."""
        with self._lock:
            self._secrets.clear()
            self._texts, self._bodies, self._spelled, self._encoded = (), (), None, None

    def redact(self, text: str) -> str:
        """Return a text without secrets."""
        for form in self._texts:
            if form in text:
                text = text.replace(form, REMOVED)
        if self._encoded is not None and _ENCODED.search(text):
            text = self._encoded.sub(REMOVED, text)
        return text

    def redact_body(self, body: bytes) -> bytes:
        """Return the body of an answer without secrets. Nearly every body is returned as it is."""
        for form in self._bodies:
            if form in body:
                literal = re.escape(form)
                body = re.sub(rb'(?<!")' + literal + rb"|" + literal + rb'(?!"\s*:)', REMOVED.encode(), body)
        if self._encoded is not None and (b"%" in body or b"&" in body):
            body = self._encoded.sub(REMOVED, body.decode("latin-1")).encode("latin-1")
        if self._bodies and _ESCAPES.search(body):
            body = self._pattern().sub(REMOVED.encode(), body)
        return body

    def _pattern(self) -> re.Pattern[bytes]:
        """Return a pattern of all secrets in which each character may be an escape. Built when it is first needed."""
        with self._lock:
            if self._spelled is None:
                self._spelled = re.compile(b"|".join(b"".join(map(_spelled, secret)) for secret in self._by_length()))
            return self._spelled

    def _by_length(self) -> list[str]:
        return sorted(self._secrets, key=len, reverse=True)


def _forms(secret: str) -> Iterator[str]:
    """Yield the ways in which a secret is written."""
    yield secret
    yield from (quote(secret, safe=""), quote(secret), quote_plus(secret))
    in_json = json.dumps(secret, ensure_ascii=False)[1:-1]
    yield from (in_json, in_json.replace("/", r"\/"), json.dumps(secret)[1:-1])
    content = secret.encode("utf-8", "surrogatepass")
    yield from (content.hex(), content.hex().upper())
    for shift in range(3):  # base64 writes three bytes as four letters: a secret in it begins at one of three places
        led = b"\0" * shift + content
        for encode in (b64encode, urlsafe_b64encode):
            # The letters that also depend on what stands before and behind the secret are left out.
            inner = encode(led[: len(led) // 3 * 3])[0 if shift == 0 else 4 :].decode()
            if len(inner) >= SHORTEST:
                yield inner


def _encoded(letter: str) -> str:
    """Return a pattern of a character in an address or in HTML. Letters and digits are written as they are there."""
    if letter.isascii() and letter.isalnum():
        return letter
    octets = letter.encode("utf-8", "surrogatepass")
    percent = "".join(f"%(?:25)?{_any_case(f'{octet:02x}')}" for octet in octets)
    number = f"&#(?:0*{ord(letter)}|[xX]0*{_any_case(f'{ord(letter):x}')});"
    entity = f"|&{_ENTITIES[letter]};" if letter in _ENTITIES else ""
    plus = r"|\+" if letter == " " else ""
    # Bodies are searched as Latin-1, in which every octet is a character.
    plain = "|".join(dict.fromkeys((re.escape(letter), re.escape(octets.decode("latin-1")))))
    return f"(?:{plain}|{percent}|{number}{entity}{plus})"


def _any_case(digits: str) -> str:
    return "".join(f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in digits)


def _spelled(letter: str) -> bytes:
    """Return a pattern of a character in JSON: itself, or its escape."""
    plain = re.escape(letter.encode("utf-8", "surrogatepass"))
    units = letter.encode("utf-16-be", "surrogatepass").hex()  # beyond U+FFFF there are two
    escape = "".join(rf"\\u{_any_case(units[at : at + 4])}" for at in range(0, len(units), 4))
    short = rb"|\\" + plain if letter in '"\\/' else b""
    return rb"(?:" + plain + b"|" + escape.encode() + short + rb")"


LIVE: Final = Redactor()
"""The secrets of this process."""


def redact(text: str) -> str:
    """Return a text without the secrets of this process."""
    return LIVE.redact(text)
