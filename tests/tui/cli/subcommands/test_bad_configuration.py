"""Bad configurations: one line each, with the file, the key, the value and the way out."""

from pathlib import Path

import pytest

from tests.tui.bad_configuration import ITEMS, NOT_SHOWN, SHOP, Bad, bare, check_refused, items, rest
from tests.tui.command import fetchdeck
from tui.common.exit_codes import Exit

EXAMPLES = Path(__file__).parents[4] / "examples"
BAD = {
    "the scheme of the address": Bad(
        text=rest(base="ftp://api.example.org"),
        key=f"{SHOP}.base_url",
        value='"ftp://api.example.org"',
        way_out="http(s)://",
    ),
    "a password in the address": Bad(
        text=rest(base="https://me:s3cretpass@api.example.org"),
        key=f"{SHOP}.base_url",
        value='"https://…@api.example.org"',
        way_out="no user or password: name the place of a secret with token_env",
        hidden="s3cretpass",
    ),
    "a query in the address": Bad(
        text=rest(base="https://api.example.org?v=1"),
        key=f"{SHOP}.base_url",
        value="?v=1",
        way_out="no query",
    ),
    "an address without a host": Bad(
        text=rest(base="https://"), key=f"{SHOP}.base_url", value='"https://"', way_out="host and an optional path"
    ),
    "no endpoint": Bad(text=bare("[sources.shop.endpoints]"), key=f"{SHOP}.endpoints", way_out="at least one entry"),
    "endpoints that are no table": Bad(
        text=bare('endpoints = "items"'), key=f"{SHOP}.endpoints", value='"items"', way_out="a table of keys and values"
    ),
    "no path": Bad(text=rest(endpoint='items = "data"'), key=f"{ITEMS}.path", way_out="a path below base_url"),
    "a path without a slash": Bad(
        text=rest(endpoint='path = "items"'), key=f"{ITEMS}.path", value='"items"', way_out="beginning with a slash"
    ),
    "a path on another host": Bad(
        text=rest(endpoint='path = "https://other.example.org/items"'),
        key=f"{ITEMS}.path",
        value='"https://other.example.org/items"',
        way_out="a path below base_url",
    ),
    "the name of an endpoint": Bad(
        text=bare('[sources.shop.endpoints."It ems"]\npath = "/items"'),
        key=f"{SHOP}.endpoints",
        value='"It ems"',
        way_out="lower-case letters, digits and underscores",
    ),
    "a name of the engine's tables": Bad(
        text=bare('[sources.shop.endpoints._fetchdeck_walk]\npath = "/items"'),
        key=f"{SHOP}.endpoints",
        value='"_fetchdeck_walk"',
        way_out="lower-case letters, digits and underscores",
    ),
    "an unknown key of an endpoint": Bad(
        text=items('item = "data"'), key=f"{ITEMS}.item", way_out='did you mean "items"?'
    ),
    "an unknown key of a source": Bad(
        text=rest('base_uri = "x"'), key=f"{SHOP}.base_uri", way_out='did you mean "base_url"?'
    ),
    "an unknown table": Bad(text='[sorces.shop]\nkind = "rest"', key="sorces", way_out='did you mean "sources"?'),
    "an unknown kind of source": Bad(
        text=bare("").replace('"rest"', '"soap"'), key=SHOP, value='"soap"', way_out="there are: anime"
    ),
    "a source that is no table": Bad(
        text="[sources]\nshop = 7", key=SHOP, value="7", way_out="a table of keys and values"
    ),
    "a method": Bad(
        text=items('method = "FETCH"'), key=f"{ITEMS}.method", value='"FETCH"', way_out='one of "GET", "POST"'
    ),
    "two bodies": Bad(
        text=items('method = "POST"\njson = { a = 1 }\nform = { a = "1" }'),
        key=f"{ITEMS}.form",
        value="json too",
        way_out="leave one out",
    ),
    "a template without a parent": Bad(
        text=items('params = { q = "{parent.id}" }'),
        key=f"{ITEMS}.params.q",
        value="{parent.id}",
        way_out="set parent",
    ),
    "a template that means nothing": Bad(
        text=rest(endpoint='path = "/x/{slce.a}"'),
        key=f"{ITEMS}.path",
        value="{slce.a}",
        way_out="{{ and }} for braces",
    ),
    "the name of a header": Bad(
        text=items('headers = { "X Y" = "a" }'), key=f"{ITEMS}.headers", value='"X Y"', way_out="the name of a header"
    ),
    "a header of two lines": Bad(
        text=items('headers = { X-Y = "a\\nb" }'),
        key=f"{ITEMS}.headers.X-Y",
        value='"a\\nb"',
        way_out="without line breaks",
    ),
    "a secret as a header": Bad(
        text=items('headers = { Authorization = "Bearer s3cretvalue" }'),
        key=f"{ITEMS}.headers.Authorization",
        way_out="describe it under auth",
        hidden="s3cretvalue",
    ),
    "a table as a parameter": Bad(
        text=items("params = { q = { a = 1 } }"), key=f"{ITEMS}.params.q", value='{"a":1}', way_out="text in quotes"
    ),
    "a format": Bad(
        text=items('format = "yaml"'), key=f"{ITEMS}.format", value='"yaml"', way_out='one of "csv", "json"'
    ),
    "a path with an open quote": Bad(
        text=items('items = "data.\'a"'), key=f"{ITEMS}.items", value="data.'a", way_out="names with dots in quotes"
    ),
    "a path with a bad position": Bad(
        text=items('items = "data[x]"'), key=f"{ITEMS}.items", value="data[x]", way_out="a path such as data.items"
    ),
    "a column with an empty step": Bad(
        text=items('columns = { id = "a..b" }'),
        key=f"{ITEMS}.columns.id",
        value='"a..b"',
        way_out='"stats.views:integer"',
    ),
    "the name of a column": Bad(
        text=items('columns = { "1 d" = "a" }'), key=f"{ITEMS}.columns", value='"1 d"', way_out="lower-case letters"
    ),
    "columns that differ by case": Bad(
        text=items('columns = { id = "a", ID = "b" }'),
        key=f"{ITEMS}.columns",
        value='"ID"',
        way_out="lower-case letters",
    ),
    "the type of a column": Bad(
        text=items('columns = { id = { path = "a", type = "number" } }'),
        key=f"{ITEMS}.columns.id.type",
        value='"number"',
        way_out='one of "boolean", "integer", "real"',
    ),
    "a column that every table has": Bad(
        text=items('columns = { raw = "a" }'), key=f"{ITEMS}.columns.raw", value='"raw"', way_out="choose another name"
    ),
    "a word of SQL as a column": Bad(
        text=items('columns = { select = "a" }'), key=f"{ITEMS}.columns.select", value='"select"', way_out='"select_"'
    ),
    "a style of paging": Bad(
        text=items('paging = { style = "pages" }'),
        key=f"{ITEMS}.paging.style",
        value='"pages"',
        way_out='"page_number"',
    ),
    "a cursor from nowhere": Bad(
        text=items('paging = { style = "cursor" }'),
        key=f"{ITEMS}.paging.next",
        value='style = "cursor"',
        way_out="needs either next",
    ),
    "an unknown key of paging": Bad(
        text=items('paging = { style = "offset", sise = 3 }'),
        key=f"{ITEMS}.paging.sise",
        way_out='did you mean "size"?',
    ),
    "pages of no size": Bad(
        text=items('paging = { style = "offset", size = 0 }'),
        key=f"{ITEMS}.paging.size",
        value="0",
        way_out="from 1 to",
    ),
    "fewer than no pages": Bad(
        text=items("paging = { max_pages = -1 }"), key=f"{ITEMS}.paging.max_pages", value="-1", way_out="from 1 to"
    ),
    "paging that is a list": Bad(
        text=items("paging = []"), key=f"{ITEMS}.paging", value="[]", way_out="a table of keys and values"
    ),
    "no number": Bad(
        text=rest("requests_per_second = nan"),
        key=f"{SHOP}.requests_per_second",
        value="nan",
        way_out="from 1 to 1,000,000",
    ),
    "an infinite pace": Bad(
        text=rest("requests_per_second = inf"), key=f"{SHOP}.requests_per_second", value="inf", way_out="a whole number"
    ),
    "a pace of nothing": Bad(
        text=rest("requests_per_second = 0"), key=f"{SHOP}.requests_per_second", value="0", way_out="from 1 to"
    ),
    "a window that begins with no day": Bad(
        text=items('windows = { from = "2019-13-01", every = "month", start_param = "a", end_param = "b" }'),
        key=f"{ITEMS}.windows.from",
        value='"2019-13-01"',
        way_out='write it as "2019-01-31"',
    ),
    "a window that ends before it begins": Bad(
        text=items('windows = { from = "2024-01-01", until = "2019-01-01", every = "month", start_param = "a" }'),
        key=f"{ITEMS}.windows.until",
        value="2019-01-01",
        way_out="leave it out for windows up to now",
    ),
    "the length of windows": Bad(
        text=items('windows = { from = "2019-01-01", every = "fortnight", start_param = "a", end_param = "b" }'),
        key=f"{ITEMS}.windows.every",
        value='"fortnight"',
        way_out='"month"',
    ),
    "an increment of no item": Bad(
        text=items('since = { param = "since" }'), key=f"{ITEMS}.since.item", way_out="a path such as"
    ),
    "a look-back into the future": Bad(
        text=items('since = { param = "since", item = "at", look_back = -1 }'),
        key=f"{ITEMS}.since.look_back",
        value="-1",
        way_out="of at least 0",
    ),
    "details that are asked again by a field of nothing": Bad(
        text=items('refresh = { when = "updated" }'),
        key=f"{ITEMS}.refresh.when",
        value='"updated"',
        way_out="set parent",
    ),
    "a resource that is not there": Bad(
        text=items('resource = "exports"'),
        key=f"{ITEMS}.resource",
        value='"exports"',
        way_out="a table resources.exports",
    ),
    "an unknown key of a resource": Bad(
        text=rest("[sources.shop.resources.exports]\nrequest = 3"),
        key=f"{SHOP}.resources.exports.request",
        way_out='did you mean "requests"?',
    ),
    "a parent that is not there": Bad(
        text=rest(endpoint='path = "/x/{parent.id}"\nparent = "users"'),
        key=f"{ITEMS}.parent",
        value='"users"',
        way_out="there are items",
    ),
    "parents in a circle": Bad(
        text=rest(
            endpoint='path = "/x/{parent.id}"\nparent = "users"',
            more='[sources.shop.endpoints.users]\npath = "/y/{parent.id}"\nparent = "items"',
        ),
        key=f"{ITEMS}.parent",
        value='"users"',
        way_out="one endpoint must have no parent",
    ),
    "values that nothing uses": Bad(
        text=items('values = ["a"]'), key=f"{ITEMS}.values", way_out="name one with {slice} in path or params"
    ),
    "an array that is no table": Bad(
        text=items("arrays = { labels = 3 }"),
        key=f"{ITEMS}.arrays.labels",
        value="3",
        way_out="a table of keys and values",
    ),
    "a status that is a success": Bad(
        text=items("skip = [200]"), key=f"{ITEMS}.skip[0]", value="200", way_out="from 300 to 599"
    ),
    "a way to authenticate": Bad(
        text=rest('auth = { type = "digest" }'), key=f"{SHOP}.auth.type", value='"digest"', way_out='one of "bearer"'
    ),
    "a header without a name": Bad(
        text=rest('auth = { type = "header" }'), key=f"{SHOP}.auth.name", way_out="the name of a header"
    ),
    "an unknown key of auth": Bad(
        text=rest('auth = { type = "bearer", hnt = "x" }'), key=f"{SHOP}.auth.hnt", way_out='did you mean "hint"?'
    ),
    "a grant without an address": Bad(
        text=rest('auth = { type = "oauth2", client_id = "a" }'), key=f"{SHOP}.auth.token_url", way_out="https://"
    ),
    "a grant over plain HTTP": Bad(
        text=rest('auth = { type = "oauth2", client_id = "a", token_url = "http://auth.example.org" }'),
        key=f"{SHOP}.auth.token_url",
        value=NOT_SHOWN,
        way_out="begins with https://",
    ),
    "an algorithm of no JWT": Bad(
        text=rest('auth = { type = "jwt", algorithm = "ROT13" }'),
        key=f"{SHOP}.auth.algorithm",
        value='"ROT13"',
        way_out='"RS256"',
    ),
    "a login without an address": Bad(
        text=rest('auth = { type = "session" }'), key=f"{SHOP}.auth.login_url", way_out="a path below base_url"
    ),
    "a token in the file": Bad(
        text=rest('token = "s3cretvalue"'),
        key=f"{SHOP}.token",
        way_out="token_env, token_file or token_command",
        hidden="s3cretvalue",
    ),
    "a command that is a text": Bad(
        text=rest('token_command = "cat s3cretvalue"'),
        key=f"{SHOP}.token_command",
        value=NOT_SHOWN,
        way_out="a list",
        hidden="s3cretvalue",
    ),
    "a command of no words": Bad(
        text=rest("token_command = []"), key=f"{SHOP}.token_command", way_out="at least one of them"
    ),
    "workers in words": Bad(
        text=rest('workers = "many"'), key=f"{SHOP}.workers", value='"many"', way_out="from 1 to 1000"
    ),
    "a value with control characters": Bad(
        text=items('format = "\\u001b[31mred"'), key=f"{ITEMS}.format", value="u001b[31mred", way_out='one of "csv"'
    ),
    "a very long value": Bad(
        text=items(f'format = "{"x" * 5000}"'), key=f"{ITEMS}.format", value="xxxxx…", way_out='one of "csv"'
    ),
    "a key that stands twice": Bad(
        text=rest("workers = 1\nworkers = 2"), key="line 5", value="at workers", way_out="each key stands once"
    ),
    "a text without quotes": Bad(
        text=rest("policy = fast"), key="line 4", value="at policy", way_out="a text stands in quotes"
    ),
    "a line that is no setting": Bad(text=rest("workers 7"), key="line 4", way_out="want key = value"),
    "a file that ends too early": Bad(
        text="theme = 'paper", key="line 1", value="at theme", way_out="close the quotes"
    ),
    "a control character in the file": Bad(
        text=b'theme = "a\x00b"', key="line 1", value=r"\x00", way_out="write it as an escape"
    ),
    "keys of a thousand parts": Bad(text=".".join(["a"] * 1500) + " = 1", key="", way_out="write shorter keys"),
    "bytes that are no UTF-8": Bad(text=b'theme = "\xff"', key="line 1", way_out="save the file as UTF-8"),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_bad_configuration_is_one_line_with_file_key_value_and_way_out(tmp_path: Path, bad: Bad) -> None:
    check_refused(tmp_path, bad)


def test_a_configuration_that_is_right_but_for_its_byte_order_mark_is_read(tmp_path: Path) -> None:
    file = tmp_path / "shop.toml"
    file.write_bytes(b"\xef\xbb\xbf" + rest().encode())

    ended = fetchdeck(tmp_path, "check", "--offline", "--config", str(file))

    assert (ended.returncode, ended.stderr) == (Exit.COMPLETE, "")
    assert "✓ shop: no token needed" in ended.stdout


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.name)
def test_every_example_passes_an_offline_check(tmp_path: Path, example: Path) -> None:
    ended = fetchdeck(tmp_path, "check", "--offline", "--config", str(example))

    assert (ended.returncode, ended.stderr) == (Exit.COMPLETE, "")
    assert "✗" not in ended.stdout
    assert "its API was not asked (--offline)" in ended.stdout


def test_an_offline_check_runs_no_command_for_a_token_and_still_finds_what_is_wrong(tmp_path: Path) -> None:
    file, ran = tmp_path / "shop.toml", tmp_path / "ran"
    file.write_text(rest(f'token_command = ["touch", "{ran}"]\nauth = {{ type = "bearer" }}'))
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(items('resource = "exports"'))

    assert fetchdeck(tmp_path, "check", "--offline", "--config", str(file)).returncode == Exit.COMPLETE
    assert not ran.exists()
    assert fetchdeck(tmp_path, "check", "--offline", "--config", str(wrong)).returncode == Exit.USAGE
