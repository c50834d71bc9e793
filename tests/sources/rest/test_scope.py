"""The scope of a REST source: the same text as in earlier versions, so that their unfinished runs are found again."""

from typing import Any

import msgspec

from sources.rest.config.options import RestOptions
from sources.rest.source import Rest

FIRST_VERSION = (
    '{"auth":{"env":null,"hint":"","name":null,"prefix":"","required":true,"type":"bearer"},'
    '"base_url":"https://api.example.com","endpoints":{"items":{"columns":{},"error":null,"items":"auto","key":[],'
    '"paging":{},"params":{},"parent":null,"path":"/items","retry":[],"since":{"format":"iso","item":"at",'
    '"look_back":300,"param":"since","start":null},"skip":[404,410,451],"stop":[]}},"headers":{},"limit_headers":{},'
    '"params":{}}'
)


def make(**endpoint: Any) -> Rest:
    items = {"path": "/items", "since": {"param": "since", "item": "at"}, "skip": [404, 410, 451], **endpoint}
    base = {"base_url": "https://api.example.com", "auth": {"type": "bearer"}, "endpoints": {"items": items}}
    return Rest(msgspec.convert(base, RestOptions))


def test_a_configuration_of_the_first_version_has_the_scope_it_had() -> None:
    assert make().scope() == FIRST_VERSION


def test_a_later_key_is_part_of_the_scope_once_it_is_written() -> None:
    assert make(resource="core", cost=1).scope() == FIRST_VERSION
    assert make(windows={"from": "2019-01-01", "start_param": "after"}).scope() != FIRST_VERSION
