"""A proposal from an OpenAPI document."""

import tomllib
from typing import Any

import msgspec
import pytest

from engine.common.errors import UsageError
from sources.rest.config.options import RestOptions
from sources.rest.proposal.openapi.access import base_url_of
from sources.rest.proposal.openapi.document import Document, read_document
from sources.rest.proposal.openapi.operations import operations
from sources.rest.proposal.openapi.propose import OpenApi
from sources.rest.proposal.toml import to_toml
from tests.sources.driver import FIXTURES

pytest.importorskip("referencing", reason="the extra openapi is not installed")
pytest.importorskip("yaml", reason="the extra openapi is not installed")
SHOP, LIBRARY, FORGE = "shop-3.0.json", "library-3.1.yaml", "forge-2.0.yaml"


def read(name: str) -> Document:
    return read_document((FIXTURES / "openapi" / name).read_bytes(), name)


def propose(document: Document, **values: Any) -> dict[str, Any]:
    """Return the table of all lists, after it was written, read and checked."""
    api = OpenApi(document, values)
    base_url = base_url_of(document, "https://docs.example/openapi.json")
    proposal = api.propose([one.path for one in api.choices()], name="x", base_url=base_url, env="TOKEN")
    table: dict[str, Any] = tomllib.loads(to_toml(proposal))["sources"]["x"]
    msgspec.convert({key: value for key, value in table.items() if key != "kind"}, RestOptions)
    return table


def minimal(**changes: Any) -> dict[str, Any]:
    answer = {"200": {"content": {"application/json": {"schema": {"type": "array", "items": {}}}}}}
    return {"openapi": "3.0.0", "paths": {"/a": {"get": {"responses": answer}}}, **changes}


def documented(lists: dict[str, tuple[dict[str, Any], list[Any], str]]) -> dict[str, Any]:
    """Return a document with lists by path: the members of an item, the parameters and the description."""

    def schema(kind: Any) -> dict[str, Any]:
        if isinstance(kind, str):
            return {"type": kind}
        return {"type": "object", "properties": {name: schema(each) for name, each in kind.items()}}

    def get(members: dict[str, Any], parameters: list[Any], text: str) -> dict[str, Any]:
        answer = {"content": {"application/json": {"schema": {"type": "array", "items": schema(members)}}}}
        return {"get": {"responses": {"200": answer}, "parameters": parameters, "description": text}}

    paths = {path: get(*one) for path, one in lists.items()}
    return {"openapi": "3.0.0", "servers": [{"url": "https://x.example"}], "paths": paths}


def test_lists_become_endpoints_and_single_objects_files_and_what_is_deprecated_do_not() -> None:
    choices = OpenApi(read(SHOP)).choices()

    assert [(one.name, one.path, one.missing) for one in choices] == [
        ("customers", "/customers", ()),
        ("orders", "/customers/{customer_id}/orders", ()),
        ("lines", "/customers/{customer_id}/orders/{order_number}/lines", ()),
        ("search", "/search", ("q",)),
    ]


def test_a_path_below_a_list_is_asked_for_each_of_its_items_to_any_depth() -> None:
    endpoints = propose(read(SHOP))["endpoints"]

    assert endpoints["orders"]["path"] == "/customers/{parent.id}/orders"
    assert endpoints["orders"]["parent"] == "customers"
    assert endpoints["lines"]["path"] == "/customers/{parent.parent.id}/orders/{parent.number}/lines"
    assert endpoints["lines"]["parent"] == "orders"


def test_a_list_below_a_parent_has_the_parents_key_in_its_own() -> None:
    orders = propose(read(SHOP))["endpoints"]["orders"]

    assert orders["key"] == ["customer_id", "uuid"]
    assert orders["columns"] == {
        "customer_id": "parent.id:integer", "number": "number:integer", "uuid": "uuid", "total": "total:real",
    }  # fmt: skip


def test_columns_have_the_documents_types_and_names_that_a_table_can_have() -> None:
    assert propose(read(SHOP))["endpoints"]["customers"]["columns"] == {
        "id": "id:integer", "name": "name", "address_id": "address.id:integer", "tags": "tags",
        "default_": "default:boolean",
        "updated_at": "updated_at",
    }  # fmt: skip


def test_paging_is_told_by_parameters_headers_and_the_answer() -> None:
    shop, library, forge = (propose(read(name))["endpoints"] for name in (SHOP, LIBRARY, FORGE))

    assert shop["customers"]["paging"] == {
        "style": "cursor", "next": "next_cursor", "param": "cursor", "size_param": "limit", "size": 250,
    }  # fmt: skip
    assert shop["orders"]["paging"] == {"style": "link_header"}
    assert shop["lines"]["paging"] == {"style": "auto"}
    assert library["books"]["paging"] == {"style": "offset", "total": "total", "size_param": "limit", "size": 40}
    assert forge["repos"]["paging"] == {"style": "page_number", "size_param": "per_page", "size": 100}


def test_an_increment_is_proposed_where_the_document_says_that_it_asks_by_the_time_of_change() -> None:
    assert propose(read(SHOP))["endpoints"]["customers"]["since"] == {"param": "updated_since", "item": "updated_at"}
    assert propose(read(FORGE))["endpoints"]["issues"]["since"] == {"param": "since", "item": "updated_at"}


def test_the_address_is_the_documents_and_a_relative_one_counts_from_where_the_document_is() -> None:
    relative = Document(minimal(servers=[{"url": "/v1"}]))

    assert [propose(read(name))["base_url"] for name in (SHOP, LIBRARY, FORGE)] == [
        "https://api.shop.example/v2", "https://eu.library.example/api", "https://forge.example/api",
    ]  # fmt: skip
    assert base_url_of(relative, "https://docs.example/openapi.json") == "https://docs.example/v1"
    assert base_url_of(relative, "", "http://127.0.0.1:8/x/") == "http://127.0.0.1:8/x"
    for document in (relative, Document(minimal()), Document(minimal(servers=[{"url": "https://{tenant}.example"}]))):
        with pytest.raises(UsageError, match="--base-url"):
            base_url_of(document, "")


def test_the_credential_is_the_one_that_the_document_wants() -> None:
    tables = [propose(read(name)).get("auth") for name in (SHOP, LIBRARY, FORGE)]

    assert tables == [
        {"type": "bearer", "env": "TOKEN"},
        None,
        {"type": "query", "name": "api_key", "env": "TOKEN", "required": False},
    ]


@pytest.mark.parametrize(
    ("scheme", "table"),
    [
        ({"type": "http", "scheme": "Basic"}, {"type": "basic"}),
        ({"type": "oauth2", "flows": {}}, {"type": "bearer"}),
        ({"type": "apiKey", "in": "header", "name": "Authorization"}, {"type": "bearer"}),
        ({"type": "apiKey", "in": "cookie", "name": "sid"}, {"type": "cookie", "name": "sid"}),
        ({"type": "apiKey", "in": "header", "name": "X: evil"}, None),
        ({"type": "http", "scheme": "digest"}, None),
        ({"type": "mutualTLS"}, None),
    ],
)
def test_schemes_that_rest_has_are_proposed_and_others_are_not(scheme: object, table: dict[str, str] | None) -> None:
    content = minimal(
        servers=[{"url": "https://x.example"}], security=[{"s": []}], components={"securitySchemes": {"s": scheme}}
    )

    assert propose(Document(content)).get("auth") == (table and {**table, "env": "TOKEN"})


def test_a_media_type_of_its_own_is_asked_for() -> None:
    assert propose(read(LIBRARY))["headers"] == {"Accept": "application/json, application/vnd.library+json"}
    assert "headers" not in propose(read(SHOP))


def test_rates_come_from_the_description() -> None:
    table = propose(read(SHOP))

    assert (table["requests_per_second"], table["requests_per_hour"]) == (5, 1000)


def test_a_parameter_that_nothing_gives_leaves_a_list_out_until_it_is_given() -> None:
    api = OpenApi(read(SHOP))
    paths = [one.path for one in api.choices()]
    proposal = api.propose(paths, name="x", base_url="https://shop.example", env="TOKEN")

    assert "search" not in proposal.table()["endpoints"]
    assert proposal.notes == ["1 list left out, search needs a value: add --param q=VALUE"]
    assert propose(read(SHOP), q="a b")["endpoints"]["search"]["params"] == {"q": "a b"}


def test_an_account_is_the_owner_of_an_item_unless_a_value_is_given() -> None:
    teams = propose(read(FORGE))["endpoints"]["teams"]

    assert (teams["path"], teams["parent"]) == ("/orgs/{parent.owner.login}/teams", "repos")
    assert propose(read(FORGE), org="psf")["endpoints"]["teams"]["path"] == "/orgs/psf/teams"


def test_a_required_parameter_takes_what_the_document_gives() -> None:
    assert propose(read(LIBRARY))["endpoints"]["books"]["params"] == {"language": "en"}


SEARCH = [{"name": "q", "in": "query", "required": True, "schema": {"type": "string"}}]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Ask for `q=windows+label:bug&sort=created` and see.", "windows label:bug"),
        ("As in `GET /search?sort=stars&q=a%20b`.", "a b"),
        ("First `sort=x`, then `q=one`, then `q=two`.", "one"),
    ],
)
def test_a_required_parameter_takes_the_example_of_a_description_and_is_a_guess(text: str, value: str) -> None:
    document = Document(documented({"/search": ({"id": "integer"}, SEARCH, text)}))
    proposal = OpenApi(document).propose(["/search"], name="x", base_url="https://x.example", env="T")

    assert propose(document)["endpoints"]["search"]["params"] == {"q": value}
    assert f'q = "{value}"  # guess: required; an example of the document: put in your own' in to_toml(proposal)


@pytest.mark.parametrize(
    "text",
    [
        "Want q=x without a mark of code", "`q=<your query>`", "`q={query}`", "`q=YOUR_QUERY`", "`q=`", "`freq=3`",
        "`q=a%0A[http]`", "`q=a%1b[2J`", "`q=a\n[http]`",
    ],
)  # fmt: skip
def test_a_description_that_gives_no_plain_value_gives_none(text: str) -> None:
    (choice,) = OpenApi(Document(documented({"/search": ({"id": "integer"}, SEARCH, text)}))).choices()

    assert choice.missing == ("q",)


def test_a_parameter_takes_what_the_items_of_a_list_beside_it_name() -> None:
    document = Document(
        documented(
            {
                "/shops": ({"id": "integer"}, [], ""),
                "/shops/{shop_id}/orders": ({"number": "integer", "parcel": {"id": "integer"}}, [], ""),
                "/shops/{shop_id}/parcels/{parcel_id}/labels": ({"id": "integer"}, [], ""),
                "/shops/{shop_id}/comments": ({"path": "string", "type": "string"}, [], ""),
                "/shops/{shop_id}/files/{path}": ({"id": "integer"}, [], ""),
                "/shops/{shop_id}/templates/{type}": ({"id": "integer"}, [], ""),
            }
        )
    )
    endpoints = propose(document)["endpoints"]

    assert endpoints["labels"]["path"] == "/shops/{parent.parent.id}/parcels/{parent.parcel.id}/labels"
    assert endpoints["labels"]["parent"] == "orders"
    assert endpoints["files"]["path"] == "/shops/{parent.parent.id}/files/{parent.path}"
    assert "templates" not in endpoints


def test_a_parent_is_found_by_the_name_of_its_list_where_no_path_leads_to_it() -> None:
    issues = propose(read(FORGE))["endpoints"]["issues"]
    comments = propose(read(FORGE))["endpoints"]["comments"]

    assert issues["path"] == "/repos/{parent.owner.login}/{parent.name}/issues"
    assert comments["path"] == "/repos/{parent.parent.owner.login}/{parent.parent.name}/issues/{parent.index}/comments"
    assert comments["key"] == ["owner", "repo", "issue_index", "id"]


def test_a_parameter_with_listed_values_or_a_list_in_the_parent_is_walked_once_for_each() -> None:
    endpoints = propose(read(LIBRARY))["endpoints"]
    news, room = endpoints["news"], endpoints["shelves_2"]

    assert (news["path"], news["values"]) == ("/news/{slice}", ["monday", "tuesday"])
    assert (news["key"], news["columns"]) == (["day", "id"], {"day": "slice", "id": "id:integer"})
    assert (room["path"], room["values"]) == ("/shelves/{parent.floor}/{slice}", "parent.rooms")
    assert room["parent"] == "shelves"


def test_the_parents_of_what_is_chosen_come_along() -> None:
    api = OpenApi(read(SHOP))
    lines = next(one for one in api.choices() if one.matches("lin*"))

    proposal = api.propose([lines.path], name="x", base_url="https://x.example", env="TOKEN")

    assert [one.name for one in proposal.endpoints] == ["customers", "orders", "lines"]


def test_what_is_guessed_is_marked() -> None:
    api = OpenApi(read(SHOP))
    text = to_toml(api.propose(["/customers/{customer_id}/orders"], name="x", base_url="https://x.example", env="T"))

    assert 'parent = "customers"  # guess: customer_id is parent.id' in text
    assert 'key = ["customer_id", "uuid"]  # guess: uuid is named like a key' in text
    assert 'style = "link_header"  # guess: the answer has a Link header' in text
    assert "# Orders of a customer\n[sources.x.endpoints.orders]" in text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is neither JSON nor YAML with an object"),
        (b"[1]", "is neither JSON nor YAML with an object"),
        (b"{not json", "is neither JSON nor YAML"),
        (b"a: [\nb", "line 3: is no YAML"),
        (b"\xff\xfe\x00", "is no YAML"),
        (b"!!python/object/apply:os.system ['true']", "is no YAML"),
        (b"title: x", "has no version: want an OpenAPI document"),
        (b"openapi: 4.0.0", 'has version "4.0.0": want an OpenAPI document'),
        (b"openapi: 3.0.0\npaths: []", "want an OpenAPI document"),
        (b"openapi: 3.0.0\nx: {$ref: 'other.yaml#/a'}", "refers to another one, other.yaml#/a: bundle it"),
        (b"openapi: 3.0.0\nx: {$ref: 'http://127.0.0.1/a'}", "refers to another one, http://127.0.0.1/a"),
        (b"[" * 100_000, "is neither JSON nor YAML"),
        (b"a: " + b"[" * 5_000, "no YAML"),
    ],
)  # fmt: skip
def test_what_is_no_whole_document_is_refused_in_one_line(content: bytes, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_document(content, "api.yaml")

    assert str(refused.value).startswith("api.yaml: ")
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_references_in_circles_and_to_nowhere_end() -> None:
    item = {"allOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/nowhere"}, {"$ref": "#/paths/~1a/get/7"}]}
    answer = {"200": {"content": {"application/json": {"schema": {"type": "array", "items": item}}}}}
    schemas = {"A": {"oneOf": [{"$ref": "#/components/schemas/A"}, {"properties": {"id": {"type": "integer"}}}]}}
    document = Document(
        minimal(
            paths={"/a": {"get": {"responses": answer}}},
            components={"schemas": schemas},
            servers=[{"url": "https://x.example"}],
        )
    )

    assert propose(document)["endpoints"]["a"]["key"] == ["id"]


A: dict[str, Any] = {"$ref": "#/components/schemas/A"}
WIDE = 2_000


@pytest.mark.parametrize(
    ("schema", "answer"),
    [
        ({"properties": {f"p{number}": A for number in range(WIDE)}}, {"type": "array", "items": A}),
        ({"properties": {f"p{number}": A for number in range(WIDE)}}, {"properties": {"x": A, "data": {"items": A}}}),
        ({"allOf": [dict(A) for _ in range(WIDE)], "required": ["id"]}, {"type": "array", "items": A}),
        ({"oneOf": [dict(A) for _ in range(WIDE)]}, {"type": "array", "items": A}),
        ({"anyOf": [{"type": "array", "items": A} for _ in range(WIDE)]}, A),
        (
            {"allOf": [{"anyOf": [dict(A) for _ in range(40)]} for _ in range(40)]},
            {"properties": {"data": {"items": A}}},
        ),
    ],
    ids=range(6),
)
def test_a_schema_that_is_in_itself_many_times_is_read_once(schema: dict[str, Any], answer: dict[str, Any]) -> None:
    """Every path through it would be a reading: 2,000 to the power of five."""
    get = {"get": {"responses": {"200": {"content": {"application/json": {"schema": answer}}}}}}
    content = minimal(paths={"/a": get}, components={"schemas": {"A": schema}}, servers=[{"url": "https://x.example"}])

    assert list(propose(Document(content))["endpoints"]) == ["a"]


def test_schemas_that_are_made_of_one_another_without_end_are_followed_to_a_depth() -> None:
    chain = {f"S{number}": {"allOf": [{"$ref": f"#/components/schemas/S{number + 1}"}]} for number in range(5_000)}
    item = {"allOf": [{"properties": {"id": {"type": "integer"}}}, {"$ref": "#/components/schemas/S0"}]}
    answer = {"200": {"content": {"application/json": {"schema": {"type": "array", "items": item}}}}}
    content = minimal(
        paths={"/a": {"get": {"responses": answer}}},
        components={"schemas": chain},
        servers=[{"url": "https://x.example"}],
    )

    assert propose(Document(content))["endpoints"]["a"]["columns"] == {"id": "id:integer"}


def test_only_what_the_document_says_is_written_as_a_fact() -> None:
    api = OpenApi(read(SHOP), {"q": "x"})
    proposal = api.propose([one.path for one in api.choices()], name="x", base_url="https://x.example", env="T")
    facts = {
        ".".join(line.key[2:]) or line.key[0] for line in proposal.all_lines() if not line.guess and not line.unused
    }

    # Columns are the members of the item's schema, those of a parent are told beside the guess of `parent`.
    assert {fact for fact in facts if not fact.startswith("columns.")} == {
        "base_url", "path", "items", "params.q", "paging.size",
    }  # fmt: skip


def test_the_first_of_several_servers_is_a_guess() -> None:
    content = minimal(servers=[{"url": "https://x.example"}, {"url": "https://y.example"}])
    api = OpenApi(Document(content))

    assert 'base_url = "https://x.example"  # guess: the first of 2 servers' in to_toml(
        api.propose(["/a"], name="x", base_url="https://x.example", env="T")
    )
    assert 'base_url = "https://own.example"\n' in to_toml(
        api.propose(["/a"], name="x", base_url="https://own.example", env="T")
    )


def test_yaml_that_multiplies_itself_is_read_once() -> None:
    levels = [b"l0: &l0 {x: y}"]
    levels += [b"l%d: &l%d [%s]" % (n, n, b",".join([b"*l%d" % (n - 1)] * 9)) for n in range(1, 30)]

    assert read_document(b"openapi: 3.0.0\n" + b"\n".join(levels), "api.yaml").version == "3.0.0"


def test_a_hostile_document_cannot_write_toml_of_its_own() -> None:
    evil = 'x"]\n[http]\nproxy = "y'
    item = {"type": "object", "properties": {evil: {"type": "string"}, "id": {"type": "integer"}}}
    answer = {"200": {"content": {"application/json": {"schema": {"type": "array", "items": item}}}}}
    get = {
        "summary": f"a\n[http]\r\n{evil}\x1b[2J",
        "responses": answer,
        "parameters": [{"name": evil, "in": "query", "required": True, "schema": {"type": "string", "default": evil}}],
    }
    told = {**get, "parameters": [], "description": f"`q={evil}` `q=%22%5D%0A[http]`"}
    told["parameters"] = [
        {"name": "q", "in": "query", "required": True, "schema": {"enum": [evil]}},
        {"name": "page", "in": "query", "description": f"max 9 {evil}", "schema": {"default": evil}},
    ]
    content = minimal(
        info={"title": evil, "description": f"{evil} 5 requests per {evil} 5 requests per minute"},
        paths={
            "/a": {"get": {"responses": answer, "summary": get["summary"]}},
            f"/{evil}": {"get": get},
            "/b": {"get": told},
        },
        components={"securitySchemes": {evil: {"type": "http", "scheme": "bearer"}}},
        servers=[{"url": "https://x.example"}],
    )

    table = propose(Document(content))

    assert list(table) == ["kind", "base_url", "auth", "requests_per_minute", "endpoints"]
    assert list(table["endpoints"]) == ["a", "b"]
    assert table["endpoints"]["b"]["params"] == {"q": evil}


@pytest.mark.parametrize("name", [SHOP, LIBRARY, FORGE])
def test_a_value_replaced_anywhere_still_gives_a_proposal(name: str) -> None:
    content = msgspec.json.encode(read(name).content)
    for twist in (b"7", b"null", b"[]", b'"x"', b"{}"):
        for word in (b'"get":', b'"responses":', b'"schema":', b'"properties":', b'"items":', b'"parameters":'):
            at = content.find(word)
            while at != -1:
                twisted = _with_value(content, at + len(word), twist)
                document = read_document(twisted, name)
                api = OpenApi(document)
                found = api.propose(
                    [one.path for one in api.choices()], name="x", base_url="https://x.example", env="T"
                )
                assert tomllib.loads(to_toml(found))["sources"]["x"]["kind"] == "rest"
                at = content.find(word, at + 1)


@pytest.mark.parametrize("name", [SHOP, LIBRARY, FORGE])
def test_a_document_that_ends_too_early_is_refused(name: str) -> None:
    content = msgspec.json.encode(read(name).content)

    for many in range(1, len(content), max(1, len(content) // 100)):
        with pytest.raises(UsageError):
            read_document(content[:many], name)


def _with_value(content: bytes, start: int, value: bytes) -> bytes:
    """Replace the JSON value that starts at a place."""
    depth, end, quoted = 0, start, False
    for end in range(start, len(content)):
        byte = content[end : end + 1]
        quoted = quoted != (byte == b'"')
        depth += 0 if quoted else {b"{": 1, b"[": 1, b"}": -1, b"]": -1}.get(byte, 0)
        if depth == 0 and not quoted:
            break
    return content[:start] + value + content[end + 1 :]


@pytest.mark.parametrize(
    "address", ["https://[::1/x", "https://user:s3cretpw@api.example.org", "ftp://api.example.org", "{nothing}"]
)
def test_an_address_that_cannot_be_asked_is_one_line_without_its_password(address: str) -> None:
    with pytest.raises(UsageError, match="add --base-url") as refused:
        base_url_of(Document(minimal(servers=[{"url": address}])), "")

    assert "s3cretpw" not in str(refused.value)


def test_a_parameter_in_a_place_that_is_no_place_is_left_out() -> None:
    paths = {"/items": {"get": {"parameters": [{"name": "q", "in": []}, {"name": "r", "in": {}}], "responses": {}}}}

    assert [one.parameters for one in operations(Document(minimal(paths=paths)))] == [[]]


def test_a_short_description_of_a_value_becomes_the_comment_of_its_column() -> None:
    properties = {
        "id": {"type": "integer", "description": "Number of the\nitem."},
        "open": {"type": "boolean", "description": "x" * 200},
        "owner": {"type": "object", "properties": {"login": {"type": "string", "title": 'A "name" # and = more'}}},
    }
    schema = {"type": "array", "items": {"type": "object", "properties": properties}}
    answer = {"200": {"content": {"application/json": {"schema": schema}}}}
    document = Document(minimal(paths={"/a": {"get": {"responses": answer}}}))
    api = OpenApi(document, {})

    written = to_toml(api.propose(["/a"], name="x", base_url="https://api.example.org", env="TOKEN"))

    assert 'id = "id:integer"  # Number of the item\n' in written
    assert 'open = "open:boolean"\n' in written
    assert 'owner_login = "owner.login"  # A "name" # and = more\n' in written
