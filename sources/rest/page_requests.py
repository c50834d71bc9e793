"""The requests of a REST source: the first page of each walk, the pages behind it, and the walks below items."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from engine.model.source import Memory, Request
from sources.common.json_values import Row, stamp
from sources.rest.auth import secret_param
from sources.rest.config.endpoint import Endpoint, above
from sources.rest.config.options import RestOptions
from sources.rest.config.paging import Paging
from sources.rest.endpoint_step import EndpointStep
from sources.rest.items.rows import beside
from sources.rest.items.weight import REQUEST, Weight
from sources.rest.nesting import below, carried, values
from sources.rest.paging.placement import as_text, field_name, put_into
from sources.rest.paging.styles import NextPage, first_page_params, without
from sources.rest.requests import (
    accepted,
    ask_since,
    body_digest,
    can_ask,
    fill_body,
    fill_form,
    fill_headers,
    fill_params,
    method,
    named_headers,
)
from sources.rest.slices.refresh import is_fresh, moved
from sources.rest.slices.remembered import digests, variant
from sources.rest.slices.slices import (
    apart,
    entries,
    in_key_only,
    list_key,
    parameters,
)
from sources.rest.slices.slices import (
    walks as walks_of,
)
from sources.rest.templates import fill_path


class PageRequests:
    """Makes the requests of configured lists. It holds the configuration and nothing of a run."""

    def __init__(self, options: RestOptions) -> None:
        self._options = options
        self._secret_param = secret_param(options)
        self._carried = {each: carried(each, options) for each in options.endpoints}
        self.digests = digests(options)
        """The digest of each endpoint's configuration, by its name."""

    def walks(
        self,
        name: str,
        parent: Mapping[str, Any],
        entry: Mapping[str, Any],
        memory: Memory,
        item: Any = None,
        depth: int = 0,
    ) -> Iterator[Request]:
        """Yield the first request of each walk of one list; none where it is fresh.

        Args:
            name: its endpoint.
            parent: what the items above give, by placeholder.
            entry: what the entry of `values` gives, by placeholder.
            memory: what earlier runs remember.
            item: the item above; None for a list that a run begins with.
            depth: lists of the same endpoint above it.
        """
        endpoint = self._options.endpoints[name]
        key = list_key(endpoint, {**parent, **entry})
        seen, other = moved(endpoint, item), variant(name, self.digests[name], memory)
        remembered_as = f"{name} {key}{other}"
        if is_fresh(endpoint, remembered_as, seen, memory):
            return
        for one in walks_of(remembered_as, endpoint, memory):
            values = {**entry, **one.values}
            # Of a list without values from above in its parameters, the path is what names it.
            same = not one.values and "?" not in key
            step = EndpointStep(
                endpoint=name,
                path=key if same else fill_path(endpoint.path, {**parent, **values}),
                started=stamp(memory.started),
                parent=dict(parent),
                slice=values,
                list_key=key,
                variant=other,
                span=one.window.seconds if one.window else None,
                span_label=one.window.label if one.window else "",
                depth=depth if endpoint.recursive else 0,
                moved=seen if endpoint.refresh else None,
                since=one.since,
                backfill=one.backfill,
                newest=one.newest,
            )
            yield self._request(step, endpoint, first_page_params(endpoint.paging))

    def next(self, step: EndpointStep, endpoint: Endpoint, going: NextPage, before: Request) -> Request:
        """Make the request of a later page: the one before, with another place in the list."""
        if going.url:
            made = self._request(step, endpoint, None, without(going.url, self._secret_param))
        else:
            made = self._request(step, endpoint, {**first_page_params(step.paging or endpoint.paging), **going.params})
        key, verb, body, form = made.key, before.method, before.json, before.form
        if going.headers or going.in_body:
            key = f"{key} {going.cursor}"
        if going.in_body and form is not None:
            form = {**form, field_name(going.in_body[0]): as_text(going.in_body[1])}
        elif going.in_body:
            verb, body = "POST" if verb == "GET" else verb, put_into(body, *going.in_body)
        return replace(
            made,
            key=f"{key} again to {step.again}" if step.again else key,
            method=verb,
            json=body,
            form=form,
            headers={**before.headers, **going.headers},
            walk=before.walk,
            behind=step.tail,
        )

    def children(
        self, step: EndpointStep, found: Sequence[Row], memory: Memory, weight: Weight
    ) -> tuple[list[Request], int, int]:
        """Return the walks below the items of a page, how many items name nothing to ask, and how many walks are fresh.

        Raises:
            BadBody: they are too many for one answer.
        """
        requests: dict[str, Request] = {}
        skipped = fresh = 0
        children = below(step.endpoint, self._options.endpoints)
        for item in found if children else ():
            for child in children:
                above_it = values(self._carried[child], item.value, beside(item, step.known))
                for entry in entries(self._options.endpoints[child], item.value):
                    known = {**above_it, **entry}
                    if can_ask(self._options.endpoints[child], known):
                        depth = step.depth + 1 if child == step.endpoint else 0
                        first = list(self.walks(child, above_it, entry, memory, item.value, depth))
                        weight.add(REQUEST * len(first))
                        requests |= {request.key: request for request in first if request.key not in requests}
                        fresh += not first and self._options.endpoints[child].refresh is not None
                    else:
                        skipped += 1
        return list(requests.values()), skipped, fresh

    def _request(
        self, step: EndpointStep, endpoint: Endpoint, paged: Mapping[str, str | int] | None, url: str = ""
    ) -> Request:
        """Make a page's request. `since` is not in its key: a run walks each list once. Lists further down go first.

        A 304 brings back the stored body and Link but no other header. So the request is not conditional where another
        header decides about the next page.
        """
        paging = step.paging or endpoint.paging
        known = step.known
        params = fill_params({**self._options.params, **endpoint.params}, known)
        params |= parameters(endpoint, step.slice)
        where = "&".join(f"{name}={apart(str(value))}" for name, value in sorted({**params, **(paged or {})}.items()))
        beside_it = [known.get(place) for place in in_key_only(endpoint)]
        headers = fill_headers(endpoint, known)
        sent = {name: headers[name.lower()] for name in named_headers(endpoint)}
        json, form = fill_body(endpoint, known), fill_form(endpoint, known)
        asked = f"{step.endpoint} {url or step.path} {'' if url else where}".rstrip()
        made = Request(
            key=f"{asked} {body_digest(json, form, sent, beside_it)}".rstrip(),
            method=method(endpoint),
            json=json,
            form=form,
            headers={**accepted(endpoint, self._options.headers), **headers},
            url=url or step.path,
            params={} if url else {**params, **(paged or {})},
            resource=endpoint.resource,
            cost=endpoint.cost,
            route=endpoint.path,
            context=msgspec.json.decode(msgspec.json.encode(step)),
            priority=-len(list(above(step.endpoint, self._options.endpoints))) - step.depth,
            conditional=_is_conditional(paging, step) and not endpoint.sends_body,
            page=_page(paging, step, paged or {}),
            walk=step.walk_name,
            part=step.endpoint,
        )
        if endpoint.since is None or step.since is None:
            return made
        return ask_since(made, endpoint.since, step.since, paged)


def _is_conditional(paging: Paging, step: EndpointStep) -> bool:
    """Say whether a stored answer is enough: a 304 brings back the stored body and Link, but no other header.

    Headers that tell a length do not forbid it: where a 304 leaves them out, pages are asked for up to an empty one. A
    page inside of a window decides nothing, so that no header of it is needed. A page that is read for the second time
    is read because what is stored may be out of date.
    """
    decides = not step.window or step.tail
    return (
        paging.style != "auto"
        and not paging.in_body
        and not step.again
        and not (decides and (paging.header or paging.in_header))
    )


def _page(paging: Paging, step: EndpointStep, paged: Mapping[str, str | int]) -> str | int | None:
    """Return the page for `raw_page`: the number or cursor of the API, or else the number in the walk."""
    if paging.style == "none":
        return None
    named = {"page_number": "page", "offset": "offset"}.get(paging.style, "")
    if paging.style == "offset" and (paging.in_header or paging.in_body):
        return step.offset
    first = 0 if paging.style == "offset" else 1
    return paged.get(paging.param or named, step.page if step.page > 1 else first)
