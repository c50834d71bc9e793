"""Writes the outcome of a request to disk: its rows, its place in the queue, or its failure.

The rule whether and when a request is sent again is in `engine.pacing.retry`.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import random
from typing import Final

from engine.common.errors import BadBody, FetchdeckError, LaneError, LoginNeeded, SourceError, TransportError
from engine.common.text import clean
from engine.harvest.context import SourceContext
from engine.harvest.in_flight import InFlightRequest
from engine.harvest.lane import Lane
from engine.harvest.status import parked_until
from engine.harvest.walk_ends import judged
from engine.model.snapshot import Attempt
from engine.model.source import Page, Request, Response
from engine.model.walk import PAGE_REFUSED, Counted
from engine.pacing.response.error_text import head
from engine.pacing.response.headers import RateLimitInfo
from engine.pacing.response.server_clock import HeaderReader
from engine.pacing.response.throttling import Throttle
from engine.pacing.response.verdict import Verdict, judge
from engine.pacing.retry import LONGEST_WAIT, Backoff, Outcome
from engine.pacing.ticket import RequestResult
from engine.storage.failures import FailureRecord
from engine.storage.frontier import Claimed, describe
from engine.storage.http_cache import Answer, Validators

NOT_MODIFIED: Final = 304
LOST: Final = "not sent, because another page of its list failed; it is sent when that page is retried"
log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WorkDelta:
    """How an outcome changed the number of open requests."""

    opened: int
    """Requests added, minus this one if it is over."""
    done: int
    claimable: bool
    """Whether the queue has requests that the lanes should claim."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What came of an attempt, judged after parsing."""

    result: Response | FetchdeckError
    verdict: Verdict
    info: RateLimitInfo | None = None
    page: tuple[Response, Page] | None = None
    """The answer as it was parsed, and its page; None if there is none."""
    broken: bytes | None = None
    """The body, where the source cannot read it."""
    stops: SourceError | None = None
    """The source refuses to go on."""


AGAIN: Final = WorkDelta(opened=0, done=0, claimable=True)


class OutcomeHandler:
    """Handles the outcomes of one source's requests, in any order. Many are handled at the same time."""

    def __init__(self, context: SourceContext) -> None:
        self.retrying = 0
        """How many of the queued requests wait for another attempt."""
        self._context = context
        self._parked_until: dict[str, float] = {}
        """By lane, until when it was last reported as parked: refusals that arrive together are reported once."""
        self._unanswered: dict[int, float] = {}
        """By request, when it failed last without any answer. An attempt counts once the host has answered since."""
        self._backoff = Backoff(chance=random)
        self._reader = HeaderReader(offset=context.wall() - context.now())

    async def handle(self, lane: Lane, request: InFlightRequest, result: Response | FetchdeckError) -> WorkDelta:
        """Classify an answer, or the error that came instead, and write its outcome to disk.

        Raises:
            SourceError: the source must stop, or wait for a login; the request is still claimed.
            StoreFailed: the outcome was not written.
        """
        arrived = self._context.now()
        self.retrying -= request.claimed.attempt > 0  # it is in no queue now; whoever puts it back counts it again
        if isinstance(result, Response):
            self._context.meter.answered(arrived, result.elapsed)
        read = await self._read(request, result, arrived)
        with self._context.unwritten.counting(read.page and read.page[1]):
            return await self._write(lane, request, read, arrived)

    async def _write(self, lane: Lane, request: InFlightRequest, read: "_Read", arrived: float) -> WorkDelta:
        answer = read.result if isinstance(read.result, Response) else None
        verdict = self._learn(lane, request, read, arrived)
        if read.stops is not None:
            raise read.stops
        if answer is None or read.page is None:
            return await self._not_landed(lane, request, verdict, answer, read.broken)
        try:
            return await self._store_page(lane, request, read.page, unchanged=answer.status == NOT_MODIFIED)
        except BadBody as error:
            # A value that the database cannot hold. Admission has counted this answer as a success: the server did its
            # part.
            return await self._not_landed(lane, request, self._judge(request, error, None), answer, answer.body)

    async def _read(self, request: InFlightRequest, result: Response | FetchdeckError, arrived: float) -> "_Read":
        """Judge what came, after its source has parsed it: a maintenance page with status 200 is a failure."""
        if not isinstance(result, Response):
            return _Read(result=result, verdict=self._judge(request, result, None))
        info = self._reader.read(result.headers, sent_at=request.ticket.sent_at, now=arrived)
        read = _Read(result=result, verdict=self._judge(request, result, info), info=info)
        if read.verdict.outcome is not Outcome.SUCCESS:
            return read
        asked, response = request.claimed.request, result
        try:
            if response.status == NOT_MODIFIED:
                response = await self._stored_answer(asked, response)
            await self._context.unwritten.room()
            return replace(read, page=(response, self._parse(asked, response)))
        except BadBody as error:
            return replace(read, verdict=self._judge(request, error, None), broken=result.body)
        except SourceError as error:
            return replace(read, stops=error)

    def _learn(self, lane: Lane, request: InFlightRequest, read: "_Read", arrived: float) -> Verdict:
        """Let the lane's admission learn from an attempt, once. Return the verdict, on the terms it is retried on."""
        now, result, info, verdict = self._context.now(), read.result, read.info, read.verdict
        if verdict.outcome is Outcome.NO_ROOM:
            move = lane.admission.no_room(now, request.ticket, _why(result) or verdict.reason)
            if move is not None:
                self._context.reporter.moved(lane.resource, move)
            return verdict
        if isinstance(result, SourceError):
            lane.admission.gone(request.ticket)  # it was never sent, so that nothing is known of the server
            return verdict
        answered, why = True, verdict.reason
        if isinstance(result, TransportError):
            answered, why = result.answered, _why(result) or verdict.reason
        request_result = RequestResult(
            signal=verdict.load,
            latency=result.elapsed if isinstance(result, Response) else now - request.ticket.sent_at,
            readings=self._reader.readings(info, arrived, unnamed=lane.resource) if info else (),
            refused=verdict.outcome is Outcome.THROTTLED,
            throttle=verdict.throttle or Throttle.PLAIN,
            wait=verdict.wait,
            reason=why,
            chance=random(),  # noqa: S311 -- spreads requests over time, no secret
            lagged=self._context.lag.late_since(request.ticket.sent_at),
            unchanged=isinstance(result, Response) and result.status == NOT_MODIFIED,
            answered=answered,
        )
        move = lane.admission.answered(now, request.ticket, request_result)
        if move is not None:
            self._context.reporter.moved(lane.resource, move)
        terms = lane.admission.weigh(now, request_result, retried=request.claimed.attempt > 0)
        id = request.claimed.id
        heard = lane.admission.reach.answers_since(self._unanswered.pop(id, request.ticket.sent_at))
        if not answered:
            self._unanswered[id] = now
        if verdict.outcome not in {Outcome.TRANSIENT, Outcome.BAD_BODY}:
            return verdict
        if terms.excused or not (answered or heard):
            wait = 0.0 if terms.held else verdict.wait or self._backoff(1)
            return replace(verdict, excused=True, wait=wait)
        return replace(verdict, wait=LONGEST_WAIT) if terms.later and verdict.wait is not None else verdict

    def _judge(
        self, request: InFlightRequest, result: Response | FetchdeckError, info: RateLimitInfo | None
    ) -> Verdict:
        return judge(
            result,
            attempt=request.claimed.attempt + 1,
            retries=self._context.settings.retries,
            bad_body_retries=self._context.settings.bad_body_retries,
            limits=info,
            accepted=isinstance(result, Response) and self.accepts(request.claimed.request, result),
            backoff=self._backoff,
            server_now=self._reader.server_now(self._context.now()),
        )

    def accepts(self, request: Request, response: Response) -> bool:
        """Whether the source makes sense of an answer that is no success."""
        return not 200 <= response.status < 300 and self._context.source.accepts(request, response)

    async def _store_page(
        self, lane: Lane, request: InFlightRequest, read: tuple[Response, Page], *, unchanged: bool
    ) -> WorkDelta:
        """Commit the rows of a page, its follow-up requests and its done mark."""
        claimed, (response, page) = request.claimed, read
        source_request = claimed.request
        if page.cost is not None:
            lane.admission.costs.reported(source_request.route, source_request.cost, page.cost)
        page = judged(page, source_request, await self._pages(source_request, page))
        answer = _cacheable(response) if source_request.conditional and not unchanged else None
        status = NOT_MODIFIED if unchanged else response.status
        landed = await self._context.store.finish(claimed, page, status, answer)
        self._context.meter.landed(self._context.now(), rows=landed.rows, added=landed.added, size=len(response.body))
        lane.slots.tally(request.slot, landed=True)
        lane.tally.add(rows=landed.rows, size=len(response.body))
        self._context.meter.count_avoided(page.avoided)
        self._context.meter.notes += bool(page.note)
        self._context.walks.ended(landed.ends)
        self._context.reporter.landed(request, response, status=status, rows=landed.rows, note=page.note)
        return WorkDelta(opened=landed.more - 1, done=1, claimable=landed.more > 0 or landed.frees)

    async def _pages(self, request: Request, page: Page) -> Sequence[Counted]:
        """Return what the earlier pages of a walk brought, where this one decides how it goes on."""
        decides = page.counted is not None and page.counted.pages > 1 and (page.ends or request.behind)
        return await self._context.store.pages(request.walk) if decides else ()

    async def _stored_answer(self, request: Request, response: Response) -> Response:
        """Return the answer that a 304 stands for, with the stored body, and the stored links if it brings none."""
        stored = await self._context.store.cached_response(request)
        if stored is None:
            raise BadBody("304 Not Modified, but no earlier answer is stored")
        link = {} if stored.link is None else {"link": stored.link}
        return replace(response, status=200, body=stored.body, headers={**link, **response.headers}, unchanged=True)

    def _parse(self, request: Request, response: Response) -> Page:
        """Call the source. An exception fails this page only, except a SourceError, which stops the source."""
        try:
            return self._context.source.parse(request, response, self._context.memory)
        except (BadBody, SourceError):
            raise
        except Exception as error:
            log.exception("source %s cannot parse %s", self._context.source.name, request.key)
            raise BadBody(f"the source failed on it: {type(error).__name__}: {error}") from error

    async def _not_landed(
        self, lane: Lane, request: InFlightRequest, verdict: Verdict, answer: Response | None, body: bytes | None
    ) -> WorkDelta:
        """Queue a request again, or fail it for good."""
        status = None if answer is None else answer.status
        lane.slots.tally(request.slot, landed=False)
        if verdict.outcome is Outcome.FATAL:
            raise SourceError(verdict.reason)
        if verdict.outcome is Outcome.LOGIN_NEEDED:
            raise LoginNeeded(verdict.reason)
        if verdict.outcome is Outcome.THROTTLED:
            return await self._requeue_refused(lane, request, verdict, status or 0)
        if verdict.outcome in {Outcome.EXPIRED, Outcome.NO_ROOM}:
            return await self._requeue_blameless(request, verdict, status)
        if verdict.retry:
            return await self._requeue_failed(lane, request, verdict, status)
        return await self._give_up(request, verdict, answer, body)

    async def _requeue_refused(self, lane: Lane, request: InFlightRequest, verdict: Verdict, status: int) -> WorkDelta:
        self._context.meter.throttled += 1
        self.retrying += request.claimed.attempt > 0
        gate = lane.admission.gate
        wait = gate.blocked(self._context.now()) or 0.0
        self._context.reporter.throttled(request, verdict, status=status, wait=wait)
        until = parked_until(gate, self._context.now(), self._context.wall())
        if until is not None and until > self._parked_until.get(lane.resource, 0.0) + 1.0:
            self._parked_until[lane.resource] = until
            self._context.reporter.parked(lane.resource, until, gate.length)
        # It is due at once. The penalty gate of the lane holds it back, and a later answer may move the gate's opening.
        attempt = self._attempt("throttled", status, verdict.reason, wait)
        await self._context.store.put_back(_counted(request.claimed, verdict), wait=0, attempt=attempt)
        return AGAIN

    async def _requeue_blameless(self, request: InFlightRequest, verdict: Verdict, status: int | None) -> WorkDelta:
        """Queue a request again whose credential was renewed, or that this process had no room for.

        Admission decides when it goes, as for any other.
        """
        claimed = request.claimed
        self.retrying += claimed.attempt > 0
        self._context.reporter.retried(request, verdict, status=status, attempt=claimed.attempt, wait=0.0)
        how = "renewed" if verdict.outcome is Outcome.EXPIRED else verdict.outcome.value
        attempt = self._attempt(how, status, verdict.reason, 0.0)
        await self._context.store.put_back(_counted(claimed, verdict), wait=0, attempt=attempt)
        return AGAIN

    async def _requeue_failed(
        self, lane: Lane, request: InFlightRequest, verdict: Verdict, status: int | None
    ) -> WorkDelta:
        self._context.meter.retries += 1
        claimed, wait = _counted(request.claimed, verdict), verdict.wait or 0.0
        self.retrying += claimed.attempt > 0
        told = max(wait, lane.admission.resting(self._context.now()))  # the domain may hold it back for longer
        self._context.reporter.retried(request, verdict, status=status, attempt=claimed.attempt, wait=told)
        attempt = self._attempt("retry", status, verdict.reason, told)
        await self._context.store.put_back(claimed, wait=wait, attempt=attempt)
        return AGAIN

    async def put_back(
        self, claimed: Claimed, result: Response | FetchdeckError, reason: str, how: str = "stopped"
    ) -> WorkDelta:
        """Queue a request again whose answer stops the source, or makes it wait. No attempt is counted."""
        status = result.status if isinstance(result, Response) else None
        self.retrying += claimed.attempt > 0
        attempt = self._attempt(how, status, reason, None)
        await self._context.store.put_back(claimed, wait=0, attempt=attempt)
        return AGAIN

    async def fail_with_lane(
        self, request: InFlightRequest, result: Response | FetchdeckError, reason: str
    ) -> WorkDelta:
        """Fail a request whose answer closed its lane."""
        return await self._fail_answered(request, result, LaneError.__name__, reason)

    async def fail_refused(self, request: InFlightRequest, result: Response | FetchdeckError, reason: str) -> WorkDelta:
        """Fail a request whose credential is refused for it alone."""
        kind = str(result.status) if isinstance(result, Response) else type(result).__name__
        return await self._fail_answered(request, result, kind, f"{reason}; others are answered with it")

    async def _fail_answered(
        self, request: InFlightRequest, result: Response | FetchdeckError, kind: str, reason: str
    ) -> WorkDelta:
        failed = FailureRecord(
            kind=kind,
            message=reason,
            what=request.what,
            status=result.status if isinstance(result, Response) else None,
            head=head(result) if isinstance(result, Response) else "",
        )
        return await self._fail_attempt(request, failed)

    async def drop(self, claimed: Claimed, reason: str) -> WorkDelta:
        """Fail a request that was never sent: its lane is closed, or a request that it waited for has failed."""
        kind, said = ("WalkCut", LOST) if claimed.lost else (LaneError.__name__, reason)
        failed = FailureRecord(kind=kind, message=said, what=describe(claimed.request))
        return await self._fail(claimed, failed, None, None)

    async def _give_up(
        self, request: InFlightRequest, verdict: Verdict, answer: Response | None, body: bytes | None
    ) -> WorkDelta:
        if answer is not None and answer.status in PAGE_REFUSED:
            queued = await self._context.store.begin_anew(request.claimed)
            if queued is not None:
                return self._began_anew(request, verdict, answer.status, queued)
        failed = FailureRecord(
            kind=verdict.kind,
            message=verdict.reason,
            what=request.what,
            status=None if answer is None else answer.status,
            body=body,
            head="" if answer is None else head(answer),
        )
        return await self._fail_attempt(request, failed)

    def _began_anew(self, request: InFlightRequest, verdict: Verdict, status: int, queued: int) -> WorkDelta:
        """Report that the list of a refused page begins anew."""
        said = replace(verdict, reason=f"{verdict.reason}; its list begins anew, as the API does not go on there")
        self._context.meter.retries += 1
        self._context.reporter.retried(request, said, status=status, attempt=request.claimed.attempt, wait=0.0)
        return WorkDelta(opened=queued - 1, done=0, claimable=queued > 0)

    async def _fail_attempt(self, request: InFlightRequest, failed: FailureRecord) -> WorkDelta:
        claimed = replace(request.claimed, attempt=request.claimed.attempt + 1)
        attempt = self._attempt("failed", failed.status, failed.message, None)
        return await self._fail(claimed, failed, request.slot, attempt)

    async def _fail(
        self, claimed: Claimed, failed: FailureRecord, slot: int | None, attempt: Attempt | None
    ) -> WorkDelta:
        self._context.meter.failed += 1
        await self._context.store.fail(claimed, failed, attempt)
        self._context.failures.add(self._context.source.name, failed, self._context.wall())
        self._context.walks.failed(claimed.request, failed.message)
        self._context.reporter.failed(failed, claimed, slot=slot)
        # A request that waited for this one may be due now, to fail as well.
        return WorkDelta(opened=-1, done=0, claimable=bool(claimed.request.walk))

    def _attempt(self, outcome: str, status: int | None, reason: str, wait: float | None) -> Attempt:
        return Attempt(at=self._context.wall(), outcome=outcome, status=status, reason=reason, wait=wait)


def _why(result: Response | FetchdeckError) -> str:
    """Return what a transport says of the host, or of this process, without the request."""
    return clean(result.why) if isinstance(result, TransportError) else ""


def _counted(claimed: Claimed, verdict: Verdict) -> Claimed:
    """Count an attempt. A rate-limit refusal is counted apart and uses up no attempt."""
    refused = claimed.refused + (verdict.outcome is Outcome.THROTTLED)
    return replace(claimed, attempt=claimed.attempt + (verdict.outcome.counts and not verdict.excused), refused=refused)


def _cacheable(response: Response) -> Answer | None:
    """Return what to store for a later conditional request; None if the answer has no validators."""
    etag, modified = response.headers.get("etag"), response.headers.get("last-modified")
    if response.status != 200 or not (etag or modified):
        return None
    validators = Validators(etag=etag, last_modified=modified)
    return Answer(validators=validators, link=response.headers.get("link"), body=response.body)
