"""`fetchdeck init URL`: one question to an API becomes a source."""

import json
import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.api_server import Answer, Asked, serving
from tests.tui.command import complaint, fetchdeck

BOOKS = [{"id": number, "title": f"book {number}", "price": number / 4, "rank": "7"} for number in range(1, 94)]


def shop(asked: Asked) -> Answer:
    """Serve 93 books in pages of 20, with a Link header; a key is wanted below /locked."""
    if asked.path == "/locked/books" and asked.query.get("api_key") != "s3cret9":
        return Answer(status=401, body={"error": "no key"})
    if not asked.path.endswith("/books"):
        return Answer(status=404, body={})
    page = int(asked.query.get("page", "1"))
    more = page * 20 < len(BOOKS)
    link = {"Link": f'<{asked.path}?page={page + 1}>; rel="next"'} if more else {}
    return Answer(body=BOOKS[(page - 1) * 20 : page * 20], headers=link)


def configuration(home: Path) -> Path:
    return home / ".config" / "fetchdeck" / "config.toml"


def written(home: Path) -> dict[str, Any]:
    sources: dict[str, Any] = tomllib.loads(configuration(home).read_text())["sources"]
    return sources


def test_one_request_becomes_a_configuration_that_harvests_the_whole_list(tmp_path: Path) -> None:
    with serving(shop) as api:
        made = fetchdeck(tmp_path, "init", f"{api.url}/api/v2/books", "--name", "shop")
        asked = len(api.asked)
        checked = fetchdeck(tmp_path, "check")
        harvested = fetchdeck(tmp_path, "run", "shop", "--headless", "--json")

    assert made.returncode == 0, made.stderr
    assert asked == 1
    assert written(tmp_path)["shop"] == {
        "kind": "rest",
        "base_url": f"{api.url}/api/v2",
        "endpoints": {
            "books": {
                "path": "/books",
                "items": "$",
                "key": ["id"],
                "paging": {"style": "link_header"},
                "columns": {"id": "id:integer", "title": "title", "price": "price:real", "rank": "rank"},
            }
        },
    }
    assert stat.S_IMODE(configuration(tmp_path).stat().st_mode) == 0o600
    assert checked.returncode == 0, checked.stdout
    assert json.loads(harvested.stdout)["sources"]["shop"]["rows"] == {"shop_books": 93}


def test_what_is_a_guess_is_marked_as_one(tmp_path: Path) -> None:
    with serving(shop) as api:
        fetchdeck(tmp_path, "init", f"{api.url}/books", "--name", "shop")

    lines = configuration(tmp_path).read_text().splitlines()
    assert 'key = ["id"]  # guess: id differs in all 20 items' in lines
    assert 'style = "link_header"  # guess: as the answer shows' in lines
    assert 'path = "/books"' in lines


def test_three_rows_are_shown_without_anything_a_terminal_acts_on(tmp_path: Path) -> None:
    evil = [{"id": number, "title": f"\x1b[2J[red]{number}"} for number in range(5)]
    with serving(lambda _: Answer(body={"data": {"books": evil}})) as api:
        made = fetchdeck(tmp_path, "init", f"{api.url}/books", "--name", "shop")

    head, columns, *rows = made.stdout.splitlines()[:5]
    assert head == "3 of 5 rows of shop.books:"
    assert columns.split() == ["id", "title"]
    assert [row.split(maxsplit=1) for row in rows] == [[str(number), f"␛[2J[red]{number}"] for number in range(3)]
    assert "\x1b" not in made.stdout


def test_a_secret_in_the_address_is_asked_with_and_never_written(tmp_path: Path) -> None:
    with serving(shop) as api:
        made = fetchdeck(tmp_path, "init", f"{api.url}/locked/books?api_key=s3cret9&sort=asc", "--name", "shop")

    text = configuration(tmp_path).read_text()
    assert made.returncode == 0, made.stderr
    assert api.asked[0].query == {"api_key": "s3cret9", "sort": "asc"}
    assert "s3cret9" not in text + made.stdout + made.stderr
    assert written(tmp_path)["shop"]["auth"] == {"type": "query", "name": "api_key", "env": "FETCHDECK_SHOP_TOKEN"}
    assert written(tmp_path)["shop"]["endpoints"]["books"]["params"] == {"sort": "asc"}
    said = [line for line in made.stderr.splitlines() if "api_key" in line]
    assert said == [
        'the parameter "api_key" is a secret and is not written: put it into the variable FETCHDECK_SHOP_TOKEN'
    ]


def test_a_password_in_the_address_is_sent_as_basic_and_never_written(tmp_path: Path) -> None:
    with serving(shop) as api:
        address = f"{api.url}/books".replace("http://", "http://ann:pa%40ss@")
        made = fetchdeck(tmp_path, "init", address, "--name", "shop")

    assert made.returncode == 0, made.stderr
    assert api.asked[0].headers["authorization"] == "Basic YW5uOnBhQHNz"
    assert written(tmp_path)["shop"]["auth"] == {"type": "basic", "env": "FETCHDECK_SHOP_TOKEN"}
    assert "pa%40ss" not in configuration(tmp_path).read_text() + made.stdout + made.stderr


def test_a_dry_run_prints_the_table_alone_and_writes_nothing(tmp_path: Path) -> None:
    with serving(shop) as api:
        made = fetchdeck(tmp_path, "init", f"{api.url}/books", "--name", "shop", "--dry-run")

    assert list(tomllib.loads(made.stdout)["sources"]) == ["shop"]
    assert not configuration(tmp_path).exists()


def test_a_source_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    with serving(shop) as api:
        fetchdeck(tmp_path, "init", f"{api.url}/books", "--name", "shop")
        before = configuration(tmp_path).read_text()
        again = complaint(fetchdeck(tmp_path, "init", f"{api.url}/books", "--name", "shop", "--yes"))
        unsaid = complaint(fetchdeck(tmp_path, "init", f"{api.url}/books", "--name", "other"))
        assert configuration(tmp_path).read_text() == before
        added = fetchdeck(tmp_path, "init", f"{api.url}/books", "--name", "other", "--yes")

    assert again == (
        "sources.shop is in ~/.config/fetchdeck/config.toml already: to put this one beside it, add --name shop-2"
    )
    assert unsaid.startswith("~/.config/fetchdeck/config.toml exists: --yes puts in sources.other")
    assert added.returncode == 0, added.stderr
    assert configuration(tmp_path).read_text().startswith(before.rstrip())
    assert list(written(tmp_path)) == ["shop", "other"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/locked/books", "answers 401: it wants a secret; put it into FETCHDECK_SHOP_TOKEN"),
        ("/locked/books?api_key=wrong", "answers 401: it refuses the secret of the address"),
        ("/nowhere", "answers 404: there is no such list"),
    ],
)
def test_an_address_that_is_refused_is_one_line_and_writes_nothing(tmp_path: Path, path: str, said: str) -> None:
    with serving(shop) as api:
        line = complaint(fetchdeck(tmp_path, "init", f"{api.url}{path}", "--name", "shop"))

    assert said in line
    assert "wrong" not in line
    assert not configuration(tmp_path).exists()


def test_a_page_to_read_is_no_address_of_an_api(tmp_path: Path) -> None:
    page = Answer(body=b"<!doctype html><p>hello", headers={"Content-Type": "text/html; charset=utf-8"})
    with serving(lambda _: page) as api:
        line = complaint(fetchdeck(tmp_path, "init", f"{api.url}/books"))

    assert line.endswith("/books answers text/html, not JSON: want an address of the API, not of a page to read")


def test_how_a_secret_is_sent_may_be_said(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Answer:
        return Answer(body=BOOKS[:5] if asked.headers.get("x-api-key") == "k" else {}, status=200)

    with serving(answer) as api:
        options = ["--name", "shop", "--auth", "header:X-Api-Key"]
        made = fetchdeck(tmp_path, "init", f"{api.url}/books", *options, FETCHDECK_SHOP_TOKEN="k")
        wrong = complaint(fetchdeck(tmp_path, "init", f"{api.url}/books", "--auth", "haeder:X"))

    assert "3 of 5 rows" in made.stdout, made.stderr
    assert written(tmp_path)["shop"]["auth"]["name"] == "X-Api-Key"
    assert wrong.startswith('--auth: there is no "haeder:X": did you mean "header"?')


def test_an_answer_of_more_than_can_be_read_is_refused_in_one_line(tmp_path: Path) -> None:
    with serving(lambda _: Answer(body=b"[" + b" " * (65 << 20))) as api:
        line = complaint(fetchdeck(tmp_path, "init", f"{api.url}/books"))

    assert "/books cannot be asked: " in line
    assert "larger than" in line
    assert not configuration(tmp_path).exists()
