"""What a REST configuration harvests, as the text by which an unfinished run is found again."""

from collections.abc import Collection
from typing import Any, Final

import msgspec

from sources.rest.config.endpoint import NOTHING_THERE
from sources.rest.config.options import RestOptions

_PACE: Final = frozenset(
    {"requests_per_second", "requests_per_minute", "requests_per_hour", "min_interval", "concurrency", "terms"}
)
_LANE: Final = frozenset({"resource", "cost"})
_OPTIONS: Final = frozenset({"base_url", "endpoints", "auth", "limit_headers", "headers", "params"})
_ENDPOINT: Final = frozenset(
    {"path", "params", "items", "key", "columns", "parent", "paging", "since", "error", "skip", "stop", "retry"}
)
_AUTH: Final = frozenset({"type", "name", "prefix", "env", "required", "hint"})
_SINCE: Final = frozenset({"param", "item", "format", "look_back", "start"})


def scope(options: RestOptions) -> str:
    """Return all options except the pace.

    Keys that came later are left out where they have their default. So an unfinished run of an earlier version is still
    found; the keys of the first version are always there, as they were in it.
    """
    told = _told(options, _OPTIONS, without={*_PACE, "resources"})
    if options.auth:
        told["auth"] = {"name": None, "prefix": "", **_told(options.auth, _AUTH)}
    for name, endpoint in options.endpoints.items():
        told["endpoints"][name] = _told(endpoint, _ENDPOINT, without=_LANE)
        # The default was these statuses once: a run of then is resumed, and its failed requests are taken over.
        told["endpoints"][name]["skip"] = list(NOTHING_THERE if endpoint.skip is None else endpoint.skip)
        if endpoint.since:
            told["endpoints"][name]["since"] = _told(endpoint.since, _SINCE)
    return msgspec.json.encode(told, order="deterministic").decode()


def _told(table: msgspec.Struct, first: Collection[str], without: Collection[str] = ()) -> dict[str, Any]:
    told = {key: value for key, value in msgspec.to_builtins(table).items() if key not in without}
    for field in msgspec.structs.fields(table):
        made = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
        if field.name not in first and getattr(table, field.name) == made:
            told.pop(field.name, None)
    return told
