"""A rest list whose page failed: resumed at its cursor by the next run, over real sockets."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from engine.model.snapshot import DeckState
from sources.rest.config.options import RestOptions
from sources.rest.source import Rest
from tests.harvesting import harvest, rows

PAGES, SIZE = 40, 3


def items_of(page: int) -> list[dict[str, int]]:
    return [{"id": page * 100 + number, "at": 1_700_000_000 + page} for number in range(SIZE)]


class Server:
    """A list behind cursors; `failing` gives the status of a cursor, and `asked` the cursors that were asked for."""

    paging: ClassVar[dict[str, Any]] = {"style": "cursor_body", "next": "next", "param": "cursor"}

    def __init__(self) -> None:
        self.failing: dict[str, int] = {}
        self.asked: list[str] = []
        self.since: list[str] = []
        self.url = ""

    def answer(self, query: dict[str, list[str]]) -> tuple[int, Any]:
        cursor = query.get("cursor", [""])[0]
        self.asked.append(cursor)
        self.since.append(query.get("since", [""])[0])
        if cursor in self.failing:
            return self.failing[cursor], {}
        page = int(cursor.removeprefix("c") or 1)
        return 200, {"items": items_of(page), "next": f"c{page + 1}" if page < PAGES else None}

    @contextmanager
    def running(self) -> Iterator["Server"]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 65_536  # one packet an answer: two of them wait for each other's acknowledgement

            def do_GET(self) -> None:
                status, body = server.answer(parse_qs(urlsplit(self.path).query))
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the name of the base class
                pass

        http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = Thread(target=http.serve_forever, daemon=True)
        thread.start()
        self.url = f"http://127.0.0.1:{http.server_address[1]}"
        try:
            yield self
        finally:
            http.shutdown()
            http.server_close()
            thread.join()

    def run(self, database: Path) -> DeckState:
        """Harvest the list; forget what earlier runs asked for."""
        self.asked.clear()
        self.since.clear()
        items = {
            "path": "/items",
            "key": ["id"],
            "columns": {"id": "id:integer"},
            "paging": self.paging,
            "since": {"param": "since", "item": "at", "format": "unix", "look_back": 0},
        }
        options = msgspec.convert({"base_url": self.url, "endpoints": {"items": items}}, RestOptions)
        return harvest(Rest(options, name="shop"), database)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server().running() as server:
        yield server


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "rows.db"


def stored(database: Path) -> int:
    return int(rows(database, "select count(*) from shop_items")[0][0])


def cursors(database: Path) -> list[tuple[Any, ...]]:
    return rows(database, "select value from cursor where name like '% since'")


def test_the_page_that_failed_is_where_the_next_run_goes_on_and_its_cursor_moves_at_the_end(
    server: Server, database: Path
) -> None:
    server.failing = {"c31": 403}
    first = server.run(database)
    assert (len(server.asked), stored(database), cursors(database)) == (31, 30 * SIZE, [])
    server.failing = {}

    second = server.run(database)

    assert server.asked == [f"c{page}" for page in range(31, PAGES + 1)]
    assert stored(database) == PAGES * SIZE
    assert cursors(database) == [(repr(1_700_000_000.0 + PAGES),)]
    assert (first.groups[0].failed, second.groups[0].failed) == (1, 0)
    server.run(database)
    assert server.since[0] == str(1_700_000_000 + PAGES)


def test_a_cursor_that_expired_in_between_begins_the_list_anew(server: Server, database: Path) -> None:
    server.failing = {"c31": 403}
    server.run(database)
    server.failing = {"c31": 410}

    again = server.run(database)

    assert server.asked == ["c31", "", *(f"c{page}" for page in range(2, 32))]
    assert again.groups[0].failed == 1
    assert cursors(database) == []


def test_a_list_that_is_not_there_has_failed(server: Server, database: Path) -> None:
    server.failing = {"": 404}

    deck = server.run(database)

    assert deck.groups[0].failed == 1
    assert stored(database) == 0


class Numbered(Server):
    """The same list behind page numbers, with its total: its pages are asked for at the same time."""

    paging: ClassVar[dict[str, Any]] = {"style": "page_number", "total": "total", "size": SIZE, "size_param": "size"}

    def answer(self, query: dict[str, list[str]]) -> tuple[int, Any]:
        page = query.get("page", ["1"])[0]
        self.asked.append(page)
        self.since.append(query.get("since", [""])[0])
        if page in self.failing:
            return self.failing[page], {}
        return 200, {"items": items_of(int(page)), "total": PAGES * SIZE}


def test_of_pages_that_are_asked_for_together_only_those_that_did_not_land_are_asked_for_again(
    database: Path,
) -> None:
    with Numbered().running() as server:
        server.failing = {"17": 403}
        server.run(database)
        assert len(server.asked) >= PAGES - 1
        assert cursors(database) == []
        server.failing = {}

        deck = server.run(database)

        assert sorted(server.asked) == ["17", str(PAGES)]
        assert stored(database) == PAGES * SIZE
        assert cursors(database) == [(repr(1_700_000_000.0 + PAGES),)]
        assert deck.groups[0].walks.whole == 1
