"""The failed requests of the sample deck."""

from dataclasses import replace

from engine.model.snapshot import Attempt, FailedDetail, FailedRequest

_NOW = 1_767_278_571.0

_HEAD = (
    "429 Too Many Requests",
    "content-type: text/html; charset=utf-8",
    "retry-after: 60",
    "x-ratelimit-remaining: 0",
    "server: nginx␛[31m",
    "set-cookie: <hidden>",
)


def failed(source: str, failure: str) -> tuple[FailedRequest, ...]:
    """Return twelve requests with the same error, one a minute."""
    return tuple(_request(source, failure, number) for number in range(12))


def detail(id: int) -> FailedDetail:
    """Return all details of one of them."""
    address = f"https://pr0gramm.com/api/items/get?older={612044 + id}"
    return FailedDetail(
        request=_request("pr0gramm", "pr0gramm-429", id),
        address=address,
        refused=10,
        curl=f"curl -gsS -H \"Cookie: me=$FETCHDECK_PR0GRAMM_ME\" '{address}'",
        body=("<html>", "  <title>␛[31mtoo many requests␛[0m</title>", "</html>"),
        body_size=1204,
    )


def quarantined() -> tuple[FailedRequest, ...]:
    """Return three requests in quarantine."""
    return tuple(replace(_request("github", "github-404", number), aside=True) for number in range(3))


def _history(end: float, number: int) -> tuple[Attempt, ...]:
    """Return the attempts of a request: refused for its rate, answered by an overloaded server, given up."""
    return (
        Attempt(
            at=end - 94, outcome="throttled", status=429, reason="429 Too Many Requests: retry-after 60 s", wait=60
        ),
        Attempt(at=end - 31, outcome="retry", status=503, reason="503 Service Unavailable", wait=2.1),
        Attempt(at=end - 27, outcome="retry", status=None, reason="ConnectionLost: reset by␛[31m peer", wait=4.4),
        Attempt(at=end, outcome="failed", status=_status(number), reason=_reason(number), wait=None),
    )


def _request(source: str, failure: str, number: int) -> FailedRequest:
    return FailedRequest(
        id=number,
        source=source,
        fingerprint=failure,
        what=f"GET /items/get?older={612044 + number}",
        status=_status(number),
        attempts=5,
        at=_NOW - 2 - 60 * number,
        history=_history(_NOW - 2 - 60 * number, number),
        head=_HEAD if number % 4 else (),
        reason=_reason(number),
    )


def _status(number: int) -> int | None:
    return 429 if number % 4 else None


def _reason(number: int) -> str:
    return "refused ten times in a row" if number % 4 else "the connection ended before the answer was whole"
