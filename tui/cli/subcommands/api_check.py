"""Asks an API for as little as shows that a harvest would work.

That is one page of every list, where lists are configured one by one; else the probes of an estimate; else the address.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from engine.common.errors import BadBody, ConnectFailed, SourceError, TransportError
from engine.common.text import clean, counted
from engine.model.capabilities import Estimator, FindsGaps, ListsEndpoints
from engine.model.credentials import carrier
from engine.model.source import Memory, Page, RateBudget, Record, Request, Response, Source
from engine.pacing.response.verdict import judge
from engine.pacing.retry import Outcome
from engine.storage.frontier import describe
from engine.transport.base import Transport
from tui.cli.subcommands.findings import Finding

MOST_PROBES: Final = 5
"""Probes of an estimate that are sent: they differ in one name, such as that of an organisation."""
MOST_PARENTS: Final = 3
"""Rows of a parent that are tried, where there is nothing below the first one."""
LONGEST_PAUSE: Final = 10.0
"""Seconds between two requests that are waited at most, to keep to a limit."""
_VALUE_LENGTH: Final = 40


def answers(source: Source, transport: Transport, now: float, secret_place: str = "") -> Iterator[Finding]:
    """Ask an API, and yield what it answers, line by line. The transport is closed at the end.

    Nothing of an earlier run is used, so that the same requests are sent every time. `secret_place` says where the
    secret was found, for a message about one that is refused.
    """
    memory = Memory(started=datetime.fromtimestamp(now, UTC), full=True)
    with asyncio.Runner() as runner:
        try:
            probes = source.probes(memory) if isinstance(source, Estimator) else ()
            if isinstance(source, ListsEndpoints):
                check = _EndpointCheck(
                    source,
                    source,
                    transport,
                    memory,
                    pause=pause_of(source, len(source.endpoints)),
                    secret_place=secret_place,
                )
                for name in _parents_first(source.endpoints):
                    yield from runner.run(check.endpoint(name))
            elif probes:
                for probe in probes[:MOST_PROBES]:
                    yield runner.run(_probe(source, transport, probe, secret_place))
                if len(probes) > MOST_PROBES:
                    more = f"{len(probes) - MOST_PROBES} more were not asked for"
                    yield Finding(well=True, asked=False, what=source.name, detail=more)
            else:
                yield runner.run(reached(source, transport, secret_place))
        finally:
            runner.run(transport.close())


async def reached(source: Source, transport: Transport, secret_place: str = "") -> Finding:
    """Request the base address of an API once, where nothing better is known. Any answer shows that it is reachable."""
    name, address = source.name, source.base_url
    try:
        response = await transport.send(Request(key="check", url="/"), {})
    except (TransportError, BadBody) as error:
        return _unreachable(name, address, error)
    if response.status == 401:
        return Finding(well=False, what=name, detail=f"{address} {_refused(source, response, secret_place)}")
    if response.status >= 500:
        return Finding(well=False, what=name, detail=f"{address} is ailing ({response.status}): try later")
    return Finding(well=True, what=name, detail=f"{address} {_answers(response)}")


def pause_of(source: Source, requests: int) -> float:
    """Return the seconds to wait between requests so that a limit of the source is kept; 0 if all of them fit in it."""
    tight = [one for one in source.budgets if one.requests is not None and one.requests < requests]
    return min(LONGEST_PAUSE, max((_spacing(one) for one in tight), default=0.0))


async def _probe(source: Source, transport: Transport, request: Request, secret_place: str) -> Finding:
    """Send a probe of a source's estimate: it shows that the credential is taken, and that a name is spelled right."""
    assert isinstance(source, Estimator)
    place = f"{source.base_url} {describe(request)}"
    try:
        response = await transport.send(request, {})
        if problem := _problem(source, response, secret_place, accepted=False):
            return Finding(well=False, what=source.name, detail=f"{place} {problem}")
        source.learn(request, response)
    except TransportError as error:
        return _unreachable(source.name, source.base_url, error)
    except BadBody as error:
        return Finding(well=False, what=source.name, detail=f"{place} answers what is not understood: {error}")
    return Finding(well=True, what=source.name, detail=f"{place} {_answers(response)}")


class _EndpointCheck:
    """Asks for one page of each list. A list below another is asked for with the first row of its parent."""

    def __init__(
        self,
        source: Source,
        lists: ListsEndpoints,
        transport: Transport,
        memory: Memory,
        *,
        pause: float,
        secret_place: str,
    ) -> None:
        self._source = source
        self._lists = lists
        self._transport = transport
        self._memory = memory
        self._pause = pause
        self._secret_place = secret_place
        self._gaps: dict[str, Sequence[str]] = {}
        self._first = True
        self._given_up = ""
        self._requests: dict[str, list[Request]] = {}
        self._find(source.seed(memory))

    async def endpoint(self, name: str) -> Sequence[Finding]:
        """Ask for one page of a list, and describe what came, and what of the configuration finds nothing in it."""
        what, unfilled = f"{self._source.name} {name}", self._gaps.get(name)
        if unfilled and name not in self._requests:
            return [Finding(well=False, what=what, detail=f"not asked for: {'; '.join(unfilled)}")]
        finding = await self._endpoint(name)
        # A column without a value may well be one that is empty on the first page only.
        return [finding, *(Finding(well=True, asked=False, what=what, detail=gap) for gap in self._gaps.get(name, ()))]

    async def _endpoint(self, name: str) -> Finding:
        what, parent = f"{self._source.name} {name}", self._lists.endpoints[name]
        found = self._requests.get(name, [])
        # Of a list that is walked in windows or for several values, the first window may well be empty.
        requests = found[:MOST_PARENTS] if parent else [*found[:1], *found[1:][-1:]]
        if self._given_up or not requests:
            why = self._given_up or f"it needs a row of {parent}, and there is none"
            return Finding(well=True, asked=False, what=what, detail=f"not asked for: {why}")
        finding = None
        for request in requests:
            finding = await self._page(what, name, request, last=request is requests[-1])
            if finding is not None:
                return finding
        tried = counted(len(requests), "row")
        detail = f"{describe(requests[0])} answers that nothing is there, and so for {tried} of {parent}: {_PATH}"
        return Finding(well=False, what=what, detail=detail)

    async def _page(self, what: str, name: str, request: Request, *, last: bool) -> Finding | None:
        """Return what a page shows; None if another one is to be asked for.

        That is so where the API answers that nothing is there below this row of the parent, and where the list is empty
        and this is not the `last` page to be asked for.
        """
        place, parent = describe(request), self._lists.endpoints[name]
        try:
            response = await self._send(request)
            accepted = self._source.accepts(request, response)
            if problem := _problem(self._source, response, self._secret_place, accepted=accepted):
                self._given_up = "the credential is refused" if response.status == 401 else ""
                return Finding(well=False, what=what, detail=f"{place} {problem}")
            page = self._parse(request, response)
        except TransportError as error:
            self._given_up = "the API cannot be reached" if isinstance(error, ConnectFailed) else ""
            return _unreachable(what, self._source.base_url, error)
        except (BadBody, SourceError) as error:
            return Finding(well=False, what=what, detail=f"{place} answers what cannot be used: {error}")
        self._find(page.more)
        self._look_for_gaps(request, response)
        rows = [record for record in page.records if record.table == name]
        if not rows and not parent and not last:
            return None
        return self._described(what, name, place, response, page, rows)

    def _described(
        self, what: str, name: str, place: str, response: Response, page: Page, rows: Sequence[Record]
    ) -> Finding | None:
        parent = self._lists.endpoints[name]
        note = f" ({clean(page.note, 120)})" if page.note else ""
        if rows:
            detail = f"{place} {_answers(response)}: {counted(len(rows), 'item')}{note}; {_row(rows[0].data)}"
            return Finding(well=True, what=what, detail=detail)
        if parent and not 200 <= response.status < 300:
            return None
        if parent:
            detail = f"{place} {_answers(response)}: no items below this row of {parent}"
            return Finding(well=True, what=what, detail=detail)
        detail = f"{place} {_answers(response)}: no items are found{note}; {_ITEMS}"
        return Finding(well=False, what=what, detail=detail)

    async def _send(self, request: Request) -> Response:
        if not self._first:
            await asyncio.sleep(self._pause)
        self._first = False
        return await self._transport.send(request, {})

    def _parse(self, request: Request, response: Response) -> Page:
        """Call the source. As in a harvest, an exception of any kind is the page's."""
        try:
            return self._source.parse(request, response, self._memory)
        except (BadBody, SourceError):
            raise
        except Exception as error:
            raise BadBody(f"the source failed on it: {type(error).__name__}: {error}") from error

    def _look_for_gaps(self, request: Request, response: Response) -> None:
        if isinstance(self._source, FindsGaps) and response.status < 300:
            try:
                self._gaps |= self._source.gaps(request, response)
            except BadBody:
                return  # an empty answer has no items to look at

    def _find(self, requests: Iterable[Request]) -> None:
        """Keep what may be asked for next, by the name of its list."""
        for request in requests:
            self._requests.setdefault(self._lists.endpoint_of(request), []).append(request)


_PATH: Final = "check path, and base_url; if it may be so, write skip"
_ITEMS: Final = "check path, params and items"


def _problem(source: Source, response: Response, secret_place: str, *, accepted: bool) -> str:
    """Say what an answer lacks to be one of the API's; "" if nothing."""
    verdict = judge(response, attempt=1, retries=0, limits=None, accepted=accepted, backoff=float)
    if verdict.outcome is Outcome.SUCCESS:
        return ""
    if verdict.outcome in {Outcome.FATAL, Outcome.LOGIN_NEEDED}:
        return _refused(source, response, secret_place)
    words = f"answers {verdict.reason}"
    if verdict.outcome in {Outcome.THROTTLED, Outcome.TRANSIENT, Outcome.NOT_READY}:
        return f"{words}: try later"
    if response.status == 403:
        return f"{words}: the credential may not see it, or the API wants one"
    return f"{words}: check path, and base_url" if response.status in {404, 405, 410} else words


def _refused(source: Source, response: Response, secret_place: str) -> str:
    if source.auth is None:
        return f"wants a credential ({response.status}), and none is configured"
    origin = f" from {clean(secret_place, 80)}" if secret_place else ""
    return f"refuses the token{origin} in {carrier(source.auth)} ({response.status}): make a new one"


def _unreachable(what: str, address: str, error: Exception) -> Finding:
    way_out = "check the network, the proxy and base_url"
    return Finding(well=False, what=what, detail=f"{address} cannot be reached: {error}; {way_out}")


def _answers(response: Response) -> str:
    return f"answers ({response.status}, {response.elapsed:.2f} s)"


def _row(data: Mapping[str, Any]) -> str:
    """Write the columns of a row. What an API sends is text and nothing else: no markup, no control characters."""
    return ", ".join(f"{column} = {clean(str(value), _VALUE_LENGTH)}" for column, value in data.items())


def _spacing(budget: RateBudget) -> float:
    return budget.per / budget.requests if budget.requests else 0.0


def _parents_first(endpoints: Mapping[str, str]) -> Sequence[str]:
    def depth(name: str) -> int:
        parent = endpoints[name]
        return 0 if not parent else 1 + depth(parent)

    return sorted(endpoints, key=depth)
