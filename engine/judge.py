"""Judges what came of a request, and tells the lane's admission of it: what it may do next depends on that."""

from typing import Final

from engine.common.errors import FetchdeckError
from engine.harvest.context import Kit
from engine.harvest.lane import Flight, Lane
from engine.model.source import Request, Response
from engine.pacing.concurrency import controller
from engine.pacing.response.headers import Advice
from engine.pacing.response.throttling import Throttle
from engine.pacing.response.verdict import Outcome, Verdict
from engine.pacing.response.verdict import judge as judged
from engine.pacing.retry import Backoff, jitter
from engine.pacing.ticket import Answered
from engine.reader import HeaderReader

NOT_MODIFIED: Final = 304
_SIGNAL: Final = {
    Outcome.OK: controller.Outcome.OK,
    Outcome.FAILED: controller.Outcome.OVERLOADED,
    Outcome.THROTTLED: controller.Outcome.NEUTRAL,
    Outcome.IGNORED: controller.Outcome.NEUTRAL,
}


class Judge:
    """Hears the answers of one source. It knows how far the server's clock is off, and how long to back off."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._backoff = Backoff()
        self._reader = HeaderReader(offset=kit.wall() - kit.now())

    def hear(self, lane: Lane, flight: Flight, result: Response | FetchdeckError, now: float) -> Verdict:
        """Judge an answer, or the error that came instead, and tell admission."""
        advice = self._advise(flight, result, now)
        verdict = self.judge(flight, result, advice)
        self._tell(lane, flight, result, verdict, advice, now)
        return verdict

    def _advise(self, flight: Flight, result: Response | FetchdeckError, now: float) -> Advice | None:
        if not isinstance(result, Response):
            return None
        return self._reader.read(result.headers, sent_at=flight.ticket.sent_at, now=now)

    def judge(self, flight: Flight, result: Response | FetchdeckError, advice: Advice | None) -> Verdict:
        """Say what an answer, or the error that came instead, is for its request."""
        return judged(
            result,
            attempt=flight.claimed.attempt + 1,
            max_attempts=self._kit.settings.retries + 1,
            advice=advice,
            accepted=isinstance(result, Response) and self._accepts(flight.claimed.request, result),
            backoff=self._backoff,
            server_now=self._reader.server_now(self._kit.now()),
        )

    def _accepts(self, request: Request, response: Response) -> bool:
        return not 200 <= response.status < 300 and self._kit.source.accepts(request, response)

    def _tell(
        self,
        lane: Lane,
        flight: Flight,
        result: Response | FetchdeckError,
        verdict: Verdict,
        advice: Advice | None,
        now: float,
    ) -> None:
        came = result if isinstance(result, Response) else None
        answered = Answered(
            outcome=_signal(verdict),
            latency=now - flight.ticket.sent_at if came is None else came.elapsed,
            readings=self._reader.readings(advice, now, unnamed=lane.resource) if advice else (),
            refused=verdict.outcome is Outcome.THROTTLED,
            throttle=verdict.throttle or Throttle.PLAIN,
            wait=verdict.wait,
            reason=verdict.reason,
            chance=jitter(),
            lagged=self._kit.lag.since(flight.ticket.sent_at),
            unchanged=came is not None and came.status == NOT_MODIFIED,
        )
        move = lane.admission.answered(now, flight.ticket, answered)
        if move is not None:
            self._kit.reporter.moved(lane.resource, move)


def _signal(verdict: Verdict) -> controller.Outcome:
    """Say what a verdict tells of the server's load: a 404 is an answer like any other."""
    if verdict.outcome is Outcome.FAILED and verdict.kind.isdigit() and int(verdict.kind) < 500:
        return controller.Outcome.OK
    return _SIGNAL[verdict.outcome]
