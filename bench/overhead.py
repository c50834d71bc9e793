"""`python -m bench.overhead`: what one decision costs, including headers. The bar is 50 microseconds a request."""

import random
import time
from collections import deque
from collections.abc import Callable, Mapping
from email.utils import formatdate
from typing import Final

from engine.pacing.admission import Admission
from engine.pacing.concurrency.controller import LoadSignal
from engine.pacing.concurrency.knee import Knee
from engine.pacing.penalty_gate import PenaltyGate
from engine.pacing.response.server_clock import HeaderReader
from engine.pacing.ticket import Now, RequestResult, Ticket

REQUESTS: Final = 20_000
EPOCH: Final = 1_700_000_000
Headers = Callable[[float, int], Mapping[str, str]]


def github(now: float, number: int) -> Mapping[str, str]:
    """Return the headers of a response of GitHub."""
    return {
        "date": formatdate(EPOCH + int(now), usegmt=True),
        "content-type": "application/json; charset=utf-8",
        "x-ratelimit-limit": "1000000",
        "x-ratelimit-remaining": str(1_000_000 - number),
        "x-ratelimit-reset": str(EPOCH + 3600),
        "x-ratelimit-resource": "core",
    }


def structured(now: float, number: int) -> Mapping[str, str]:
    """Return the headers of the IETF draft."""
    return {
        "date": formatdate(EPOCH + int(now), usegmt=True),
        "ratelimit": f'"default";r={1_000_000 - number};t={3600 - int(now)}',
        "ratelimit-policy": '"default";q=1000000;w=3600',
    }


def measure(headers: Headers) -> float:
    """Return the CPU microseconds that admit, sent, the headers and answered take together.

    The clock is read only twice, because reading it may take longer than a decision; the loop is included.
    """
    admission = Admission(resource="core", controller=Knee(64), cap=64, gate=PenaltyGate())
    reader, rng = HeaderReader(offset=EPOCH), random.Random(1)
    answers = [(headers(0.005 * number, number), 0.1 + 0.02 * rng.random()) for number in range(REQUESTS)]
    in_flight: deque[Ticket] = deque()
    now, sent, done = 0.0, 0, 0
    began = time.thread_time()
    while done < REQUESTS:
        now += 0.005
        if sent < REQUESTS and isinstance(admission.admit(now, len(in_flight)), Now):
            in_flight.append(admission.sent(now, len(in_flight) + 1, 1.0, "/users/{id}"))
            sent += 1
        while in_flight and now - in_flight[0].sent_at > 0.1:
            (fields, latency), ticket = answers[done], in_flight.popleft()
            done += 1
            limits = reader.read(fields, sent_at=ticket.sent_at, now=now)
            readings = reader.readings(limits, now, unnamed="core")
            admission.answered(now, ticket, RequestResult(signal=LoadSignal.OK, latency=latency, readings=readings))
    return 1e6 * (time.thread_time() - began) / REQUESTS


def main() -> None:
    """Measure each form of headers three times and print the best."""
    forms: Mapping[str, Headers] = {"no headers": lambda _, __: {}, "github": github, "structured": structured}
    for name, headers in forms.items():
        print(f"{name:12} {min(measure(headers) for _ in range(3)):5.1f} microseconds a request")


if __name__ == "__main__":
    main()
