"""Stored responses for conditional requests (RFC 9110, 13). Functions over one connection.

An ETag is valid for one URL and one credential
(https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api lists the headers it varies by),
so the key holds both. A 304 has neither body nor Link header, so both are stored here.
"""

import hashlib
import sqlite3
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from engine.model.source import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """The validators of a stored response."""

    etag: str | None
    last_modified: str | None

    def headers(self) -> Mapping[str, str]:
        """Return the headers of a conditional request, with the values exactly as received."""
        named = {"if-none-match": self.etag, "if-modified-since": self.last_modified}
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A stored response."""

    validators: Validators
    link: str | None
    body: bytes


def key(identity: str, request: Request) -> str:
    """Return the key of a stored response: a digest of the credential's identity and the whole request."""
    parts = [identity, request.method, request.url, request.params, request.json]
    # Only where there are any: the keys of answers stored by earlier versions stay the same.
    asked = msgspec.json.encode([*parts, *([request.headers] if request.headers else [])], order="sorted")
    return hashlib.blake2b(asked, digest_size=16).hexdigest()


def validators(db: sqlite3.Connection, key: str) -> Validators | None:
    """Return the validators of a stored response, or None."""
    row = db.execute("select etag, last_modified from http_cache where key = ?", (key,)).fetchone()
    return Validators(etag=row[0], last_modified=row[1]) if row else None


def answer(db: sqlite3.Connection, key: str) -> Answer | None:
    row = db.execute("select etag, last_modified, link, body from http_cache where key = ?", (key,)).fetchone()
    if row is None:
        return None
    return Answer(validators=Validators(etag=row[0], last_modified=row[1]), link=row[2], body=zlib.decompress(row[3]))


def store(db: sqlite3.Connection, key: str, answer: Answer, now: float) -> None:
    """Store a response in place of an older one."""
    row = (
        key,
        answer.validators.etag,
        answer.validators.last_modified,
        answer.link,
        zlib.compress(answer.body, 1),
        now,
    )
    db.execute(
        "insert into http_cache(key, etag, last_modified, link, body, stored_at) values(?, ?, ?, ?, ?, ?)"
        " on conflict(key) do update set etag = excluded.etag, last_modified = excluded.last_modified,"
        " link = excluded.link, body = excluded.body, stored_at = excluded.stored_at",
        row,
    )
