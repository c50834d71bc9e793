"""The tables `resources.NAME`: limits that an API has for some paths beside those for the rest."""

from collections.abc import Iterator, Mapping
from typing import Annotated

import msgspec
from msgspec import Meta

from engine.common.text import nearest
from sources.rest.config.types import Many

CORE = "core"
"""The resource of the endpoints that name none. The limits of the source itself are its limits."""


class Resource(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The table `resources.NAME`: what the endpoints that name it are allowed together."""

    requests: Many | None = None
    """Requests allowed in `per` seconds. For APIs that count costs, units."""
    per: Annotated[float, Meta(gt=0, le=2_678_400, description="seconds, at most 31 days")] = 60.0
    min_interval: Annotated[float, Meta(gt=0, le=3600, description="seconds between two requests")] | None = None
    concurrency: Annotated[int, Meta(ge=1, le=1000)] | None = None
    """Requests in flight at most; without it as many as the source's `concurrency`."""
    in_total: bool = False
    """Its requests count towards the source's own limits as well."""


def problems(resources: Mapping[str, Resource], named: Mapping[str, str]) -> Iterator[str]:
    """Yield what contradicts itself. `named` holds the resources that endpoints name, by endpoint."""
    for endpoint, name in named.items():
        if name != CORE and name not in resources:
            guess = nearest(name, resources)
            known = f'"{guess}"' if guess else " or ".join(sorted({*resources, CORE}))
            way_out = f"add a table resources.{name}, or use {known}"
            yield f'endpoints.{endpoint}.resource: there is no resource "{name}"; {way_out}'
    for name in resources:
        if name == CORE:
            yield f"resources.{name}: the limits of {CORE} are those of the source; write them above, without a table"
        elif name not in named.values():
            yield f'resources.{name}: no endpoint uses it; give one of them resource = "{name}"'
