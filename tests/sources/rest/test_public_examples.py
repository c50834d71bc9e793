"""Every example of a public API, harvested once from a server that answers as that API's documentation shows."""

import json
import threading
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
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
OWN = {"rest-simulator"}
"""Examples of no public API; tests/sources/rest/test_simulated.py harvests this one's."""
Answer = tuple[Any, Mapping[str, str]]
"""A body, and headers."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a request asks for."""

    path: str
    query: Mapping[str, str]
    origin: str
    """Where the server is, for the addresses in an answer."""

    def number(self, name: str, default: int) -> int:
        return int(self.query.get(name, default))


def frankfurter(asked: Asked) -> Answer:
    """https://frankfurter.dev: the rates are a map."""
    assert (asked.path, asked.query["base"]) == ("/v1/latest", "EUR")
    return {"amount": 1.0, "base": "EUR", "date": "2026-11-30", "rates": {"CHF": 0.94, "JPY": 171, "USD": 1.1}}, {}


def earthquakes(asked: Asked) -> Answer:
    """https://earthquake.usgs.gov/fdsnws/event/1/: a whole answer, without pages. Three events a month here."""
    assert (asked.path, asked.query["format"], asked.query["minmagnitude"]) == ("/fdsnws/event/1/query", "geojson", "5")
    month = asked.query["starttime"][:7]
    assert asked.query["starttime"] < asked.query["endtime"]
    events = [
        {
            "type": "Feature",
            "id": f"us{month.replace('-', '')}{n}",
            "properties": {
                "mag": 5 + n / 10,
                "place": f"{n} km off Ebino, {month}",
                "time": 1_704_067_200_000 + 1_000 * n,
            },
            "geometry": {"type": "Point", "coordinates": [142.1, -38.2, 30]},
        }
        for n in range(3)
    ]
    return {"type": "FeatureCollection", "metadata": {"count": 3}, "features": events}, {}


def openalex(asked: Asked) -> Answer:
    """https://docs.openalex.org/how-to-use-the-api/get-lists-of-entities/paging: null ends a cursor."""
    assert (asked.path, asked.query["per-page"]) == ("/works", "200")
    first, following = {"*": (1, "IlsxMDBd"), "IlsxMDBd": (201, None)}[asked.query["cursor"]]
    people = [
        {"author_position": place, "author": {"id": f"https://openalex.org/A{n}", "display_name": name}}
        for n, (place, name) in enumerate([("first", "Ada"), ("last", "Grace")], start=1)
    ]
    works = [
        {
            "id": f"https://openalex.org/W{n:04}",
            "display_name": f"work {n}",
            "publication_date": "2024-05-01",
            "authorships": people,
            "cited_by_count": n,
        }
        for n in range(first, min(first + 200, 251))
    ]
    return {"meta": {"count": 250, "per_page": 200, "next_cursor": following}, "results": works}, {}


def stackexchange(asked: Asked) -> Answer:
    """https://api.stackexchange.com/docs/wrapper: `has_more` tells of another page."""
    assert (asked.path, asked.query["site"], asked.query["pagesize"]) == ("/2.3/questions", "stackoverflow", "100")
    page = asked.number("page", 1)
    items = [
        {
            "question_id": n,
            "title": f"question {n}",
            "score": n % 7 - 3,
            "is_answered": n % 2 == 0,
            "creation_date": 1_700_000_000 + n,
            "owner": {"display_name": "ada"},
            "tags": ["python", "textual"],
        }
        for n in range(100 * page - 99, min(100 * page, 230) + 1)
    ]
    return {"items": items, "has_more": page < 3, "quota_max": 300, "quota_remaining": 290}, {}


def wordpress(asked: Asked) -> Answer:
    """https://developer.wordpress.org/rest-api/using-the-rest-api/pagination/: headers tell how many there are."""
    assert (asked.path, asked.query["orderby"]) == ("/news/wp-json/wp/v2/posts", "modified")
    page = asked.number("page", 1)
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


def crossref(asked: Asked) -> Answer:
    """https://www.crossref.org/documentation/retrieve-metadata/rest-api/: there is always a next cursor."""
    assert (asked.path, asked.query["rows"]) == ("/works", "100")
    page = 0 if asked.query["cursor"] == "*" else int(asked.query["cursor"].removeprefix("page"))
    items = [
        {
            "DOI": f"10.1000/{n:03}",
            "title": [f"title {n}"],
            "container-title": ["A Journal"],
            "type": "journal-article",
        }
        for n in range(100 * page, min(100 * page + 100, 240))
    ]
    return {"status": "ok", "message": {"total-results": 240, "items": items, "next-cursor": f"page{page + 1}"}}, {}


def pokeapi(asked: Asked) -> Answer:
    """https://pokeapi.co/docs/v2: lists of names by offset, with addresses of their neighbours; an object for each."""
    kind, _, name = asked.path.removeprefix("/api/v2/").partition("/")
    many = {"type": 230, "move": 937}[kind]
    if name:
        shown = {"id": int(name.rpartition("-")[2]) + 1, "name": name, "generation": {"name": "generation-i"}}
        return {**shown, "move_damage_class": {"name": "physical"}}, {}
    offset, limit = asked.number("offset", 0), asked.number("limit", 20)
    last = min(offset + limit, many)
    address = f"{asked.origin}/api/v2/{kind}"
    return {
        "count": many,
        "next": f"{address}?offset={last}&limit={limit}" if last < many else None,
        "previous": f"{address}?offset={offset - limit}&limit={limit}" if offset else None,
        "results": [{"name": f"{kind}-{n:03}", "url": f"{address}/{n + 1}/"} for n in range(offset, last)],
    }, {}


def openlibrary(asked: Asked) -> Answer:
    """https://openlibrary.org/dev/docs/api/subjects: works by offset, with their number."""
    if asked.path.startswith("/books/"):
        return {"key": asked.path.removesuffix(".json"), "title": "an edition", "number_of_pages": 100}, {}
    assert asked.path == "/subjects/lighthouses.json"
    offset, limit = asked.number("offset", 0), asked.number("limit", 12)
    works = [
        {
            "key": f"/works/OL{n:03}W",
            "title": f"work {n}",
            "first_publish_year": 1900 + n,
            "cover_edition_key": f"OL{n:03}M",
            "edition_count": 2,
            "authors": [{"key": "/authors/OL1A", "name": "Virginia Woolf"}],
        }
        for n in range(offset, min(offset + limit, 160))
    ]
    return {"name": "lighthouses", "subject_type": "subject", "work_count": 160, "works": works}, {}


def hackernews(asked: Asked, hits: int = 3_400) -> Answer:
    """https://hn.algolia.com/api: pages from 0. Of all its hits a search gives the first 1,000."""
    assert (asked.path, asked.query["tags"], asked.query["query"]) == ("/api/v1/search_by_date", "story", "sqlite")
    page, size = asked.number("page", 0), asked.number("hitsPerPage", 20)
    given = min(hits, 1_000)
    stories = [
        {
            "objectID": f"{40_000_000 - n}",
            "title": f"story {n}",
            "url": None,
            "author": "pg",
            "points": n,
            "created_at": "2026-11-30T08:09:10Z",
            "created_at_i": 1_796_026_150,
            "_tags": ["story", "author_pg"],
        }
        for n in range(size * page, min(size * page + size, given))
    ]
    return {"hits": stories, "nbHits": hits, "page": page, "nbPages": -(-given // size), "hitsPerPage": size}, {}


def few_hits(asked: Asked) -> Answer:
    """Find fewer stories than the API gives."""
    return hackernews(asked, hits=250)


def jsonplaceholder(asked: Asked) -> Answer:
    """https://jsonplaceholder.typicode.com/guide: 10 users, 100 posts and 500 comments, numbered through, no pages."""
    match asked.path.strip("/").split("/"):
        case ["users"]:
            return [
                {
                    "id": n,
                    "name": f"user {n}",
                    "email": f"u{n}@example.test",
                    "address": {"city": "Gwenborough", "geo": {"lat": "-37.3159", "lng": "81.1496"}},
                }
                for n in range(1, 11)
            ], {}
        case ["users", user, "posts"]:
            posts = range(10 * int(user) - 9, 10 * int(user) + 1)
            return [{"userId": int(user), "id": n, "title": f"post {n}", "body": "quia et"} for n in posts], {}
        case ["posts", post, "comments"]:
            comments = range(5 * int(post) - 4, 5 * int(post) + 1)
            return [
                {"postId": int(post), "id": n, "email": f"c{n}@example.test", "body": "laudantium"} for n in comments
            ], {}
    raise AssertionError(asked.path)


@dataclass(frozen=True, kw_only=True)
class Example:
    """An example, the API it is for, and what a harvest of it must bring."""

    respond: Callable[[Asked], Answer]
    end: Completeness
    """How the least known of its lists ends."""
    walks: int
    """How many lists are walked. 0 for windows, whose number grows with time."""
    rows: Mapping[str, tuple[int, str, tuple[Any, ...], tuple[Any, ...]]]
    """For each table: the number of its rows, the columns to look at, and these of the first and the last row."""
    name: str = ""
    """Its file, where that is not the name of the case."""


WHOLE, BOUNDED = Completeness.WHOLE, Completeness.BOUNDED
STORY = "id, title, author, points, created_at"
CASES: Mapping[str, Example] = {
    "frankfurter": Example(
        respond=frankfurter,
        end=WHOLE,
        walks=1,
        rows={"rate": (3, "currency, rate", ("CHF", 0.94), ("USD", 1.1))},
    ),
    "earthquakes": Example(respond=earthquakes, end=WHOLE, walks=0, rows={}),
    "openalex": Example(
        respond=openalex,
        end=WHOLE,
        walks=1,
        rows={
            "work": (
                250,
                "id, title, published, cited",
                ("https://openalex.org/W0001", "work 1", "2024-05-01", 1),
                ("https://openalex.org/W0250", "work 250", "2024-05-01", 250),
            ),
            "work_author": (
                500,
                "work_id, author, name, position",
                ("https://openalex.org/W0001", "https://openalex.org/A1", "Ada", "first"),
                ("https://openalex.org/W0250", "https://openalex.org/A2", "Grace", "last"),
            ),
        },
    ),
    "stackexchange": Example(
        respond=stackexchange,
        end=WHOLE,
        walks=1,
        rows={
            "question": (
                230,
                "question_id, title, score, answered, asked, asker",
                (1, "question 1", -2, 0, "2023-11-14T22:13:21Z", "ada"),
                (230, "question 230", 3, 1, "2023-11-14T22:17:10Z", "ada"),
            ),
            "question_tag": (460, "question_question_id, tag", (1, "python"), (230, "textual")),
        },
    ),
    "wordpress": Example(
        respond=wordpress,
        end=WHOLE,
        walks=1,
        rows={
            "post": (
                350,
                "id, title, link, modified",
                (1, "post 1", "https://x.test/1", "2026-01-02T03:04:05Z"),
                (350, "post 350", "https://x.test/350", "2026-01-02T03:04:05Z"),
            )
        },
    ),
    "crossref": Example(
        respond=crossref,
        end=WHOLE,
        walks=1,
        rows={
            "work": (
                240,
                "doi, title, published_in, kind",
                ("10.1000/000", "title 0", "A Journal", "journal-article"),
                ("10.1000/239", "title 239", "A Journal", "journal-article"),
            )
        },
    ),
    "pokeapi": Example(
        respond=pokeapi,
        end=WHOLE,
        walks=232,
        rows={
            "type_index": (230, "name", ("type-000",), ("type-229",)),
            "type": (
                230,
                "id, name, generation, damage_class",
                (1, "type-000", "generation-i", "physical"),
                (230, "type-229", "generation-i", "physical"),
            ),
            "move_index": (937, "name", ("move-000",), ("move-936",)),
        },
    ),
    "openlibrary": Example(
        respond=openlibrary,
        end=BOUNDED,
        walks=61,
        rows={
            "works": (
                60,
                "work_key, title, first_published, author, cover_edition, editions",
                ("/works/OL000W", "work 0", 1900, "Virginia Woolf", "OL000M", 2),
                ("/works/OL059W", "work 59", 1959, "Virginia Woolf", "OL059M", 2),
            ),
            "edition": (
                60,
                "edition_key, work_key, title, pages",
                ("/books/OL000M", "/works/OL000W", "an edition", 100),
                ("/books/OL059M", "/works/OL059W", "an edition", 100),
            ),
        },
    ),
    "hackernews": Example(
        respond=hackernews,
        end=BOUNDED,
        walks=1,
        rows={
            "stories": (
                1_000,
                STORY,
                ("39999001", "story 999", "pg", 999, "2026-11-30T08:09:10Z"),
                ("40000000", "story 0", "pg", 0, "2026-11-30T08:09:10Z"),
            )
        },
    ),
    "hackernews with few hits": Example(
        name="hackernews",
        respond=few_hits,
        end=WHOLE,
        walks=1,
        rows={
            "stories": (
                250,
                STORY,
                ("39999751", "story 249", "pg", 249, "2026-11-30T08:09:10Z"),
                ("40000000", "story 0", "pg", 0, "2026-11-30T08:09:10Z"),
            )
        },
    ),
    "jsonplaceholder": Example(
        respond=jsonplaceholder,
        end=WHOLE,
        walks=111,
        rows={
            "users": (
                10,
                "id, name, email, city, lat",
                (1, "user 1", "u1@example.test", "Gwenborough", "-37.3159"),
                (10, "user 10", "u10@example.test", "Gwenborough", "-37.3159"),
            ),
            "posts": (
                100,
                "id, user_id, author, title, body",
                (1, 1, "user 1", "post 1", "quia et"),
                (100, 10, "user 10", "post 100", "quia et"),
            ),
            "comments": (
                500,
                "id, post_id, email, body",
                (1, 1, "c1@example.test", "laudantium"),
                (500, 100, "c500@example.test", "laudantium"),
            ),
        },
    ),
}


@contextmanager
def serving(respond: Callable[[Asked], Answer]) -> Iterator[str]:
    """Serve an API on loopback; yield its origin."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {key: value[0] for key, value in parse_qs(parts.query).items()}
            body, headers = respond(Asked(path=parts.path, query=query, origin=origin))
            content = json.dumps(body).encode()
            self.send_response(200)
            for header, value in {"content-type": "application/json", **headers}.items():
                self.send_header(header, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    origin = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield origin
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def play(name: str, respond: Callable[[Asked], Answer], database: Path) -> GroupState:
    """Harvest an example from a server on loopback; its pace is for the public API and is left out."""
    document = tomllib.loads((EXAMPLES / f"rest-{name}.toml").read_text(encoding="utf-8"))
    ((source, table),) = document["sources"].items()
    paces = {
        "kind", "requests_per_second", "requests_per_minute", "requests_per_hour", "min_interval", "concurrency"
    }  # fmt: skip
    given = {key: value for key, value in table.items() if key not in paces}
    with serving(respond) as origin:
        given["base_url"] = origin + urlsplit(table["base_url"]).path
        return harvest(Rest(msgspec.convert(given, RestOptions), name=source), database, token=None).groups[0]


@pytest.mark.parametrize(("name", "case"), CASES.items(), ids=CASES)
def test_an_example_brings_every_row_of_its_api_and_says_how_its_lists_end(
    tmp_path: Path, name: str, case: Example
) -> None:
    ended = play(case.name or name, case.respond, tmp_path / "h.db")

    for table, (many, columns, first, last) in case.rows.items():
        found = rows(tmp_path / "h.db", f"select {columns} from {ended.name}_{table} order by {columns}")
        assert (len(found), found[0], found[-1]) == (many, first, last), table
    assert (ended.failed, ended.walks.named) == (0, ())
    assert ended.walks.worst is case.end
    assert not case.walks or ended.walks.total == case.walks


def test_every_example_of_a_public_api_is_harvested() -> None:
    there = {path.stem for path in EXAMPLES.glob("rest-*.toml")}

    assert there - OWN == {f"rest-{case.name or name}" for name, case in CASES.items()}


def test_the_example_of_earthquakes_asks_month_by_month(tmp_path: Path) -> None:
    ended = play("earthquakes", earthquakes, tmp_path / "h.db")

    found = rows(tmp_path / "h.db", "select id, place, magnitude, at, longitude, latitude from usgs_event order by id")
    assert found[:4] == [
        ("us2024010", "0 km off Ebino, 2024-01", 5.0, "2024-01-01T00:00:00Z", 142.1, -38.2),
        ("us2024011", "1 km off Ebino, 2024-01", 5.1, "2024-01-01T00:00:01Z", 142.1, -38.2),
        ("us2024012", "2 km off Ebino, 2024-01", 5.2, "2024-01-01T00:00:02Z", 142.1, -38.2),
        ("us2024020", "0 km off Ebino, 2024-02", 5.0, "2024-01-01T00:00:00Z", 142.1, -38.2),
    ]
    assert len(found) == 3 * ended.walks.total
    assert ended.walks.total >= 24
