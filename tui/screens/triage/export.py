"""The export of failed requests: CSV for a spreadsheet, JSON lines for a program. Only the owner can read the file."""

import csv
import io
import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from engine.common.private_files import make_folder
from engine.model.snapshot import Attempt, FailedRequest, Failure
from tui.screens.triage.render import tried

COLUMNS: Final = (
    *("source", "kind", "status", "attempts", "given_up", "request"),
    *("reason", "fingerprint", "id", "response_head", "history"),
)
_FORMULA: Final = ("=", "+", "-", "@")
Value = str | int | None | tuple[Attempt, ...]
Failed = tuple[Failure, Sequence[FailedRequest]]


def write(folder: Path, found: Iterable[Failed], kind: str, now: float) -> tuple[Path, int]:
    """Write a new file of a kind ("csv" or "jsonl"); return its path and the number of requests in it.

    Raises:
        OSError: the folder cannot be created or written.
    """
    rows = [_row(failure, request) for failure, requests in found for request in requests]
    make_folder(folder)
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%d-%H%M%S")
    # O_EXCL: two exports in one second get two files, and a planted link is never followed.
    for number in range(1000):
        path = folder / f"errors-{stamp}{f'-{number}' if number else ''}.{kind}"
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(_csv(rows) if kind == "csv" else _jsonl(rows))
        return path, len(rows)
    raise FileExistsError(f"{folder} is full of files of this second")


def _row(failure: Failure, request: FailedRequest) -> tuple[Value, ...]:
    given_up = datetime.fromtimestamp(request.at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    facts = (request.status, request.attempts, given_up, request.what, request.reason, failure.fingerprint)
    return (failure.source, failure.kind, *facts, request.id, "\n".join(request.head), request.history)


def _csv(rows: Iterable[Sequence[Value]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([[_cell(value) for value in row] for row in rows])
    return text.getvalue()


def _cell(value: Value) -> str | int | None:
    """Escape text that a spreadsheet would run as a formula (https://owasp.org/www-community/attacks/CSV_Injection)."""
    if isinstance(value, tuple):
        return "\n".join(tried(one, UTC) for one in value)
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _jsonl(rows: Iterable[Sequence[Value]]) -> str:
    return "".join(msgspec.json.encode(dict(zip(COLUMNS, row, strict=True))).decode() + "\n" for row in rows)
