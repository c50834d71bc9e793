"""Failed requests, read beside a running harvest: the list of one kind of error, and the details of one request.

Every call opens the file read-only and closes it again, so any thread may call.
"""

import json
import shlex
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode

from engine.common.errors import StoreUnusable
from engine.common.text import clean
from engine.model.snapshot import Attempt, FailedDetail, FailedRequest, Failure
from engine.model.source import Auth, Param, Request, Source
from engine.storage import failures, frontier
from engine.storage.failures import attempts_of
from engine.storage.frontier import describe
from engine.storage.opening import open_read_only

_SAFE: Final = "!#$&'()*+,/:;=?@[]~%"
_TELLING: Final = frozenset({"token", "access_token", "api_key", "apikey", "key", "secret", "password", "me"})
HIDDEN: Final = "HIDDEN"
MOST: Final = 500
"""Requests listed of one kind of error: the newest."""
HEAD_BYTES: Final = 8_192
"""Bytes shown of a stored body."""
HEAD_LINES: Final = 100
_COLUMNS: Final = (
    "select request.id, source, failure, spec, status, attempt, refused, request.ended_at, request.reason, key, head,"
    " request.state from request join run on run.id = run_id left join response_head on request_id = request.id where"
)
_NEWEST: Final = " order by request.ended_at desc, request.id desc limit ?"


# A request as a curl command, to try it by hand. The secret is named by its environment variable, never shown.


def curl(request: Request, *, base_url: str, headers: Mapping[str, str], auth: Auth | None) -> str:
    """Return a curl command in printable ASCII for a POSIX shell; "" where the request is no HTTP request.

    The header with the secret is added only where the request goes to the source's own address. A parameter whose name
    suggests a secret is hidden, in case a source puts one there.
    """
    if request.via != "http":
        return ""
    address = request.url if "://" in request.url else base_url + request.url
    words = ["curl", "-gsS"]  # -g: brackets in the address are literal
    if request.method != "GET":
        words += ["-X", request.method]
    for name, value in {**headers, **request.headers}.items():
        words += ["-H", shlex.quote(f"{name}: {value}")]
    if auth is not None and address.startswith(base_url + "/"):
        name, before = ("Cookie", f"{auth.cookie}=") if auth.cookie else (auth.header, auth.prefix)
        words += ["-H", f'"{_plain(name)}: {_plain(before)}{_variable(auth)}"']
    if request.json is not None:
        words += ["-H", "'Content-Type: application/json'", "--data", shlex.quote(json.dumps(request.json))]
    if request.form is not None:
        words += ["--data", shlex.quote(_encoded(request.form))]
    return _ascii(" ".join([*words, shlex.quote(_with_params(address, request.params))]))


def kinds(database: Path, sources: Sequence[str], many: int) -> Sequence[Failure]:
    """Return the kinds of error of each source, the newest first, at most `many` of a source.

    Raises:
        StoreUnusable: the file cannot be read.
    """
    with _reading(database) as db:
        return [one for source in sources for one in failures.load(db, source, many)]


def failed(database: Path, source: str, fingerprint: str, many: int = MOST) -> Sequence[FailedRequest]:
    """Return a source's failed requests of one kind of error that were not queued again, the newest first.

    Raises:
        StoreUnusable: the file cannot be read.
    """
    query = f"{_COLUMNS} request.state = 'failed' and failure = ? and source = ?{_NEWEST}"
    with _reading(database) as db:
        return _listed(db, query, (fingerprint, source, many))


def quarantined(database: Path, sources: Sequence[str] = (), many: int = MOST) -> Sequence[FailedRequest]:
    """Return the requests in quarantine, of the given sources or of all, the newest first.

    Raises:
        StoreUnusable: the file cannot be read.
    """
    mine = f" and source in ({', '.join('?' * len(sources))})" if sources else ""
    query = f"{_COLUMNS} request.state = 'aside'{mine}{_NEWEST}"
    with _reading(database) as db:
        return _listed(db, query, (*sources, many))


def inspect(database: Path, id: int, sources: Mapping[str, Source]) -> FailedDetail | None:
    """Return all that is stored about a failed request; None when it no longer counts as failed.

    Raises:
        StoreUnusable: the file cannot be read.
    """
    with _reading(database) as db:
        found = _listed(
            db, f"{_COLUMNS} request.state in ('failed', 'aside') and request.id = ?", (frontier.row_id(id),)
        )
        if not found:
            return None
        (shown,) = found
        spec, refused, key = db.execute("select spec, refused, key from request where id = ?", (id,)).fetchone()
        kept = db.execute(
            "select substr(body, 1, ?), length(body) from quarantine where source = ? and key = ?"
            " order by id desc limit 1",
            (HEAD_BYTES, shown.source, key),
        ).fetchone()
    source = sources.get(shown.source)
    request = frontier.unpack(spec)
    line = curl(request, base_url=source.base_url, headers=source.headers, auth=source.auth) if source else ""
    return FailedDetail(
        request=shown,
        address=clean(request.url if source is None or "://" in request.url else source.base_url + request.url, 500),
        refused=refused,
        curl=line,
        body=_lines(kept[0]) if kept else (),
        body_size=kept[1] if kept else None,
    )


def _with_params(address: str, params: Mapping[str, Param]) -> str:
    query = _encoded(params)
    between = "&" if "?" in address else "?"
    return quote(address, safe=_SAFE) + (between + query if query else "")


def _encoded(params: Mapping[str, Param]) -> str:
    shown = {name: HIDDEN if name.lower() in _TELLING else value for name, value in params.items()}
    return urlencode(shown, doseq=True)


def _variable(auth: Auth) -> str:
    if auth.grant is not None:
        return "$ACCESS_TOKEN"  # the variable holds what a token is got for, which is no business of this address
    return f"${auth.env[0]}" if auth.env else HIDDEN


def _plain(text: str) -> str:
    """Drop the characters that a shell interprets between double quotes."""
    return "".join(letter for letter in text if letter not in '"$`\\!')


def _ascii(text: str) -> str:
    return "".join(letter if letter.isascii() and letter.isprintable() else "?" for letter in text)


def _listed(db: sqlite3.Connection, query: str, values: tuple[object, ...]) -> list[FailedRequest]:
    rows = db.execute(query, values).fetchall()
    tried = attempts_of(db, [row["id"] for row in rows])
    return [_request(row, tried.get(row["id"], ())) for row in rows]


def _request(row: sqlite3.Row, tried: Sequence[Attempt]) -> FailedRequest:
    return FailedRequest(
        id=row["id"],
        source=row["source"],
        fingerprint=row["failure"],
        what=describe(frontier.unpack(row["spec"])),
        status=row["status"],
        attempts=row["attempt"],
        at=row["ended_at"],
        reason=clean(row["reason"]),
        head=tuple(clean(line, 500) for line in (row["head"] or "").split("\n") if line),
        aside=row["state"] == "aside",
        history=tuple(tried),
    )


def _lines(head: bytes) -> tuple[str, ...]:
    """Return the beginning of a body, line by line, with every control character made visible."""
    text = head.decode(errors="replace").replace("\r\n", "\n")
    return tuple(clean(line, 2000) for line in text.split("\n")[:HEAD_LINES])


@contextmanager
def _reading(database: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(open_read_only(database, timeout=0.5)) as db:
            db.row_factory = sqlite3.Row
            # One snapshot for all queries of a call: the engine may commit between them.
            db.execute("begin")
            yield db
    except sqlite3.Error as error:
        raise StoreUnusable(f"cannot read the database {database}: {error}") from error
