"""The engine's admission with the interface of a simulation: three methods, and headers as they are sent."""

import random
from collections.abc import Callable, Mapping, Sequence
from email.utils import formatdate
from functools import lru_cache
from typing import Any, Final, Protocol

from engine.model.source import Response
from engine.pacing.admission import Admission
from engine.pacing.budgets.configured_window import ConfiguredWindow
from engine.pacing.concurrency.controller import Controller, LoadSignal
from engine.pacing.concurrency.knee import Knee
from engine.pacing.penalty_gate import PenaltyGate
from engine.pacing.response.server_clock import HeaderReader
from engine.pacing.response.throttling import refusal
from engine.pacing.ticket import Now, RequestResult, Ticket

_RATES: Final = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "retry-after")


class SimRequest(Protocol):
    """A request of the simulation. The law stores its ticket in `tag`."""

    cls: int
    t_send: float
    inflight: int
    tag: Any


class Law:
    """The engine's admission behind the three methods of the yardstick."""

    def __init__(self, admission: Admission, *, rng: random.Random, offset: float) -> None:
        self.admission = admission
        self.moves: list[tuple[float, int, int, str]] = []
        self._rng = rng
        self._reader = HeaderReader(offset=offset)

    def gate(self, now: float, in_flight: int) -> float | None:
        """Return 0 if another request may be sent now, a wait in seconds, or None to wait for a response."""
        admitted = self.admission.admit(now, in_flight)
        return 0.0 if isinstance(admitted, Now) else admitted.seconds

    def on_send(self, now: float, request: SimRequest) -> None:
        """Record that a request was sent."""
        request.tag = self.admission.sent(now, request.inflight, 1.0, str(request.cls))

    def on_resp(
        self, now: float, request: SimRequest, status: int, latency: float, headers: Mapping[str, Any] | None
    ) -> None:
        """Record a response; its headers are first written as they would be sent."""
        ticket: Ticket = request.tag
        fields = wire(headers or {})
        limits = self._reader.read(fields, sent_at=ticket.sent_at, now=now)
        refused = None
        if status != 200:
            response = Response(status=status, headers=fields, body=b"", url="", elapsed=latency)
            refused = refusal(response, limits, attempt=1, server_now=self._reader.server_now(now))
        signal = LoadSignal.OK if status == 200 else LoadSignal.OVERLOADED if status >= 500 else LoadSignal.NEUTRAL
        readings = self._reader.readings(limits, now, unnamed="core")
        if refused is None:
            answer = RequestResult(signal=signal, latency=latency, readings=readings, chance=self._rng.random())
        else:
            answer = RequestResult(
                signal=LoadSignal.NEUTRAL,
                latency=latency,
                readings=readings,
                refused=True,
                throttle=refused.kind,
                wait=refused.wait,
                reason=refused.why,
                chance=self._rng.random(),
            )
        move = self.admission.answered(now, ticket, answer)
        if move is not None:
            self.moves.append((now, move.old, move.new, move.reason))


def law(
    rng: random.Random,
    cap: int = 128,
    wall: Callable[[float], float] | None = None,
    budgets: Sequence[tuple[int, float]] = (),
    hard_cap: int | None = None,
) -> Law:
    """Build the engine's admission for one run of the yardstick.

    Args:
        rng: draws the jitter of pauses.
        cap: the most requests in flight.
        wall: the client's wall clock at a virtual time, in seconds since the epoch.
        budgets: the configured limits, as (requests, seconds).
        hard_cap: the configured limit of concurrency.
    """
    cap = cap if hard_cap is None else min(cap, hard_cap)
    return law_with(Knee(cap), rng=rng, cap=cap, offset=wall(0.0) if wall else 0.0, budgets=budgets)


def law_with(
    controller: Controller,
    *,
    rng: random.Random,
    cap: int,
    offset: float = 0.0,
    budgets: Sequence[tuple[int, float]] = (),
) -> Law:
    """Build the engine's admission around a controller, which may be a share of a host's controller."""
    admission = Admission(
        resource="core",
        controller=controller,
        cap=cap,
        gate=PenaltyGate(),
        configured=[ConfiguredWindow("core", requests, seconds) for requests, seconds in budgets],
    )
    return Law(admission, rng=rng, offset=offset)


def wire(headers: Mapping[str, Any]) -> dict[str, str]:
    """Return the simulation's numbers as header fields."""
    fields = {name: str(headers[name]) for name in _RATES if name in headers}
    if "date" in headers:
        fields["date"] = _date(int(headers["date"]))
    if "retry-after-date" in headers:
        fields["retry-after"] = _date(int(headers["retry-after-date"]))
    if "ratelimit" in headers:
        name, remaining, seconds = headers["ratelimit"]
        fields["ratelimit"] = f'"{name}";r={remaining};t={seconds}'
    if "ratelimit-policy" in headers:
        name, limit, window = headers["ratelimit-policy"]
        fields["ratelimit-policy"] = f'"{name}";q={limit};w={window}'
    return fields


@lru_cache(maxsize=256)
def _date(epoch: int) -> str:
    return formatdate(epoch, usegmt=True)
