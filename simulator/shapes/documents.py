"""What is no list of objects in pages: maps, files, ids, and lists that only answer for a span of time."""

import csv
import io
from collections.abc import Mapping
from datetime import date

import msgspec

from simulator.common.api import Call
from simulator.common.page import Page, json_page
from simulator.shapes.shape import Items, Shape, Truth, plain, refuse

_CURRENCIES = "AUD BGN BRL CAD CHF CNY CZK DKK GBP HKD HUF IDR ILS INR ISK JPY KRW MXN MYR NOK NZD PHP PLN RON SEK USD"
_LONGEST = 31
"""Days that a request for events may span."""
_GONE = 4
"""One in so many ids of Hacker News answers null."""


def _rates(_call: Call, _names: Mapping[str, str], _found: Items) -> Page:
    return json_page({"amount": 1.0, "base": "EUR", "date": "2025-06-30", "rates": dict(_known_rates())})


def _known_rates() -> list[tuple[str, float]]:
    return [(currency, round(0.5 + at * 1.37, 4)) for at, currency in enumerate(_CURRENCIES.split())]


def _rows_of_rates(_found: Items) -> Truth:
    return {"items": _known_rates()}


def _csv(_call: Call, _names: Mapping[str, str], found: Items) -> Page:
    """Write names with a comma, a quote and a line break, as RFC 4180 quotes them."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["id", "name", "updated_at"])
    writer.writerows([item["id"], _awkward(item["name"]), item["updated_at"]] for item in found)
    return Page(200, text.getvalue().encode(), kind=b"text/csv; charset=utf-8; header=present")


def _awkward(name: str) -> str:
    return f'{name}, "so called"\nü'


def _awkward_rows(found: Items) -> Truth:
    return {"items": [(item["id"], _awkward(item["name"])) for item in found]}


def _json_lines(_call: Call, _names: Mapping[str, str], found: Items) -> Page:
    lines = b"".join(msgspec.json.encode(item) + b"\n" for item in found)
    return Page(200, lines, kind=b"application/x-ndjson")


def _hackernews_ids(_call: Call, _names: Mapping[str, str], found: Items) -> Page:
    return json_page([item["id"] for item in _stories(found)])


def _hackernews_item(_call: Call, names: Mapping[str, str], found: Items) -> Page:
    shown = {str(item["id"]): item for item in _living(found)}
    item = shown.get(names["id"].removesuffix(".json"))
    return json_page(item and {"id": item["id"], "type": "story", "title": item["name"], "by": "someone"})


def _stories(found: Items) -> Items:
    """Return the newest first, and only a part: each costs a request."""
    return list(reversed(found[::4]))


def _living(found: Items) -> Items:
    return [item for at, item in enumerate(found[::4]) if at % _GONE != _GONE - 1]


def _living_rows(found: Items) -> Truth:
    return {"items": [(item["id"], item["name"]) for item in _living(found)]}


def _events(call: Call, _names: Mapping[str, str], found: Items) -> Page:
    asked = call.parameters()
    try:
        begin, end = date.fromisoformat(asked["from"]), date.fromisoformat(asked["to"])
    except (KeyError, ValueError):
        return refuse(400, {"error": "from and to are required, as in 2025-01-31"})
    if not 0 < (end - begin).days <= _LONGEST:
        return refuse(400, {"error": f"from and to may span {_LONGEST} days at most"})
    inside = [item for item in found if str(begin) <= item["updated_at"][:10] < str(end)]
    return json_page({"from": str(begin), "to": str(end), "events": plain(inside)})


SHAPES = (
    Shape(
        name="rates",
        like="a map of rates, as Frankfurter and Open Exchange Rates send it: the keys are a column; an ETag "
        "(frankfurter.dev)",
        routes={"/v1/latest": _rates},
        truth=_rows_of_rates,
        etag=True,
    ),
    Shape(
        name="csv",
        like="a file of CSV by RFC 4180, with commas, quotes and line breaks in its fields; an ETag",
        routes={"/export.csv": _csv},
        truth=_awkward_rows,
        etag=True,
    ),
    Shape(
        name="jsonl",
        like="a file of JSON Lines (jsonlines.org); an ETag",
        routes={"/export.jsonl": _json_lines},
        etag=True,
    ),
    Shape(
        name="hackernews",
        like="a list of ids of Hacker News, each an address of its own, some of them null (github.com/HackerNews/API)",
        routes={"/v0/newstories.json": _hackernews_ids, "/v0/item/{id}": _hackernews_item},
        truth=_living_rows,
    ),
    Shape(
        name="date-windows",
        like="events that are only told for a span of at most 31 days",
        routes={"/events": _events},
    ),
)
