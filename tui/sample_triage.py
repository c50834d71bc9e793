"""The failed requests of the sample deck."""

from dataclasses import replace

from engine.snapshot import FailedDetail, FailedRequest

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
    """Return twelve requests that failed one way, one a minute."""
    return tuple(_request(source, failure, number) for number in range(12))


def detail(id: int) -> FailedDetail:
    """Return one of them with all there is to know."""
    address = f"https://pr0gramm.com/api/items/get?older={612044 + id}"
    return FailedDetail(
        request=_request("pr0gramm", "pr0gramm-429", id),
        address=address,
        refused=10,
        curl=f"curl -gsS -H \"Cookie: me=$FETCHDECK_PR0GRAMM_ME\" '{address}'",
        body=("<html>", "  <title>␛[31mtoo many requests␛[0m</title>", "</html>"),
        body_size=1204,
    )


def aside() -> tuple[FailedRequest, ...]:
    """Return three requests in quarantine."""
    return tuple(replace(_request("github", "github-404", number), aside=True) for number in range(3))


def _request(source: str, failure: str, number: int) -> FailedRequest:
    return FailedRequest(
        id=number,
        source=source,
        fingerprint=failure,
        what=f"GET /items/get?older={612044 + number}",
        status=429 if number % 4 else None,
        attempts=5,
        at=_NOW - 2 - 60 * number,
        head=_HEAD if number % 4 else (),
        reason="refused ten times in a row" if number % 4 else "the connection ended before the answer was whole",
    )
