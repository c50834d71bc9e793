"""Lists by cursor or address: in the body, in a header, or as the id of the last item."""

import base64
from collections.abc import Mapping
from urllib.parse import quote, urlencode

import msgspec

from simulator.common.api import Call
from simulator.common.page import Header, Page, json_page
from simulator.shapes.shape import SIZE, Item, Items, Shape, Truth, epoch, later, number, plain, refuse

_CONTINUATION = b"x-ms-continuation"


def encode(at: int) -> str:
    """Make an opaque cursor, with the characters that an address must escape."""
    return base64.b64encode(f"item:{at}+".encode()).decode()


def decode(cursor: str) -> int | None:
    """Return the place of a cursor; None where it is none of ours."""
    try:
        text = base64.b64decode(cursor, validate=True).decode()
        return int(text.removeprefix("item:").removesuffix("+"))
    except ValueError:
        return None


def _stripe(call: Call, _names: Mapping[str, str], found: Items) -> Page:
    """Return the newest first, behind the id of the last item that the client has."""
    since = number(call, "created[gte]", 0)
    customers = [_customer(item) for item in reversed(found) if epoch(item) >= since]
    limit, after = max(1, number(call, "limit", SIZE, most=100)), call.parameters().get("starting_after")
    at = 0
    if after is not None:
        ids = [customer["id"] for customer in customers]
        if after not in ids:
            error = {"code": "resource_missing", "message": f"No such customer: '{after}'", "param": "starting_after"}
            return refuse(400, {"error": {**error, "type": "invalid_request_error"}})
        at = ids.index(after) + 1
    more = at + limit < len(customers)
    return json_page({"object": "list", "url": "/v1/customers", "has_more": more, "data": customers[at : at + limit]})


def _customer(item: Item) -> Item:
    return {"id": f"cus_{item['id']:06}", "object": "customer", "created": epoch(item), "name": item["name"]}


def _customers(found: Items) -> Truth:
    return {"items": [(f"cus_{item['id']:06}", item["name"]) for item in found]}


def _slack(call: Call, _names: Mapping[str, str], found: Items) -> Page:
    cursor = call.parameters().get("cursor", "")
    at = decode(cursor) if cursor else 0
    if at is None:
        return json_page({"ok": False, "error": "invalid_cursor"})
    limit = max(1, number(call, "limit", SIZE, most=1000))
    channels = [{"id": f"C{item['id']:08}", "name": item["name"]} for item in found[at : at + limit]]
    onward = encode(at + limit) if at + limit < len(found) else ""
    return json_page({"ok": True, "channels": channels, "response_metadata": {"next_cursor": onward}})


def _channels(found: Items) -> Truth:
    return {"items": [(f"C{item['id']:08}", item["name"]) for item in found]}


def _odata(call: Call, _names: Mapping[str, str], found: Items) -> Page:
    at = number(call, "$skiptoken", 0)
    body = {"@odata.context": f"{call.base}/v4/$metadata#Products", "value": plain(found[at : at + SIZE])}
    if at + SIZE < len(found):
        body["@odata.nextLink"] = f"{call.base}{call.path}?$skiptoken={at + SIZE}"
    return json_page(body)


def _json_api(call: Call, _names: Mapping[str, str], found: Items) -> Page:
    page = max(1, number(call, "page[number]", 1))
    size = max(1, number(call, "page[size]", SIZE, most=50))
    last = max(1, -(-len(found) // size))
    numbers = {"self": page, "first": 1, "prev": page - 1, "next": page + 1, "last": last}
    links = {name: _json_api_link(call, at, size) if 1 <= at <= last else None for name, at in numbers.items()}
    data = [
        {"type": "articles", "id": str(item["id"]), "attributes": {"title": item["name"]}}
        for item in found[(page - 1) * size : page * size]
    ]
    body = {"jsonapi": {"version": "1.1"}, "links": links, "data": data}
    return Page(200, msgspec.json.encode(body), kind=b"application/vnd.api+json")


def _json_api_link(call: Call, page: int, size: int) -> str:
    return f"{call.base}{call.path}?{urlencode({'page[number]': page, 'page[size]': size})}"


def _airtable(call: Call, _names: Mapping[str, str], found: Items) -> Page:
    offset = call.parameters().get("offset", "")
    at = 0
    if offset:
        wanted = offset.partition("/")[2]
        ids = [_record(item)["id"] for item in found]
        if wanted not in ids:
            return refuse(422, {"error": {"type": "LIST_RECORDS_ITERATOR_NOT_AVAILABLE"}})
        at = ids.index(wanted)
    size = max(1, number(call, "pageSize", SIZE, most=100))
    body: dict[str, object] = {"records": [_record(item) for item in found[at : at + size]]}
    if at + size < len(found):
        body["offset"] = f"itr{at:08}/{_record(found[at + size])['id']}"
    return json_page(body)


def _record(item: Item) -> Item:
    return {"id": f"rec{item['id']:06}", "createdTime": item["updated_at"], "fields": {"Name": item["name"]}}


def _records(found: Items) -> Truth:
    return {"items": [(f"rec{item['id']:06}", item["name"]) for item in found]}


def _azure(call: Call, _names: Mapping[str, str], found: Items) -> Page:
    found = later(call, "minTime", found)
    at, top = number(call, "continuationToken", 0), max(1, number(call, "$top", SIZE, most=1000))
    value = [
        {"id": item["id"], "buildNumber": item["name"], "finishTime": item["updated_at"]}
        for item in found[at : at + top]
    ]
    more = ((b"x-ms-continuationtoken", b"%d" % (at + top)),) if at + top < len(found) else ()
    return json_page({"count": len(value), "value": value}, headers=more)


def _cosmos(call: Call, _names: Mapping[str, str], found: Items) -> Page:
    """Read the token from a header, and return the next one in the same header."""
    token = call.headers.get(_CONTINUATION, b"").decode("latin-1")
    at = msgspec.json.decode(token)["range"] if token else 0
    documents = [{"id": str(item["id"]), "title": item["name"]} for item in found[at : at + SIZE]]
    more: tuple[Header, ...] = ()
    if at + SIZE < len(found):
        more = ((_CONTINUATION, msgspec.json.encode({"token": "+RID:~a", "range": at + SIZE})),)
    return json_page({"_rid": "d9Rz", "Documents": documents, "_count": len(documents)}, headers=more, cacheable=False)


def _caseless(call: Call, _names: Mapping[str, str], found: Items) -> Page:
    after = call.parameters().get("after", "").lower()
    rest = [item for item in found if item["name"].lower() > after]
    return json_page({"users": plain(rest[:SIZE]), "has_more": len(rest) > SIZE})


def _mixed_case(count: int) -> list[Item]:
    """Make items ordered by name without regard to case, as most databases collate."""
    names = [quote(f"{chr(97 + at * 26 // count)}-{at:05}") for at in range(count)]
    return [{"id": at, "name": name.title() if at % 3 else name} for at, name in enumerate(names, 1)]


SHAPES = (
    Shape(
        name="stripe",
        like="lists of Stripe: has_more and starting_after, newest first (docs.stripe.com/api/pagination)",
        routes={"/v1/customers": _stripe},
        truth=_customers,
    ),
    Shape(
        name="slack",
        like='cursors of Slack: response_metadata.next_cursor, "" at the end; errors with status 200 '
        "(docs.slack.dev/apis/web-api/pagination)",
        routes={"/api/conversations.list": _slack},
        truth=_channels,
    ),
    Shape(
        name="odata",
        like="server-driven paging of OData 4: @odata.nextLink (docs.oasis-open.org/odata, 11.2.6.7)",
        routes={"/v4/Products": _odata},
    ),
    Shape(
        name="json-api",
        like="links.next of JSON:API, with brackets in its parameters (jsonapi.org/format/#fetching-pagination)",
        routes={"/articles": _json_api},
    ),
    Shape(
        name="airtable",
        like="records of Airtable: an opaque offset, absent at the end (airtable.com/developers/web/api/list-records)",
        routes={"/v0/appBase/Table": _airtable},
        truth=_records,
    ),
    Shape(
        name="azure",
        like="builds of Azure DevOps: the header x-ms-continuationtoken goes into the parameter continuationToken "
        "(learn.microsoft.com/rest/api/azure/devops/build/builds/list)",
        routes={"/org/project/_apis/build/builds": _azure},
    ),
    Shape(
        name="cosmos",
        like="documents of Azure Cosmos DB: the header x-ms-continuation goes into a header of the same name "
        "(learn.microsoft.com/rest/api/cosmos-db/list-documents)",
        routes={"/dbs/shop/colls/things/docs": _cosmos},
    ),
    Shape(
        name="caseless",
        like="a keyset over names, ordered without regard to case: code points do not rise",
        routes={"/users": _caseless},
        items=_mixed_case,
    ),
)
