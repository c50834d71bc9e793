"""kill -9 at random moments: what had landed is never fetched again, and in the end nothing is missing or doubled."""

import random
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest

from tests.faults.harvester import CONNECTIONS, PER_PAGE, REQUESTS

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
UNWRITTEN = 2 * CONNECTIONS + 32
"""Answers that may wait for the disk: what a lane allows beside those in flight."""


@dataclass
class Api:
    """Serves pages of items and the items, and remembers every request in order."""

    asked: list[str] = field(default_factory=list)
    arrived: threading.Condition = field(default_factory=threading.Condition)
    url: str = ""

    def handler(self) -> type[BaseHTTPRequestHandler]:
        asked, arrived = self.asked, self.arrived

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                with arrived:
                    asked.append(self.path)
                    arrived.notify_all()
                body = msgspec.json.encode(_truth(self.path))
                head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
                self.wfile.write(head.encode() + body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that is killed resets its connections."""


def _truth(path: str) -> object:
    if path.startswith("/item/"):
        return {"id": int(path.removeprefix("/item/"))}
    first = int(path.partition("page=")[2]) * PER_PAGE
    return list(range(first, first + PER_PAGE))


@contextmanager
def serving() -> Iterator[Api]:
    api = Api()
    with Server(("127.0.0.1", 0), api.handler()) as server:
        api.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield api
        finally:
            server.shutdown()
            thread.join()


def harvest(url: str, database: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "tests.faults.harvester", url, str(database)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL)


def rows(database: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(database)) as db:
        return db.execute(query).fetchall()


def landed(database: Path) -> set[str]:
    """Say which requests have landed, by the path they asked for."""
    keys = {str(row[0]) for row in rows(database, "select key from request where state = 'done'")}
    return {
        key.replace("item ", "/item/") if key.startswith("item") else key.replace("page ", "/items?page=")
        for key in keys
    }


def wait_for(api: Api, many: int, child: "subprocess.Popen[bytes]") -> None:
    """Let the child ask so many more times, or end."""
    with api.arrived:
        goal = len(api.asked) + many
        while len(api.asked) < goal and child.poll() is None:
            api.arrived.wait(0.1)


def tables(database: Path) -> list[list[tuple[object, ...]]]:
    return [
        rows(database, "select id, title, raw from fake_item order by id"),
        rows(database, "select item_id, text, raw from fake_detail order by item_id"),
        rows(database, "select name, value from cursor order by name"),
    ]


@pytest.mark.parametrize(
    ("many", "seed"), [(20, 20261121), pytest.param(500, None, marks=pytest.mark.night)], ids=["20", "500"]
)
def test_a_harvest_killed_at_many_moments_ends_as_one_that_was_not(
    tmp_path: Path, many: int, seed: int | None, record_property: Callable[[str, object], None]
) -> None:
    chance = random.Random(seed)
    killed, whole = tmp_path / "killed.db", tmp_path / "whole.db"
    kills: list[tuple[int, set[str]]] = []

    with serving() as api:
        for _ in range(many):
            child = harvest(api.url, killed)
            wait_for(api, chance.randrange(1, 2 * REQUESTS // (many + 2)), child)
            child.kill()
            child.wait()
            kills.append((len(api.asked), landed(killed)))
        assert harvest(api.url, killed).wait() == 0
        again = [path for position, done in kills for path in api.asked[position:] if path in done]
        repeated = [len(set(api.asked[:position]) - done) for position, done in kills]
        assert harvest(api.url, whole).wait() == 0

    assert len({len(done) for _, done in kills}) > many // 2, "the kills did not hit different moments"
    assert again == []
    record_property("figure", f"{many} kills, at most {max(repeated)} of {REQUESTS:,} requests asked again after one")
    assert max(repeated) <= CONNECTIONS + UNWRITTEN
    assert tables(killed) == tables(whole)
    assert len(landed(killed)) == REQUESTS
    assert rows(killed, "pragma integrity_check") == [("ok",)]
