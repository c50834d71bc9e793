"""Carries out what an attempt means for its request: lands its rows, queues it again, or fails it for good.

The rule itself (sent again, when, how often) is `engine.pacing.retry`; here it meets the disk and the log.
"""

import logging
from dataclasses import dataclass, replace
from random import random
from typing import Final

from engine.common.errors import BadBody, FetchdeckError, LaneError, SourceError
from engine.harvest.context import SourceContext
from engine.harvest.in_flight import InFlightRequest
from engine.harvest.lane import Lane
from engine.harvest.status import parked_until
from engine.model.snapshot import Attempt
from engine.model.source import Page, Request, Response
from engine.pacing.response.error_text import head
from engine.pacing.response.headers import RateLimitInfo
from engine.pacing.response.server_clock import HeaderReader
from engine.pacing.response.throttling import Throttle
from engine.pacing.response.verdict import Verdict, judge
from engine.pacing.retry import Backoff, Outcome
from engine.pacing.ticket import RequestResult
from engine.storage.failures import Failed
from engine.storage.frontier import Claimed, describe_claimed
from engine.storage.http_cache import Answer, Validators

NOT_MODIFIED: Final = 304
log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WorkDelta:
    """How an outcome changed the number of open requests."""

    opened: int
    """Requests added, minus the one that is over."""
    done: int
    feed: bool
    """Whether there are new requests to claim."""


AGAIN: Final = WorkDelta(opened=0, done=0, feed=True)


class OutcomeHandler:
    """Handles the outcomes of one source's requests, one at a time and in any order."""

    def __init__(self, context: SourceContext) -> None:
        self.retrying = 0
        """How many of the queued requests wait for another attempt."""
        self._context = context
        self._parked_until: dict[str, float] = {}
        """Until when each lane was last reported as parked: a flight of refusals is reported once."""
        self._backoff = Backoff(chance=random)
        self._reader = HeaderReader(offset=context.wall() - context.now())

    async def handle(self, lane: Lane, flight: InFlightRequest, result: Response | FetchdeckError) -> WorkDelta:
        """Classify an answer, or the error that came instead, and write its outcome to disk.

        Raises:
            SourceError: the source must stop; the request is still claimed.
            StoreFailed: the outcome was not written.
        """
        now = self._context.now()
        verdict = self.classify(lane, flight, result, now)
        self.retrying -= flight.claimed.attempt > 0
        if isinstance(result, Response):
            self._context.meter.answered(now, result.elapsed)
            if verdict.outcome is Outcome.SUCCESS:
                try:
                    return await self._land(lane, flight, result)
                except BadBody as error:
                    # Admission has counted this answer as a success: the server did its part.
                    verdict, body = self._judge(flight, error, None), result.body
                    return await self._miss(lane, flight, verdict, result, body)
        return await self._miss(lane, flight, verdict, result if isinstance(result, Response) else None, None)

    def classify(self, lane: Lane, flight: InFlightRequest, result: Response | FetchdeckError, now: float) -> Verdict:
        """Judge an answer, or the error that came instead, and let the lane's admission learn from it."""
        if isinstance(result, Response):
            advice = self._reader.read(result.headers, sent_at=flight.ticket.sent_at, now=now)
            latency, unchanged = result.elapsed, result.status == NOT_MODIFIED
        else:
            advice, latency, unchanged = None, now - flight.ticket.sent_at, False
        verdict = self._judge(flight, result, advice)
        answered = RequestResult(
            outcome=verdict.load,
            latency=latency,
            readings=self._reader.readings(advice, now, unnamed=lane.resource) if advice else (),
            refused=verdict.outcome is Outcome.THROTTLED,
            throttle=verdict.throttle or Throttle.PLAIN,
            wait=verdict.wait,
            reason=verdict.reason,
            chance=random(),  # noqa: S311 -- spreads requests over time, no secret
            lagged=self._context.lag.since(flight.ticket.sent_at),
            unchanged=unchanged,
        )
        move = lane.admission.answered(now, flight.ticket, answered)
        if move is not None:
            self._context.reporter.moved(lane.resource, move)
        return verdict

    def _judge(
        self, flight: InFlightRequest, result: Response | FetchdeckError, advice: RateLimitInfo | None
    ) -> Verdict:
        return judge(
            result,
            attempt=flight.claimed.attempt + 1,
            retries=self._context.settings.retries,
            advice=advice,
            accepted=isinstance(result, Response) and self._accepts(flight.claimed.request, result),
            backoff=self._backoff,
            server_now=self._reader.server_now(self._context.now()),
        )

    def _accepts(self, request: Request, response: Response) -> bool:
        return not 200 <= response.status < 300 and self._context.source.accepts(request, response)

    async def _land(self, lane: Lane, flight: InFlightRequest, response: Response) -> WorkDelta:
        """Parse an answer and commit its rows and its follow-up requests."""
        claimed = flight.claimed
        request = claimed.request
        if response.status == NOT_MODIFIED:
            response = await self._unchanged(request, response)
        page = self._parse(request, response)
        if page.cost is not None:
            lane.admission.costs.reported(request.route, request.cost, page.cost)
        answer = _cacheable(response) if request.conditional and not response.unchanged else None
        status = NOT_MODIFIED if response.unchanged else response.status
        landed = await self._context.store.finish(claimed, page, status, answer)
        self._context.meter.landed(self._context.now(), rows=landed.rows, size=len(response.body))
        lane.places.tally(flight.place, landed=True)
        lane.tally.add(rows=landed.rows, size=len(response.body))
        self._context.meter.spared(page.avoided)
        self._context.reporter.landed(flight, response, status=status, rows=landed.rows, note=page.note)
        return WorkDelta(opened=landed.more - 1, done=1, feed=landed.more > 0)

    async def _unchanged(self, request: Request, response: Response) -> Response:
        """Return the answer that a 304 stands for, with the body and the links that were stored last time."""
        stored = await self._context.store.cached_response(request)
        if stored is None:
            raise BadBody("304 Not Modified, but no earlier answer is stored")
        link = {} if stored.link is None else {"link": stored.link}
        return replace(response, status=200, body=stored.body, headers={**response.headers, **link}, unchanged=True)

    def _parse(self, request: Request, response: Response) -> Page:
        """Call the source. An exception costs this page only, unless it is a SourceError, which stops the source."""
        try:
            return self._context.source.parse(request, response, self._context.memory)
        except (BadBody, SourceError):
            raise
        except Exception as error:
            log.exception("source %s cannot parse %s", self._context.source.name, request.key)
            raise BadBody(f"the source failed on it: {type(error).__name__}: {error}") from error

    async def _miss(
        self, lane: Lane, flight: InFlightRequest, verdict: Verdict, answer: Response | None, body: bytes | None
    ) -> WorkDelta:
        """Queue a request again, or fail it for good."""
        status = None if answer is None else answer.status
        lane.places.tally(flight.place, landed=False)
        if verdict.outcome is Outcome.FATAL:
            raise SourceError(verdict.reason)
        if verdict.outcome is Outcome.THROTTLED:
            return await self._throttled(lane, flight, verdict, status or 0)
        if verdict.retry:
            return await self._retry(flight, verdict, status)
        return await self._give_up(flight, verdict, answer, body)

    async def _throttled(self, lane: Lane, flight: InFlightRequest, verdict: Verdict, status: int) -> WorkDelta:
        self._context.meter.throttled += 1
        self.retrying += flight.claimed.attempt > 0
        gate = lane.admission.gate
        wait = gate.blocked(self._context.now()) or 0.0
        self._context.reporter.throttled(flight, verdict, status=status, wait=wait)
        until = parked_until(gate, self._context.now(), self._context.wall())
        if until is not None and until > self._parked_until.get(lane.resource, 0.0) + 1.0:
            self._parked_until[lane.resource] = until
            self._context.reporter.parked(lane.resource, until, gate.length)
        # Due at once: the gate of its domain holds it back, and may open earlier or later than it expects now.
        tried = self._tried("throttled", status, verdict.reason, wait)
        await self._context.store.put_back(_counted(flight.claimed, verdict.outcome), wait=0, attempt=tried)
        return AGAIN

    async def _retry(self, flight: InFlightRequest, verdict: Verdict, status: int | None) -> WorkDelta:
        self._context.meter.retries += 1
        self.retrying += 1
        claimed, wait = _counted(flight.claimed, verdict.outcome), verdict.wait or 0.0
        self._context.reporter.retried(flight, verdict, status=status, attempt=claimed.attempt, wait=wait)
        tried = self._tried("retry", status, verdict.reason, wait)
        await self._context.store.put_back(claimed, wait=wait, attempt=tried)
        return AGAIN

    async def stopped(self, claimed: Claimed, result: Response | FetchdeckError, reason: str) -> None:
        """Queue a request again whose answer stops the source: the next run sends it, and no attempt is counted."""
        status = result.status if isinstance(result, Response) else None
        tried = self._tried("stopped", status, reason, None)
        await self._context.store.put_back(_counted(claimed, Outcome.FATAL), wait=0, attempt=tried)

    async def close(self, flight: InFlightRequest, result: Response | FetchdeckError, reason: str) -> WorkDelta:
        """Fail a request for good whose answer closed its lane."""
        failed = Failed(
            kind=LaneError.__name__,
            message=reason,
            what=flight.what,
            status=result.status if isinstance(result, Response) else None,
            head=head(result) if isinstance(result, Response) else "",
        )
        return await self._end(flight, failed)

    async def drop(self, claimed: Claimed, reason: str) -> WorkDelta:
        """Fail a request that was never sent, because its lane is closed."""
        failed = Failed(kind=LaneError.__name__, message=reason, what=describe_claimed(claimed))
        return await self._park(claimed, failed, None, None)

    async def _give_up(
        self, flight: InFlightRequest, verdict: Verdict, answer: Response | None, body: bytes | None
    ) -> WorkDelta:
        failed = Failed(
            kind=verdict.kind,
            message=verdict.reason,
            what=flight.what,
            status=None if answer is None else answer.status,
            body=body,
            head="" if answer is None else head(answer),
        )
        return await self._end(flight, failed)

    async def _end(self, flight: InFlightRequest, failed: Failed) -> WorkDelta:
        claimed = _counted(flight.claimed, Outcome.PERMANENT)
        tried = self._tried("failed", failed.status, failed.message, None)
        return await self._park(claimed, failed, flight.place, tried)

    async def _park(self, claimed: Claimed, failed: Failed, place: int | None, tried: Attempt | None) -> WorkDelta:
        self._context.meter.failed += 1
        await self._context.store.fail(claimed, failed, tried)
        self._context.failures.add(self._context.source.name, failed, self._context.wall())
        self._context.reporter.failed(failed, claimed, place=place)
        return WorkDelta(opened=-1, done=0, feed=False)

    def _tried(self, outcome: str, status: int | None, reason: str, wait: float | None) -> Attempt:
        return Attempt(at=self._context.wall(), outcome=outcome, status=status, reason=reason, wait=wait)


def _counted(claimed: Claimed, outcome: Outcome) -> Claimed:
    """Count an attempt that is over, among the refusals where it costs the request none of its attempts."""
    refused = claimed.refused + (outcome is Outcome.THROTTLED)
    return replace(claimed, attempt=claimed.attempt + outcome.counts, refused=refused)


def _cacheable(response: Response) -> Answer | None:
    """Return what to store for a later conditional request; None where the answer has no validators."""
    etag, modified = response.headers.get("etag"), response.headers.get("last-modified")
    if response.status != 200 or not (etag or modified):
        return None
    asked_with = Validators(etag=etag, last_modified=modified)
    return Answer(validators=asked_with, link=response.headers.get("link"), body=response.body)
