"""Whatever an API sends to the configurable source: rows that fit the database, or BadBody, and an end."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.common.errors import BadBody
from engine.model.source import Memory, Request
from sources.rest.config.options import RestOptions
from sources.rest.source import Rest
from tests.fuzzing import examples
from tests.sources.driver import STARTED, respond
from tests.sources.test_hostile import JSON, _check

MEMORY = Memory(started=STARTED)
URL = "https://api.example.com/list"
PAGINGS: list[dict[str, Any]] = [
    {"style": "auto"},
    {"style": "link_header"},
    {"style": "page_number", "last": "p.last", "more": "p.more", "total": "p.total", "size": 2},
    {"style": "offset", "size": 2, "total": "p.total"},
    {"style": "cursor_body", "next": "next", "param": "c"},
    {"style": "cursor_body", "next": "next"},
    {"style": "keyset", "param": "after", "item": "id", "end": "p.end"},
]
LINKS = st.sampled_from(["", "<http://[>; rel=next", "</x>; rel=next", "<//evil.test>; rel=next", "<\x00>; rel=next"])


def make(paging: dict[str, Any]) -> Rest:
    endpoints = {
        "list": {
            "path": "/list",
            "key": ["id"],
            "columns": {"id": "id", "at": "at", "many": "many:integer", "part": "part:real"},
            "paging": paging,
            "since": {"param": "since", "item": "at"},
            "error": "error",
        },
        "below": {"path": "/list/{parent.id}", "parent": "list", "params": {"q": "{parent.many}"}},
        "entry": {
            "path": "/entry/{slice}",
            "parent": "list",
            "values": "parent.part",
            "recursive": True,
            "refresh": {"when": "at"},
            "columns": {"entry": "slice"},
        },
        "window": {
            "path": "/window/{slice.deep.er}",
            "parent": "list",
            "values": "parent.part",
            "windows": {"from": "2025-01-01", "start_param": "after"},
            "mark_gone": True,
        },
    }
    return Rest(msgspec.convert({"base_url": "https://api.example.com", "endpoints": endpoints}, RestOptions))


@pytest.mark.parametrize("paging", PAGINGS, ids=lambda paging: paging["style"])
@given(data=st.data())
@examples(80)
def test_any_value_anywhere_is_survived(paging: dict[str, Any], data: st.DataObject) -> None:
    item = {"id": "a", "at": "2025-01-01", "many": 1, "part": 1.5}
    body: dict[str, Any] = {"data": [item, {"id": "b"}], "p": {"last": 3, "more": True, "total": 9}, "next": "x"}
    where = data.draw(st.sampled_from([*item, *body]))
    hostile = data.draw(JSON)
    if where in item:
        body["data"][0] = item | {where: hostile}
    else:
        body[where] = hostile
    source = make(paging)
    request = next(iter(source.seed(MEMORY)))

    _check(lambda: source.parse(request, respond(body, link=data.draw(LINKS), url=URL), MEMORY))


@pytest.mark.parametrize("paging", PAGINGS, ids=lambda paging: paging["style"])
@given(body=JSON.map(msgspec.json.encode) | st.binary(max_size=40))
@examples(40)
def test_any_body_is_survived(paging: dict[str, Any], body: bytes) -> None:
    source = make(paging)
    request = next(iter(source.seed(MEMORY)))

    _check(lambda: source.parse(request, respond(body, url=URL), MEMORY))


@pytest.mark.parametrize("shape", ["iso", "date", "unix", "unix_ms", "number"])
@given(value=st.text(max_size=30) | st.sampled_from(["nan", "inf", "-inf", "1e999", "-5", "1e300"]))
def test_any_cursor_is_survived(shape: str, value: str) -> None:
    endpoint = {"path": "/list", "since": {"param": "since", "item": "at", "format": shape}}
    options = {"base_url": "https://api.example.com", "endpoints": {"list": endpoint}}
    source = Rest(msgspec.convert(options, RestOptions))

    request = next(iter(source.seed(Memory(started=STARTED, cursors={"list /list since": value}))))

    msgspec.json.encode(request)


@pytest.mark.parametrize("context", [{}, {"endpoint": "other", "path": "/", "started": ""}, {"endpoint": 7}])
def test_a_request_of_another_configuration_is_a_bad_body(context: dict[str, Any]) -> None:
    source = make({"style": "none"})
    request = Request(key="k", url="/list", context=context)

    with pytest.raises(BadBody, match="context"):
        source.parse(request, respond([], url=URL), MEMORY)
