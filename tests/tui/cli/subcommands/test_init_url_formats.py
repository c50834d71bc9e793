"""`fetchdeck init URL` of answers that are no list in JSON: what is written down is run, and its rows are the truth."""

import json
import sqlite3
import tomllib
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.api_server import Answer, Asked, serving
from tests.tui.command import complaint, fetchdeck

RATES = {"USD": 1.08, "GBP": 0.85, "JPY": 161.0, "CHF": 0.96}
COINS = {
    "bitcoin": {"usd": 61_000, "eur": 56_000},
    "ethereum": {"usd": 2_400, "eur": 2_200},
    "dai": {"usd": 1, "eur": 1},
}
PLAYERS = {"17": {"name": "Ann", "goals": 4}, "4": {"name": "Bob", "goals": 0}}
DAYS = {"2024-01-01": {"open": 1.5, "close": 2.5}, "2024-01-02": {"open": 2.5, "close": 2.25}}
CSV = 'id;name;zip;price\r\n1;"Ann; ""so called""";01234;1.5\r\n2;"two\nlines";99999;2\r\n3;ü;00001;\r\n'
BOOKS = [(1, 'Ann; "so called"', "01234", 1.5), (2, "two\nlines", "99999", 2.0), (3, "ü", "00001", None)]
LINES = b"".join(b'{"id": %d, "name": "thing %d"}\n' % (number, number) for number in range(1, 38))
RSS = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>
<item><title>One &amp; two</title><guid isPermaLink="false">g1</guid><comments>4</comments></item>
<item><title>Three</title><guid isPermaLink="false">g2</guid><comments>0</comments></item></channel></rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:feed</id><title>Feed</title>
<link href="https://x.example/"/><link rel="self" href="https://x.example/feed"/>
<entry><id>urn:1</id><title type="html">One</title><link href="https://x.example/1"/></entry>
<entry><id>urn:2</id><title type="html">Two</title><link href="https://x.example/2"/></entry></feed>"""
SITEMAP = b"""<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://x.example/a</loc></url>
<url><loc>https://x.example/b</loc></url></urlset>"""


def configuration(home: Path) -> Path:
    return home / ".config" / "fetchdeck" / "config.toml"


def endpoint_of(home: Path) -> dict[str, Any]:
    found: dict[str, Any]
    (found,) = tomllib.loads(configuration(home).read_text())["sources"]["shop"]["endpoints"].values()
    return found


def harvested(home: Path, answer: Answer, path: str, columns: Sequence[str]) -> list[tuple[Any, ...]]:
    """Propose from an answer, run what was written, and return the rows of the table."""
    with serving(lambda _: answer) as api:
        made = fetchdeck(home, "init", f"{api.url}/{path}", "--name", "shop", "--db", str(home / "h.db"))
        assert made.returncode == 0, made.stderr
        checked = fetchdeck(home, "check")
        ended = fetchdeck(home, "run", "shop", "--headless", "--json", "--db", str(home / "h.db"))
    assert checked.returncode == 0, checked.stdout
    assert ended.returncode == 0, ended.stderr
    (table,) = json.loads(ended.stdout)["sources"]["shop"]["rows"]
    with closing(sqlite3.connect(home / "h.db")) as database:
        names = ", ".join(f'"{name}"' for name in columns)
        return database.execute(f'select {names} from "{table}" order by 1').fetchall()


@pytest.mark.parametrize(
    ("body", "items", "columns", "truth"),
    [
        (
            {"base": "EUR", "date": "2024-06-30", "rates": RATES},
            "rates.*",
            ["key", "value"],
            sorted(RATES.items()),
        ),
        (COINS, "*", ["key", "usd", "eur"], sorted((name, one["usd"], one["eur"]) for name, one in COINS.items())),
        (
            {"meta": {"season": 2024}, "data": {"players": PLAYERS}},
            "data.players.*",
            ["key", "name", "goals"],
            [(4, "Bob", 0), (17, "Ann", 4)],
        ),
        ({"rates": DAYS}, "rates.*", ["key", "open", "close"], [(day, *one.values()) for day, one in DAYS.items()]),
    ],
    ids=["rates", "coins", "players", "days"],
)
def test_a_map_becomes_a_row_a_key(
    tmp_path: Path, body: object, items: str, columns: list[str], truth: list[tuple[Any, ...]]
) -> None:
    assert harvested(tmp_path, Answer(body=body), "latest", columns) == truth
    assert endpoint_of(tmp_path)["items"] == items
    assert endpoint_of(tmp_path)["key"] == ["key"]
    (line,) = [line for line in configuration(tmp_path).read_text().splitlines() if line.startswith("items = ")]
    assert "# guess: " in line


@pytest.mark.parametrize(
    ("kind", "content", "said"),
    [
        ("text/csv; charset=utf-8", CSV.encode(), True),
        ("text/plain", CSV.encode(), False),
        ("application/octet-stream", b"\xef\xbb\xbf" + CSV.replace(";", ",").replace("Ann,", "Ann;").encode(), False),
        ("text/csv; charset=iso-8859-1", CSV.encode("latin-1"), True),
        ("text/csv", CSV.encode("cp1252"), True),
        ("text/tab-separated-values", CSV.replace(";", "\t").replace("Ann\t", "Ann;").encode(), True),
    ],
    ids=["csv", "plain", "comma", "latin-1", "undeclared", "tabs"],
)
def test_a_csv_becomes_a_row_a_line(tmp_path: Path, kind: str, content: bytes, said: bool) -> None:
    answer = Answer(body=content, headers={"Content-Type": kind})

    assert harvested(tmp_path, answer, "books.csv", ["id", "name", "zip", "price"]) == BOOKS
    lines = configuration(tmp_path).read_text().splitlines()
    (line,) = [line for line in lines if line.startswith("format = ")]
    assert line == 'format = "csv"  # ' + ("the content type says CSV" if said else "guess: the answer looks like CSV")
    assert 'id = "id:integer"  # guess: numbers on the first page' in lines
    assert 'zip = "zip"' in lines


@pytest.mark.parametrize("kind", ["application/x-ndjson", "application/jsonl", "text/plain", "application/json"])
def test_json_lines_become_a_row_a_line(tmp_path: Path, kind: str) -> None:
    answer = Answer(body=LINES, headers={"Content-Type": kind})

    assert harvested(tmp_path, answer, "things.jsonl", ["id", "name"]) == [
        (number, f"thing {number}") for number in range(1, 38)
    ]
    assert endpoint_of(tmp_path)["format"] == "jsonl"


@pytest.mark.parametrize(
    ("kind", "content", "items", "columns", "truth"),
    [
        (
            "application/rss+xml", RSS, "rss.channel.item", ["guid", "title", "comments"],
            [("g1", "One & two", 4), ("g2", "Three", 0)],
        ),
        ("text/plain", ATOM, "feed.entry", ["id", "title", "link_href"],
         [("urn:1", "One", "https://x.example/1"), ("urn:2", "Two", "https://x.example/2")]),
        ("text/xml", SITEMAP, "urlset.url", ["loc"], [("https://x.example/a",), ("https://x.example/b",)]),
        ("application/xml", b'<r><row id="2" n="x"/><row id="1" n="y"/></r>', "r.row", ["id", "n"],
         [(1, "y"), (2, "x")]),
    ],
    ids=["rss", "atom", "sitemap", "attributes"],
)  # fmt: skip
def test_the_elements_of_xml_become_rows(
    tmp_path: Path, kind: str, content: bytes, items: str, columns: list[str], truth: list[tuple[Any, ...]]
) -> None:
    answer = Answer(body=content, headers={"Content-Type": kind})

    assert harvested(tmp_path, answer, "feed.xml", columns) == truth
    assert endpoint_of(tmp_path)["items"] == items
    assert endpoint_of(tmp_path)["key"] == columns[:1]


def test_an_api_that_has_the_choice_is_asked_for_json_and_then_for_what_it_answered(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Answer:
        if "text/csv" not in asked.headers["accept"]:
            return Answer(status=406, body={})
        return Answer(body=CSV.encode(), headers={"Content-Type": "text/csv"})

    with serving(answer) as api:
        made = fetchdeck(tmp_path, "init", f"{api.url}/export", "--name", "shop")
        ended = fetchdeck(tmp_path, "run", "shop", "--headless", "--json")
        accepted = [asked.headers["accept"] for asked in api.asked]

    assert made.returncode == 0, made.stderr
    assert json.loads(ended.stdout)["sources"]["shop"]["rows"] == {"shop_export": 3}
    assert accepted[0].startswith("application/json, ")
    assert accepted[1].startswith("text/csv, ")


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("text/plain", b"hello world\nthis is a text\n"),
        ("text/plain", b"OK"),
        ("application/json", b"id,name\n1,a\n2,b\n"),
        ("application/octet-stream", bytes(range(256)) * 8),
        ("text/plain", b"<!-- x --><HTML><p>a,b"),
        ("text/plain", b"7"),
        ("application/xml", b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'),
    ],
    ids=["text", "word", "csv called json", "bytes", "html", "number", "entities"],
)
def test_what_has_no_format_that_is_known_is_refused_in_one_line(tmp_path: Path, kind: str, content: bytes) -> None:
    with serving(lambda _: Answer(body=content, headers={"Content-Type": kind})) as api:
        line = complaint(fetchdeck(tmp_path, "init", f"{api.url}/books"))

    assert f"/books answers {kind}, and has no items in JSON, JSON Lines, CSV or XML" in line
    assert not configuration(tmp_path).exists()


def test_no_text_of_a_file_becomes_toml_or_acts_on_a_terminal(tmp_path: Path) -> None:
    evil = '"id","x""]\n[http]\nproxy = 1 #","\x1b[2J[red]","a\u202eb"\n1,"\x1b[31m","[link=x]",4\n2,b,c,5\n'
    answer = Answer(body=evil.encode(), headers={"Content-Type": "text/csv"})

    with serving(lambda _: answer) as api:
        made = fetchdeck(tmp_path, "init", f"{api.url}/books", "--name", "shop")

    assert made.returncode == 0, made.stderr
    document = tomllib.loads(configuration(tmp_path).read_text())
    assert (list(document), list(document["sources"])) == (["database", "sources"], ["shop"])
    assert endpoint_of(tmp_path)["columns"] == {"id": "id:integer"}
    assert "\x1b" not in made.stdout + made.stderr + configuration(tmp_path).read_text()
