"""Every example of a public API, harvested once from a server that answers as that API's documentation shows."""

import json
import threading
import tomllib
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from engine.model.snapshot import GroupState
from engine.model.walk import Completeness
from sources.rest.config.options import RestOptions
from sources.rest.source import Rest
from tests.harvesting import harvest, rows

EXAMPLES = Path(__file__).parents[3] / "examples"
Query = Mapping[str, str]
Answer = tuple[Any, Mapping[str, str]]
"""A body, and headers."""


def frankfurter(path: str, query: Query) -> Answer:
    """https://frankfurter.dev: the rates are a map."""
    assert (path, query["base"]) == ("/v1/latest", "EUR")
    return {"amount": 1.0, "base": "EUR", "date": "2026-11-30", "rates": {"CHF": 0.94, "JPY": 171, "USD": 1.1}}, {}


def earthquakes(path: str, query: Query) -> Answer:
    """https://earthquake.usgs.gov/earthquakes/feed/v1.0/geojson.php: one event a month here."""
    assert path == "/fdsnws/event/1/query"
    month = query["starttime"][:7]
    event = {
        "type": "Feature",
        "id": f"us{month.replace('-', '')}",
        "properties": {"mag": 5.4, "place": f"somewhere in {month}", "time": 1_706_745_600_000},
        "geometry": {"type": "Point", "coordinates": [142.1, 38.2, 30]},
    }
    return {"type": "FeatureCollection", "metadata": {"count": 1}, "features": [event]}, {}


def openalex(path: str, query: Query) -> Answer:
    """https://docs.openalex.org/how-to-use-the-api/get-lists-of-entities/paging: null ends a cursor."""
    assert path == "/works"
    cursor = query["cursor"]
    first, following = {"*": (1, "IlsxMDBd"), "IlsxMDBd": (201, None)}[cursor]
    people = [{"author_position": "first", "author": {"id": "https://openalex.org/A1", "display_name": "Ada"}}]
    works = [
        {"id": f"https://openalex.org/W{n}", "display_name": f"work {n}", "authorships": people, "cited_by_count": n}
        for n in range(first, min(first + 200, 251))
    ]
    return {"meta": {"count": 250, "per_page": 200, "next_cursor": following}, "results": works}, {}


def stackexchange(path: str, query: Query) -> Answer:
    """https://api.stackexchange.com/docs/wrapper: `has_more` tells of another page."""
    assert (path, query["site"], query["pagesize"]) == ("/2.3/questions", "stackoverflow", "100")
    page = int(query.get("page", "1"))
    items = [
        {
            "question_id": n,
            "title": f"question {n}",
            "score": 1,
            "is_answered": n % 2 == 0,
            "creation_date": 1_700_000_000 + n,
            "owner": {"display_name": "ada"},
            "tags": ["python", "textual"],
        }
        for n in range(100 * page - 99, min(100 * page, 230) + 1)
    ]
    return {"items": items, "has_more": page < 3, "quota_max": 300, "quota_remaining": 290}, {}


def wordpress(path: str, query: Query) -> Answer:
    """https://developer.wordpress.org/rest-api/using-the-rest-api/pagination/: headers tell how many there are."""
    assert path == "/news/wp-json/wp/v2/posts"
    page = int(query.get("page", "1"))
    posts = [
        {
            "id": n,
            "title": {"rendered": f"post {n}"},
            "link": f"https://x.test/{n}",
            "modified_gmt": "2026-01-02T03:04:05",
        }
        for n in range(100 * page - 99, min(100 * page, 350) + 1)
    ]
    return posts, {"X-WP-Total": "350", "X-WP-TotalPages": "4"}


def crossref(path: str, query: Query) -> Answer:
    """https://www.crossref.org/documentation/retrieve-metadata/rest-api/: there is always a next cursor."""
    assert path == "/works"
    page = 0 if query["cursor"] == "*" else int(query["cursor"].removeprefix("page"))
    items = [
        {"DOI": f"10.1000/{n}", "title": [f"title {n}"], "container-title": ["A Journal"], "type": "journal-article"}
        for n in range(100 * page, min(100 * page + 100, 240))
    ]
    return {"status": "ok", "message": {"total-results": 240, "items": items, "next-cursor": f"page{page + 1}"}}, {}


def pokeapi(path: str, query: Query) -> Answer:
    """https://pokeapi.co/docs/v2: lists of names, and an object for each."""
    kind, _, name = path.removeprefix("/api/v2/").partition("/")
    if not name:
        names = {"type": ["normal", "fire"], "move": ["pound", "cut"]}[kind]
        return {"count": 2, "next": None, "previous": None, "results": [{"name": n, "url": f"/{n}"} for n in names]}, {}
    return {"id": len(name), "name": name, "generation": {"name": "one"}, "move_damage_class": {"name": "x"}}, {}


def openlibrary(path: str, query: Query) -> Answer:
    """https://openlibrary.org/dev/docs/api/subjects: works by offset, with their number."""
    if path.startswith("/books/"):
        return {"key": path.removesuffix(".json"), "title": "an edition", "number_of_pages": 100}, {}
    offset = int(query.get("offset", "0"))
    works = [
        {"key": f"/works/W{n}", "title": f"work {n}", "cover_edition_key": f"OL{n}M", "edition_count": 2, "authors": []}
        for n in range(offset, min(offset + 20, 50))
    ]
    return {"name": "lighthouses", "work_count": 50, "works": works}, {}


CASES: Mapping[str, tuple[Callable[[str, Query], Answer], Mapping[str, int]]] = {
    "frankfurter": (frankfurter, {"rate": 3}),
    "earthquakes": (earthquakes, {}),
    "openalex": (openalex, {"work": 250, "work_author": 250}),
    "stackexchange": (stackexchange, {"question": 230, "question_tag": 460}),
    "wordpress": (wordpress, {"post": 350}),
    "crossref": (crossref, {"work": 240}),
    "pokeapi": (pokeapi, {"type_index": 2, "type": 2, "move_index": 2}),
    "openlibrary": (openlibrary, {"works": 50, "edition": 50}),
}


@pytest.fixture
def played(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[str, GroupState, Path]]:
    """Harvest an example from a server on loopback; its pace is for the public API and is left out."""
    name: str = request.param
    respond = CASES[name][0]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            body, headers = respond(parts.path, {key: value[0] for key, value in parse_qs(parts.query).items()})
            content = json.dumps(body).encode()
            self.send_response(200)
            for header, value in {"content-type": "application/json", **headers}.items():
                self.send_header(header, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        document = tomllib.loads((EXAMPLES / f"rest-{name}.toml").read_text(encoding="utf-8"))
        ((source, table),) = document["sources"].items()
        base = urlsplit(table["base_url"])
        paces = {"kind", "requests_per_second", "requests_per_minute", "min_interval", "concurrency"}
        given = {key: value for key, value in table.items() if key not in paces}
        given["base_url"] = f"http://127.0.0.1:{server.server_address[1]}{base.path}"
        made = Rest(msgspec.convert(given, RestOptions), name=source)
        yield name, harvest(made, tmp_path / "h.db", token=None).groups[0], tmp_path / "h.db"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("played", CASES, indirect=True)
def test_an_example_brings_every_row_of_its_api(played: tuple[str, GroupState, Path]) -> None:
    name, ended, database = played

    tables = {table: rows(database, f"select count(*) from {ended.name}_{table}")[0][0] for table in CASES[name][1]}

    assert tables == CASES[name][1]
    assert (ended.failed, ended.walks.named) == (0, ())
    assert ended.walks.worst in {Completeness.WHOLE, Completeness.UNCONFIRMED, Completeness.BOUNDED}


@pytest.mark.parametrize("played", ["earthquakes"], indirect=True)
def test_the_example_of_earthquakes_asks_month_by_month(played: tuple[str, GroupState, Path]) -> None:
    _, ended, database = played

    found = rows(database, "select id, magnitude, longitude, latitude from usgs_event order by id")

    assert found[:2] == [("us202401", 5.4, 142.1, 38.2), ("us202402", 5.4, 142.1, 38.2)]
    assert len(found) == ended.walks.total >= 24


@pytest.mark.parametrize("played", ["frankfurter"], indirect=True)
def test_the_example_of_rates_takes_the_keys_of_a_map_as_a_column(played: tuple[str, GroupState, Path]) -> None:
    _, _, database = played

    assert rows(database, "select currency, rate from frankfurter_rate order by currency") == [
        ("CHF", 0.94),
        ("JPY", 171.0),
        ("USD", 1.1),
    ]
