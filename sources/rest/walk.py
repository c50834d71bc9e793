"""Where a walk continues after a page, and how a cycle is detected."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import msgspec

from engine.model.source import Request, Response
from sources.common.json_values import Row, instant
from sources.rest.auth import secret_param
from sources.rest.config.endpoint import Endpoint
from sources.rest.config.options import RestOptions
from sources.rest.incremental import newest
from sources.rest.nesting import EndpointStep
from sources.rest.paging import NextPage, Seen, detect, next_page, without


def walk(
    request: Request,
    response: Response,
    step: EndpointStep,
    endpoint: Endpoint,
    body: Any,
    found: Sequence[Row],
    options: RestOptions,
) -> tuple[EndpointStep, NextPage]:
    """Update a walk with a page, and decide where it continues."""
    paging = step.paging or endpoint.paging
    if paging.style == "auto":
        paging = detect(paging, response, body)
    high = step.newest
    started = instant(step.started)
    if endpoint.since and started:
        for item in found:
            high = newest(endpoint.since, item.value, high, started)
    digest = _digest(b"\n".join(item.raw for item in found))
    seen = Seen(
        request=request,
        response=response,
        body=body,
        items=found,
        number=step.page,
        cursor=step.cursor,
        base_url=options.base_url,
    )
    going = next_page(paging, seen)
    here = _digest(repr((without(going.url, secret_param(options)), sorted(going.params.items()))).encode())
    if found and digest == step.digest and (going.url or going.params):
        going = NextPage(problem="the page repeats the one before")
    elif here == step.mark and (going.url or going.params):
        going = NextPage(problem="the pages go in circles")
    # The mark moves at pages 1, 2, 4, 8, ... (Brent's algorithm, https://en.wikipedia.org/wiki/Cycle_detection): it
    # finds a cycle of any length with one stored value.
    mark = here if step.page & (step.page - 1) == 0 else step.mark
    return msgspec.structs.replace(step, paging=paging, newest=high, digest=digest, mark=mark), going


def _digest(content: bytes) -> str:
    return blake2b(content, digest_size=8).hexdigest()
