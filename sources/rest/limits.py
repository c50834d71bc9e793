"""The limits of a REST source as budgets: one lane for the source, and one for each resource that endpoints name."""

from collections.abc import Iterator

from engine.model.source import RateBudget
from sources.rest.config.limits import CORE, Resource
from sources.rest.config.options import RestOptions


def budgets(options: RestOptions, name: str) -> Iterator[RateBudget]:
    """Yield every configured rate, lane by lane; for a lane without one, only its concurrency limit.

    A lane of its own rests alone after a refusal: ten exports a minute say nothing about the reads beside them. A lane
    that counts towards the source's limits rests with the others, because the refusal may be that of the whole.
    """
    total = "all" if any(one.in_total for one in options.resources.values()) else ""
    used = {endpoint.resource for endpoint in options.endpoints.values()}
    if CORE in used:
        yield from _lane(CORE, _rates(options), options.concurrency, shared=total)
    for resource, one in options.resources.items():
        concurrency = one.concurrency or options.concurrency
        site = "" if one.in_total else f"{options.base_url} {name} {resource}"
        yield from _lane(resource, _own(one), concurrency, site=site)
        if one.in_total and _rates(options):
            yield from _lane(resource, _rates(options), concurrency, shared=total)


def _lane(
    resource: str, rates: list[tuple[int, float]], concurrency: int, *, shared: str = "", site: str = ""
) -> Iterator[RateBudget]:
    for requests, per in rates:
        yield RateBudget(
            resource=resource, requests=requests, per=per, concurrency=concurrency, shared=shared, site=site
        )
    if not rates:
        yield RateBudget(resource=resource, concurrency=concurrency, site=site)


def _rates(options: RestOptions) -> list[tuple[int, float]]:
    spans = (
        (options.requests_per_second, 1.0),
        (options.requests_per_minute, 60.0),
        (options.requests_per_hour, 3600.0),
        (1 if options.min_interval else None, options.min_interval or 1.0),
    )
    return [(requests, per) for requests, per in spans if requests]


def _own(one: Resource) -> list[tuple[int, float]]:
    spans = ((one.requests, one.per), (1 if one.min_interval else None, one.min_interval or 1.0))
    return [(requests, per) for requests, per in spans if requests]
