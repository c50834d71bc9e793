"""A secret that an API repeats is nowhere afterwards: not in a table, a log, an error, the summary or an export."""

import json
import sqlite3
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from engine.common.redaction import REMOVED
from tests.api_server import Answer, Api, Asked, serving
from tests.tui.command import fetchdeck, launch

KEY = "k3y/With+odd=chars&9"
FORMS = (
    KEY,
    quote(KEY, safe=""),
    b64encode(KEY.encode()).decode()[:-3],
    b64encode(f"me:{KEY}".encode()).decode()[4:-4],
)
AUTH = {
    "bearer": '{ type = "bearer" }',
    "header": '{ type = "header", name = "X-Api-Key" }',
    "query": '{ type = "query", name = "api_key" }',
    "cookie": '{ type = "cookie", name = "sid" }',
    "basic": '{ type = "basic" }',
}


def answer(asked: Asked) -> Answer:
    """Repeat the secret wherever a server could."""
    echo = {"X-Debug": f"key={quote(KEY, safe='')}"}
    if asked.path == "/items":
        bearer = b64encode(f"me:{KEY}".encode()).decode()
        rows = [
            {"id": 1, "note": f"seen by {KEY}"},
            {"id": 2, "note": f"as Basic {bearer}"},
            {"id": 3, "note": "plain"},
        ]
        return Answer(body=rows, headers={**echo, "ETag": '"1"'})
    if asked.path == "/bad":
        return Answer(body={"message": f"invalid api key '{KEY}' ({quote(KEY, safe='')})"}, status=400, headers=echo)
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in KEY)
    return Answer(body=f'{{"error": "{escaped}", broken'.encode(), headers=echo)


@pytest.fixture
def api() -> Iterator[Api]:
    with serving(answer) as server:
        yield server


@pytest.mark.parametrize("auth", AUTH.values(), ids=AUTH)
def test_a_secret_that_an_api_repeats_is_in_no_file_and_in_no_output(tmp_path: Path, api: Api, auth: str) -> None:
    (tmp_path / "shop.toml").write_text(
        f'[sources.shop]\nkind = "rest"\nbase_url = "{api.url}"\nauth = {auth}\nretries = 0\n'
        + "".join(f'[sources.shop.endpoints.{name}]\npath = "/{name}"\n' for name in ("items", "bad", "broken"))
    )
    secret = f"me:{KEY}" if "basic" in auth else quote(KEY, safe="") if "cookie" in auth else KEY
    environ = {"FETCHDECK_SHOP_TOKEN": secret}
    common = ("--config", "shop.toml", "--db", "shop.db")

    ended = [
        launch(tmp_path, "run", *common, "--json", "--max-retries", "0", **environ),
        fetchdeck(tmp_path, "errors", *common, "--requests", **environ),
        fetchdeck(tmp_path, "errors", *common, "--json", **environ),
        fetchdeck(tmp_path, "export", "--out", "out", "--format", "csv", *common, **environ),
        fetchdeck(tmp_path, "check", *common, **environ),
    ]

    assert len([one for one in api.asked if one.path == "/bad"]) >= 1
    said = "".join(one.stdout + one.stderr for one in ended)
    files = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    for form in (secret, *FORMS):
        assert form not in said
        assert form.encode() not in files
    with sqlite3.connect(tmp_path / "shop.db") as db:
        notes = dict(
            db.execute("select json_extract(raw, '$.id'), json_extract(raw, '$.note') from shop_items").fetchall()
        )
        stored = json.dumps(db.execute("select * from request").fetchall())
    db.close()
    assert notes[1] == f"seen by {REMOVED}"
    assert notes[3] == "plain"
    assert REMOVED in said
    assert KEY not in stored
