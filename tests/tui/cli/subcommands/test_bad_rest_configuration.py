"""Bad configurations of `rest`, key by key, and what is bad outside of the file: variables, `--set`, secrets, files."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.tui.bad_configuration import ITEMS, NOT_SHOWN, SHOP, Bad, bare, check_refused, items, rest
from tests.tui.command import complaint, fetchdeck

SECRET = "s3cretvalue"
WINDOWS = 'windows = { from = "2019-01-01", start_param = "a" }'
OAUTH = 'type = "oauth2", client_id = "me", token_url = "/token"'
SESSION = 'type = "session", login_url = "/login"'


def of_items(keys: str, key: str, value: str, way_out: str) -> Bad:
    """Describe a bad key of an endpoint."""
    return Bad(text=items(keys), key=f"{ITEMS}.{key}", value=value, way_out=way_out)


def of_shop(keys: str, key: str, value: str, way_out: str) -> Bad:
    """Describe a bad key of a source."""
    return Bad(text=rest(keys), key=f"{SHOP}.{key}", value=value, way_out=way_out, hidden=SECRET)


def of_base(address: str, value: str) -> Bad:
    """Describe an address that has the right form and is none."""
    return Bad(text=rest(base=address), key=f"{SHOP}.base_url", value=value, way_out="such as https://api.example.com")


ENDPOINTS = {
    # names
    "a name that begins with a digit": Bad(
        text=rest().replace(ITEMS, f"{SHOP}.endpoints.2items"),
        key=f"{SHOP}.endpoints",
        value='"2items"',
        way_out="a letter first",
    ),
    "a name of 300 letters": Bad(
        text=rest().replace(ITEMS, f"{SHOP}.endpoints.{'x' * 300}"),
        key=f"{SHOP}.endpoints",
        value='"xxx',
        way_out="41 at most",
    ),
    "a name that is a path": Bad(
        text=rest().replace(ITEMS, f'{SHOP}.endpoints."../../x"'),
        key=f"{SHOP}.endpoints",
        value='"../../x"',
        way_out="lower-case letters, digits and underscores",
    ),
    # bodies, templates, headers, parameters
    "a form sent by GET": of_items('form = { a = "1" }\nmethod = "GET"', "method", '"GET"', "leave it out"),
    "a JSON body that is a text": of_items('json = "x"', "json", '"x"', "a table of keys and values or a list"),
    "a JSON body with no number": of_items("json = { a = [1, nan] }", "json.a[1]", "nan", "a finite number"),
    "a JSON body that names a parent": of_items(
        'json = { a = "{parent.id}" }', "json.a", "wants 1 parents, and there are 0", "set parent"
    ),
    "a table in a form": of_items("form = { a = { b = 1 } }", "form.a", '{"b":1}', "text in quotes or a number"),
    "a brace that opens only": of_items('params = { q = "{parent.id" }', "params.q", '"{parent.id"', "{{ and }}"),
    "a brace that closes only": Bad(
        text=rest(endpoint='path = "/a}"'), key=f"{ITEMS}.path", value='"/a}"', way_out="{{ and }}"
    ),
    "braces around nothing": of_items('params = { q = "{}" }', "params.q", "{}", "{{ and }}"),
    "more parents than there are": Bad(
        text=rest(
            endpoint='path = "/{parent.parent.id}"\nparent = "users"', more=f'[{SHOP}.endpoints.users]\npath = "/u"'
        ),
        key=f"{ITEMS}.path",
        value="{parent.parent.id} wants 2 parents, and there are 1",
        way_out="set parent",
    ),
    "a header beyond Latin-1": of_items('headers = { X-Y = "\u20ac" }', "headers.X-Y", '"\u20ac"', "printable Latin-1"),
    "a header that ends with a space": of_items('headers = { X-Y = "a " }', "headers.X-Y", '"a "', "no space at its"),
    "a header that frames the request": of_items(
        'headers = { Content-Length = "3" }', "headers.Content-Length", "", "leave it out"
    ),
    "headers that are a list": Bad(
        text=items(f'headers = ["Authorization: Bearer {SECRET}"]'),
        key=f"{ITEMS}.headers",
        value=NOT_SHOWN,
        way_out="a table of keys and values",
        hidden=SECRET,
    ),
    "a parameter of no values": of_items("params = { q = [] }", "params.q", "[]", "at least one of them"),
    "a parameter of lists": of_items("params = { q = [[1]] }", "params.q", "[[1]]", "each text in quotes or a number"),
    "a parameter that is no number": of_items("params = { q = nan }", "params.q", "nan", "a finite number"),
    "a parameter that is a date": of_items("params = { q = 2024-01-31 }", "params.q", "2024-01-31", "text in quotes"),
    "a parameter in two places": Bad(
        text=rest(endpoint='path = "/x?a=1"\nparams = { a = 2 }'), key=f"{ITEMS}.path", value='"a"', way_out="leave one"
    ),
    "a path that leads out": Bad(
        text=rest(endpoint='path = "/a/../../b"'), key=f"{ITEMS}.path", value='"/a/../../b"', way_out='leave ".." out'
    ),
    "a path with a control character": Bad(
        text=rest(endpoint='path = "/a\\u0007"'), key=f"{ITEMS}.path", value="/a\\u0007", way_out="a path below"
    ),
    # formats and paths
    "a delimiter of two characters": of_items(
        'format = "csv"\ncsv = { delimiter = ";;" }', "csv.delimiter", '";;"', "one character"
    ),
    "a delimiter that ends a line": of_items(
        'format = "csv"\ncsv = { delimiter = "\\n" }', "csv.delimiter", r"'\n'", 'such as ";"'
    ),
    "an encoding": of_items(
        'format = "csv"\ncsv = { encoding = "utf-99" }', "csv.encoding", '"utf-99"', "want utf-8, latin-1 or cp1252"
    ),
    "CSV settings without CSV": of_items('csv = { delimiter = ";" }', "csv", 'format = "json"', 'set format = "csv"'),
    "a path to the rows of a CSV": of_items('format = "csv"\nitems = "data"', "items", '"data"', "leave it out"),
    "an unknown key of csv": of_items(
        'format = "csv"\ncsv = { delimter = ";" }', "csv.delimter", "", 'did you mean "delimiter"?'
    ),
    "a position that is a fraction": of_items('items = "a[1.5]"', "items", '"a[1.5]"', "a path such as data.items"),
    "a position too far": of_items('items = "a[99999999]"', "items", '"a[99999999]"', "a path such as data.items"),
    "a name with a space": of_items(
        'items = "the items"', "items", '"the items"', r"""write it as "'the items'" """.strip()
    ),
    "an annotation with a space": of_items(
        'paging = { style = "cursor", next = "meta.@odata.next link" }',
        "paging.next",
        '"meta.@odata.next link"',
        "write it as \"meta.'@odata.next link'\"",
    ),
    "a quote that stays open": of_items('items = "\'a"', "items", '"\'a"', "a path such as data.items"),
    "a column's name with a colon": of_items(
        'columns = { title = "dc:title" }', "columns.title", '"dc:title"', "write it as \"'dc:title'\""
    ),
    "a column's name with a space": of_items(
        'columns = { title = "the name:integer" }', "columns.title", '"the name:integer"', "\"'the name':integer\""
    ),
    "a key that is no name of a column": of_items(
        'key = ["user-id"]', "key[0]", '"user-id"', 'write key = ["user_id"] and, in columns, user_id = "user-id"'
    ),
    "a column's type by another name": of_items(
        'columns = { id = "id:int" }',
        "columns.id",
        '"id:int"',
        'the type "int" is called integer: write it as "id:integer"',
    ),
    "a column's path with a secret in it": Bad(
        text=items(f'columns = {{ id = "token: {SECRET}" }}'),
        key=f"{ITEMS}.columns.id",
        value=NOT_SHOWN,
        way_out="a JSON path",
        hidden=SECRET,
    ),
    "a path to an error": of_items("error = 3", "error", "3", "a path such as data.items"),
    # paging
    "an offset without a size": of_items(
        'paging = { style = "offset" }', "paging.size", 'style = "offset"', "needs it"
    ),
    "a last item without a path": of_items(
        'paging = { style = "keyset" }', "paging.item", 'style = "keyset"', "needs it"
    ),
    "a last item without a place": of_items(
        'paging = { style = "keyset", item = "id" }', "paging.param", 'style = "keyset"', "or in_header or in_body"
    ),
    "a cursor from two places": of_items(
        'paging = { style = "cursor", next = "a", header = "X" }', "paging.next", 'header = "X" too', "needs either"
    ),
    "a cursor to two places": of_items(
        'paging = { style = "cursor", next = "a", param = "a", in_body = "b" }', "paging.in_body", "param", "leave one"
    ),
    "a cursor in the credential": of_items(
        'paging = { style = "cursor", next = "a", in_header = "Authorization" }',
        "paging.in_header",
        '"Authorization"',
        "name the header that the API documents",
    ),
    "a next page of numbered pages": of_items(
        'paging = { style = "page_number", next = "a" }', "paging.next", '"a" has no use', "set style to cursor"
    ),
    "a first page of a cursor": of_items(
        'paging = { style = "cursor", next = "a", start = 2 }', "paging.start", "2 has no use", "page_number"
    ),
    "a last item of an offset": of_items(
        'paging = { style = "offset", size = 3, item = "id" }', "paging.item", '"id" has no use', "set style to keyset"
    ),
    "a cursor in a CSV": of_items(
        'format = "csv"\npaging = { style = "cursor", next = "meta.next" }', "paging.next", '"meta.next"', "a header"
    ),
    "one parameter for page and size": of_items(
        'paging = { style = "page_number", size = 5, size_param = "page" }', "paging.size_param", '"page"', "name two"
    ),
    "a short page of no size": of_items(
        'paging = { style = "page_number", short_page_ends = true }', "paging.size", "short_page_ends", "is missing"
    ),
    "a first page below none": of_items(
        'paging = { style = "page_number", start = -1 }', "paging.start", "-1", "from 0 to 1,000,000"
    ),
    "pages of a fraction": of_items("paging = { max_pages = 1.5 }", "paging.max_pages", "1.5", "from 1 to 5000"),
    "paging by a number": of_items("paging = { style = 3 }", "paging.style", "3", '"page_number"'),
    # times
    "a day without quotes": of_items(
        'windows = { from = 2019-01-01, start_param = "a" }', "windows.from", "got 2019-01-01", 'such as "2019-01-01"'
    ),
    "windows without a parameter": of_items(
        'windows = { from = "2019-01-01" }', "windows.start_param", "is missing", "or use {slice.start}"
    ),
    "hours as dates": of_items(
        'windows = { from = "2019-01-01", start_param = "a", every = "hour" }',
        "windows.format",
        '"date"',
        'choose "iso"',
    ),
    "far too many windows": of_items(
        'windows = { from = "0001-01-01", start_param = "a", every = "hour", format = "iso" }',
        "windows.every",
        '"hour" from 0001-01-01',
        "choose longer ones",
    ),
    "one parameter for both ends": of_items(
        'windows = { from = "2019-01-01", start_param = "a", end_param = "a" }', "windows.end_param", '"a"', "name two"
    ),
    "another name for a window's end": of_items(
        f'{WINDOWS}\nparams = {{ q = "{{slice.begin}}" }}', "params.q", "{slice.begin}", "{slice.start} or {slice.end}"
    ),
    "a window's end without windows": of_items(
        'params = { q = "{slice.start}" }', "params.q", "{slice.start}", "add a table windows"
    ),
    "an unknown key of windows": of_items(
        'windows = { frm = "2019-01-01", start_param = "a" }', "windows.frm", "", 'did you mean "from"?'
    ),
    "refresh beside windows": of_items(f"{WINDOWS}\nrefresh = {{ max_age = 3 }}", "refresh", "windows", "has no use"),
    "numbers beside windows": of_items(
        f'{WINDOWS}\nsince = {{ param = "s", item = "i", format = "number" }}', "since.format", '"number"', "choose iso"
    ),
    "a look-back as a duration": of_items(
        'since = { param = "s", item = "at", look_back = "1h" }', "since.look_back", '"1h"', "seconds"
    ),
    "a start that is no number": of_items(
        'since = { param = "s", item = "at", format = "unix", start = "today" }',
        "since.start",
        '"today"',
        "or another format",
    ),
    "an unknown key of since": of_items(
        'since = { param = "s", item = "at", lookback = 3 }', "since.lookback", "", 'did you mean "look_back"?'
    ),
    "a refresh of nothing": of_items("refresh = {}", "refresh", "is empty", 'when = "updated_at"'),
    "a refresh of a negative age": of_items("refresh = { max_age = -1 }", "refresh.max_age", "-1", "of at least 0"),
    "a mark that is a word": of_items('mark_gone = "yes"', "mark_gone", '"yes"', "true or false"),
    "a column of the marks": of_items(
        'mark_gone = true\ncolumns = { gone = "a" }', "columns.gone", '"gone"', "choose another name"
    ),
    # limits
    "a request that costs nothing": of_items("cost = 0", "cost", "0", "above 0 and of at most 1,000,000"),
    "a request that costs no number": of_items("cost = nan", "cost", "nan", "above 0 and of at most 1,000,000"),
    "the nearest resource": Bad(
        text=rest(f"[{SHOP}.resources.exports]\nrequests = 3", endpoint='path = "/i"\nresource = "export"'),
        key=f"{ITEMS}.resource",
        value='"export"',
        way_out='or use "exports"',
    ),
    # parents and values
    "its own parent": Bad(
        text=rest(endpoint='path = "/x/{parent.id}"\nparent = "items"'),
        key=f"{ITEMS}.parent",
        value='"items"',
        way_out="one endpoint must have no parent",
    ),
    "the nearest parent": Bad(
        text=rest(endpoint='path = "/x/{parent.id}"\nparent = "user"', more=f'[{SHOP}.endpoints.users]\npath = "/u"'),
        key=f"{ITEMS}.parent",
        value='"user"',
        way_out='did you mean "users"?',
    ),
    "a parent whose items are not named": Bad(
        text=rest(endpoint='path = "/x"\nparent = "users"', more=f'[{SHOP}.endpoints.users]\npath = "/u"'),
        key=f"{ITEMS}.path",
        value="the same for every item of users",
        way_out="{parent.id}",
    ),
    "recursion from nowhere": of_items("recursive = true", "recursive", "has no parent", "name the endpoint"),
    "no values": of_items('params = { q = "{slice}" }\nvalues = []', "values", "[]", "at least one of them"),
    "a value that is a list": of_items('params = { q = "{slice}" }\nvalues = [[1]]', "values", "[[1]]", "a list"),
    "an empty value": of_items('params = { q = "{slice}" }\nvalues = ["a", ""]', "values.1", '""', "leave it out"),
    "an entry without values": of_items('params = { q = "{slice}" }', "params.q", "{slice}", "add values = "),
    "an entry that lacks a key": of_items(
        'params = { q = "{slice.a}" }\nvalues = [{ b = 1 }]', "values.0", 'no "a"', "{slice.a} wants"
    ),
    "values of no parent": of_items(
        'params = { q = "{slice}" }\nvalues = "parent.kids"', "values", '"parent.kids"', "set parent"
    ),
    # transforms
    "a column of nothing": of_items("columns = { id = {} }", "columns.id", "neither", 'add path = "id"'),
    "a column of two things": of_items(
        'columns = { id = { path = "a", value = 1 } }', "columns.id", 'path = "a"', "leave one out"
    ),
    "a constant with a type": of_items(
        'columns = { id = { value = "x", type = "integer" } }', "columns.id.type", '"integer"', "leave it out"
    ),
    "a format without a time": of_items(
        'columns = { id = { path = "a", format = "%Y" } }', "columns.id.format", '"%Y"', 'set type = "time"'
    ),
    "a format that reads nothing": of_items(
        'columns = { id = { path = "a", type = "time", format = "%Q" } }', "columns.id.format", '"%Q"', "%d.%m.%Y"
    ),
    "columns that differ by case only": of_items(
        'columns = { a = { path = "a", flatten = ["b", "B"] } }', "columns.a_b", "is there twice", "rename one"
    ),
    "an unknown type behind a colon": of_items(
        'columns = { id = "a:number" }', "columns.id", '"a:number"', '"stats.views:integer"'
    ),
    "a key that stands twice": of_items('key = ["id", "id"]', "key", '"id"', "leave one out"),
    "a key that is a text": of_items('key = "id"', "key", '"id"', "a list, each text"),
    "a filter that says nothing": of_items(
        'where = [{ path = "a" }]', "where[0]", "nothing of a", "add equals, differs"
    ),
    "an unknown key of a filter": of_items(
        'where = [{ path = "a", equls = 1 }]', "where[0].equls", "", 'did you mean "equals"?'
    ),
    "a filter by a truth": of_items(
        'where = [{ path = "a", at_least = true }]', "where[0].at_least", "true", "a number or text"
    ),
    "an array in the table of the list": of_items(
        'arrays = { items = { path = "x" } }', "arrays.items", "a table items already", "choose another name"
    ),
    "an array whose column is the item's": of_items(
        'key = ["id"]\narrays = { other = { path = "x", columns = { items_id = "a" } } }',
        "arrays.other.columns.items_id",
        '"items_id"',
        "choose another name",
    ),
    "an array above the item": of_items(
        'arrays = { other = { path = "x", columns = { a = "parent.parent.id" } } }',
        "arrays.other.columns.a",
        "{parent.parent.id}",
        "set parent",
    ),
    "an unknown key of an array": of_items(
        'arrays = { other = { path = "x", colums = {} } }', "arrays.other.colums", "", 'did you mean "columns"?'
    ),
}
SOURCES = {
    "a port that is none": of_base("https://a:99999", '"https://a:99999"'),
    "a port of letters": of_base("https://a:x", '"https://a:x"'),
    "half an address of IPv6": of_base("https://[::1", '"https://[::1"'),
    "a port without a host": of_base("https://:80", '"https://:80"'),
    "a secret in the query of the address": Bad(
        text=rest(base=f"https://api.example.org?api_key={SECRET}"),
        key=f"{SHOP}.base_url",
        value=NOT_SHOWN,
        way_out="no query",
        hidden=SECRET,
    ),
    "a value of an item in every request": of_shop(
        'params = { q = "{parent.id}" }', "params.q", "{parent.id}", "{{ and"
    ),
    "auth as a text": of_shop(f'auth = "{SECRET}"', "auth", NOT_SHOWN, "a table of keys and values"),
    "auth without a type": of_shop("auth = {}", "auth.type", "is missing", 'one of "bearer"'),
    "two ways to authenticate": of_shop(
        'auth = { type = ["bearer", "basic"] }', "auth.type", '["bearer","basic"]', 'one of "bearer"'
    ),
    "the key of another way": of_shop(
        'auth = { type = "bearer", name = "X" }', "auth.name", "", "there are: also, env, hint"
    ),
    "a secret for the name of its variable": of_shop(
        f'auth = {{ type = "bearer", env = "{SECRET}!" }}', "auth.env", NOT_SHOWN, "an environment variable"
    ),
    "a second key of no place": of_shop(
        'auth = { type = "bearer", also = [{ name = "X" }] }',
        "auth.also[0]",
        "no place",
        "one of env, file and command",
    ),
    "a second key of two places": of_shop(
        'auth = { type = "bearer", also = [{ name = "X", env = "A", file = "b" }] }',
        "auth.also[0]",
        "env and file",
        "exactly one of",
    ),
    "a second key whose command is a text": of_shop(
        f'auth = {{ type = "bearer", also = [{{ name = "X", command = "{SECRET}" }}] }}',
        "auth.also[0].command",
        NOT_SHOWN,
        "a list, at least one of them",
    ),
    "a secret of the client in the file": of_shop(
        f'auth = {{ {OAUTH}, client_secret = "{SECRET}" }}', "auth.client_secret", NOT_SHOWN, "a table of keys"
    ),
    "a secret among the keys of a grant": of_shop(
        f'auth = {{ {OAUTH}, params = {{ password = "{SECRET}" }} }}', "auth.params.password", "", "name its place"
    ),
    "a grant of another kind": of_shop(
        f'auth = {{ {OAUTH}, grant = "password" }}', "auth.grant", '"password"', '"client_credentials"'
    ),
    "a grant without a client": of_shop(
        'auth = { type = "oauth2", token_url = "/token" }', "auth.client_id", "is missing", "text in quotes"
    ),
    "a login with the password in it": of_shop(
        f'auth = {{ {SESSION}, body = {{ p = "{SECRET}" }}, token = "a" }}', "auth.body", "", "want {secret}"
    ),
    "a login whose body is a text": of_shop(
        f'auth = {{ {SESSION}, body = "p={SECRET}", token = "a" }}', "auth.body", NOT_SHOWN, "a table of keys"
    ),
    "a login that brings nothing": of_shop(
        f'auth = {{ {SESSION}, body = {{ p = "{{secret}}" }} }}', "auth.token", "there is neither", "or cookie"
    ),
    "a login that brings two things": of_shop(
        f'auth = {{ {SESSION}, body = {{ p = "{{secret}}" }}, token = "a", cookie = "b" }}',
        "auth.token",
        "there are both",
        "want either token",
    ),
    "a key in the file": of_shop(
        f'auth = {{ type = "jwt", algorithm = "HS256", key = "{SECRET}" }}', "auth.key", "", 'did you mean "key_id"?'
    ),
    "a JWT without an algorithm": of_shop('auth = { type = "jwt" }', "auth.algorithm", "is missing", '"HS256"'),
    "a parameter that carries the secret": of_shop(
        f'auth = {{ type = "query", name = "k" }}\nparams = {{ k = "{SECRET}" }}', "params.k", "", "leave it out here"
    ),
    "a secret for the variable of the token": of_shop(
        f'token_env = "{SECRET} "', "token_env", NOT_SHOWN, "the name of an environment variable"
    ),
    "a file of the token without a name": of_shop('token_file = ""', "token_file", NOT_SHOWN, "the path of a file"),
    "a header of limits": of_shop('limit_headers = { limt = "X" }', "limit_headers", '"limt"', 'one of "limit"'),
    "a common key with a typing error": of_shop("worker = 3", "worker", "", 'did you mean "workers"?'),
    "a policy": of_shop('policy = "fast"', "policy", '"fast"', "want adaptive"),
    "a rule": of_shop('rules = ["never"]', "rules[0]", '"never"', "keep 500 for humans"),
    "a rate": of_shop('rate = "5/0s"', "rate", '"5/0s"', "such as 50/5s"),
    "a rate of a lane": of_shop('rate = { core = "fast" }', "rate.core", '"fast"', "such as 50/5s"),
    "a rate of no lane": of_shop('rate = { exports = "5/1s" }', "rate.exports", "no such lane", "there are: core"),
    "a duration": of_shop('resume_within = "1 day"', "resume_within", '"1 day"', "20s, 5m, 2h or 1h30m"),
    "a duration of nothing": of_shop('resume_within = "0s"', "resume_within", '"0s"', "more than 0 seconds"),
    "an interval of nothing": of_shop("min_interval = 0", "min_interval", "0", "above 0 and of at most 3600"),
    "an infinite spacing": of_shop("spacing = inf", "spacing", "inf", "from 0 to 3600"),
    "a number beyond 64 bits": of_shop(f"limit = -{9**30}", "limit", f"-{9**30}", "of at least 1"),
    "the resource of the source": of_shop(
        f"[{SHOP}.resources.core]\nrequests = 3", "resources.core", "core", "without a table"
    ),
    "a resource that nothing uses": of_shop(
        f"[{SHOP}.resources.exports]\nrequests = 3", "resources.exports", "", 'resource = "exports"'
    ),
    "a resource of no time": of_shop(
        f"[{SHOP}.resources.exports]\nper = 0", "resources.exports.per", "0", "above 0 and of at most 2,678,400"
    ),
    "a name that SQLite keeps": Bad(
        text=rest().replace(SHOP, "sources.sqlite"), key="sources.sqlite", value='"sqlite_"', way_out="another name"
    ),
    "a name of the engine": Bad(
        text=rest().replace(SHOP, "sources._fetchdeck"),
        key="sources._fetchdeck",
        way_out="lower-case letters, digits and hyphens",
    ),
    "an endpoint that stands twice": Bad(
        text=rest(more=f'[{ITEMS}]\npath = "/y"'), key="line ", value=ITEMS, way_out="each table stands once"
    ),
    "one source of a kind": Bad(
        text=bare("").replace('"rest"', '"github"'), key=f"{SHOP}.kind", value='"github"', way_out="[sources.github]"
    ),
    "a table that is not closed": Bad(text="[sources", key="line 1", way_out="as in [sources.github]"),
    "a date that is none": Bad(text="a = 2024-13-01", key="line 1", value="at a", way_out="a text in quotes"),
    "a line of one value too many": Bad(text='a = 1 "b"', key="line 1", value="at a", way_out="one value"),
    "a value without a key": Bad(text="= 3", key="line 1, column 1: ", way_out="want key = value"),
    "lists without an end": Bad(text=f"a = {'[' * 5000}", key="lists", way_out="close each bracket"),
    "a timeout of no number": Bad(
        text="[http]\ntotal_timeout = nan", key="http.total_timeout", value="nan", way_out="from 1 to 3600"
    ),
    "an unknown key of http": Bad(
        text="[http]\ntimeout = 3", key="http.timeout", way_out='did you mean "total_timeout"?'
    ),
    "sources that are a number": Bad(text="sources = 3", key="sources", value="3", way_out="a table of keys"),
    "a name with control characters": Bad(text='"\\u001b[31m" = 1', key="\u241b[31m", way_out="there are: database"),
}


@pytest.mark.parametrize("bad", ENDPOINTS.values(), ids=ENDPOINTS)
def test_a_bad_endpoint_is_one_line_with_file_key_value_and_way_out(tmp_path: Path, bad: Bad) -> None:
    check_refused(tmp_path, bad)


@pytest.mark.parametrize("bad", SOURCES.values(), ids=SOURCES)
def test_a_bad_source_is_one_line_with_file_key_value_and_way_out(tmp_path: Path, bad: Bad) -> None:
    check_refused(tmp_path, bad)


def test_two_sources_with_a_table_of_one_name_are_refused(tmp_path: Path) -> None:
    one = rest().replace("sources.shop", "sources.a").replace("endpoints.items", "endpoints.b_c")
    other = rest().replace("sources.shop", "sources.a-b").replace("endpoints.items", "endpoints.c")
    (tmp_path / "shop.toml").write_text(one + other)

    said = complaint(fetchdeck(tmp_path, "run", "--headless", "--config", "shop.toml"))

    assert said == '~/shop.toml: sources.a-b: its table "a_b_c" is one of a too; rename one of these sources'


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("FETCHDECK_SOURCES__SHOP__WORKERS", "0", " (sources.shop.workers): got 0, want a whole number from 1 to 1000"),
        ("FETCHDECK_SOURCES__SHOP__WORKER", "3", ' (sources.shop.worker): unknown key, did you mean "workers"?'),
        ("FETCHDECK_SOURCES__SHOP__BASE_URL", "ftp://a", ' (sources.shop.base_url): got "ftp://a", want text (http'),
        ("FETCHDECK_SOURCES__SHOP__POLICY", "fast", ' (sources.shop.policy): policy "fast": want adaptive'),
        ("FETCHDECK_SOURCE__SHOP__WORKERS", "3", ": unknown table 'source', did you mean \"sources\"?"),
        ("FETCHDECK_SOURCES__SHOP__TOKEN", SECRET, " (sources.shop.token): a token never stands in a configuration"),
    ],
)
def test_a_bad_variable_is_named_with_its_key_and_the_way_out(
    tmp_path: Path, variable: str, value: str, said: str
) -> None:
    (tmp_path / "shop.toml").write_text(rest())

    message = complaint(fetchdeck(tmp_path, "plan", "--config", "shop.toml", **{variable: value}))

    assert message.startswith(f"{variable}{said}")
    assert SECRET not in message


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("shop.workers=0", "--set shop.workers: got 0, want a whole number from 1 to 1000"),
        (
            "shop.endpoints.items.paging.style=pages",
            '--set shop.endpoints.items.paging.style: got "pages", want one of',
        ),
        ("shop.endpoints.items.pagin=1", '--set shop.endpoints.items.pagin: unknown key, did you mean "paging"?'),
        ("shop.workers=[1", "--set shop.workers: the value is no TOML"),
        ("workers", "--set workers: want source.option=value, as in --set github.year=2024"),
        ("shop.workers.x=1", "--set sources.shop.workers.x: workers is a value, not a table"),
        ("shpo.workers=1", '--set shpo: there is no source "shpo"'),
    ],
)
def test_a_bad_value_on_the_command_line_is_named_with_its_key_and_the_way_out(
    tmp_path: Path, given: str, said: str
) -> None:
    (tmp_path / "shop.toml").write_text(rest("workers = 3"))

    message = complaint(fetchdeck(tmp_path, "plan", "--config", "shop.toml", "--set", given))

    assert message.startswith(said)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ('token_file = "nowhere"', "~/shop.toml: sources.shop.token_file: "),
        ('token_command = ["fetchdeck-has-no-such-command"]', "~/shop.toml: sources.shop.token_command: "),
        ('token_command = ["false"]', "~/shop.toml: sources.shop.token_command: "),
        ("", "shop: needs a token and found none; set FETCHDECK_SHOP_TOKEN, or token_file or token_command"),
        ('token_env = "SHOP_KEY"', "shop: needs a token and found none; set SHOP_KEY, or token_file or token_command"),
    ],
)
def test_a_place_without_a_secret_is_named_before_anything_is_sent(tmp_path: Path, keys: str, said: str) -> None:
    (tmp_path / "shop.toml").write_text(rest(f'{keys}\nauth = {{ type = "bearer" }}'))

    message = complaint(fetchdeck(tmp_path, "run", "--headless", "--config", "shop.toml", "--trust"))

    assert message.startswith(said)


FILES: Mapping[str, tuple[bytes | None, str]] = {
    "a folder": (None, "~/shop.toml: cannot be read: Is a directory; name a file that you may read with --config"),
    "an empty file": (b"", "name at least one source, as in `fetchdeck run github`"),
    "a byte order mark alone": (b"\xef\xbb\xbf", "name at least one source"),
    "another encoding": ("theme = 'x'".encode("utf-16"), "~/shop.toml: line 1: is not UTF-8; save the file as UTF-8"),
    "the second line is Latin-1": (b"# a\n# \xe4", "~/shop.toml: line 2: is not UTF-8; save the file as UTF-8"),
}


@pytest.mark.parametrize(("content", "said"), FILES.values(), ids=FILES)
@pytest.mark.parametrize("command", [("plan",), ("run", "--headless")], ids=lambda words: words[0])
def test_a_file_that_is_no_configuration_is_named(
    tmp_path: Path, content: bytes | None, said: str, command: Sequence[str]
) -> None:
    if content is None:
        (tmp_path / "shop.toml").mkdir()
    else:
        (tmp_path / "shop.toml").write_bytes(content)

    assert complaint(fetchdeck(tmp_path, *command, "--config", "shop.toml")).startswith(said)
