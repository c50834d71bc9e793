"""What every kind of answer means for its request."""

from http import HTTPStatus

import pytest

from engine.common.errors import (
    BadBody,
    BodyTooLarge,
    ConnectFailed,
    DeadlineExceeded,
    FetchdeckError,
    Interrupted,
    RedirectRefused,
    SourceError,
    StoreUnusable,
    TlsRefused,
    UsageError,
)
from engine.model.source import Response
from engine.pacing.concurrency.controller import LoadSignal
from engine.pacing.response.headers import read
from engine.pacing.response.throttling import Throttle
from engine.pacing.response.verdict import Verdict, judge
from engine.pacing.retry import Outcome

NOW = 1_750_000_000.0
SPENT = {"x-ratelimit-remaining": "0", "x-ratelimit-limit": "5000", "x-ratelimit-resource": "core"}
SECONDARY = b'{"message": "You have exceeded a secondary rate limit. Please wait a few minutes."}'
EXCEEDED = b'{"message": "API rate limit exceeded for 1.2.3.4"}'
LIMITED = b'{"errors": [{"type": "RATE_LIMITED"}]}'
LIMIT = b'{"errors": [{"type": "RATE_LIMIT"}], "data": null}'
RESETS = SPENT | {"x-ratelimit-reset": "1750000037"}
ABUSE = b'{"message": "You have triggered an abuse detection mechanism."}'


def verdict(
    status: int,
    headers: dict[str, str] | None = None,
    body: bytes = b"",
    *,
    attempt: int = 1,
    accepted: bool = False,
    server_now: float | None = NOW,
) -> Verdict:
    response = Response(status=status, headers=headers or {}, body=body, url="http://x/", elapsed=0.1)
    return judge(
        response,
        attempt=attempt,
        retries=2,
        limits=read(headers or {}, server_now=NOW) if headers is not None else None,
        accepted=accepted,
        backoff=lambda number: 10.0 * number,
        server_now=server_now,
    )


def error_verdict(error: FetchdeckError, *, attempt: int = 1, retries: int = 2) -> Verdict:
    return judge(
        error,
        attempt=attempt,
        retries=retries,
        limits=None,
        accepted=False,
        backoff=lambda number: 10.0 * number,
    )


@pytest.mark.parametrize("status", [200, 201, 204, 206, 304])
def test_a_success_is_ok(status: int) -> None:
    assert verdict(status).outcome is Outcome.SUCCESS


@pytest.mark.parametrize("status", [202, 301, 401, 403, 404, 409, 410, 500])
def test_what_the_source_accepts_is_ok(status: int) -> None:
    assert verdict(status, accepted=True).outcome is Outcome.SUCCESS


@pytest.mark.parametrize(("status", "headers"), [(429, {}), (403, {"retry-after": "5"}), (403, SPENT)])
def test_a_refusal_for_the_rate_is_never_ok_even_if_accepted(status: int, headers: dict[str, str]) -> None:
    assert verdict(status, headers, accepted=True).outcome is Outcome.THROTTLED


@pytest.mark.parametrize(
    ("status", "headers", "body", "kind", "wait", "why"),
    [
        (429, {}, b"Retry later", Throttle.PLAIN, None, "no wait named"),
        (429, {"retry-after": "60"}, b"", Throttle.PLAIN, 60, "retry-after 60 s"),
        (429, SPENT, b"", Throttle.PRIMARY, None, "0 left of core"),
        (429, SPENT | {"retry-after": "9"}, b"", Throttle.PRIMARY, 9, "0 left of core, retry-after 9 s"),
        (429, {"retry-after": "9"}, SECONDARY, Throttle.SECONDARY, 9, "secondary limit, retry-after 9 s"),
        (403, {"retry-after": "60"}, ABUSE, Throttle.SECONDARY, 60, "retry-after 60 s"),
        (403, {}, SECONDARY, Throttle.SECONDARY, 60, "secondary limit, no wait named: 60 s"),
        (403, RESETS, b"", Throttle.PRIMARY, 38, "0 left of core, resets in 38 s"),
        (403, {}, EXCEEDED, Throttle.PRIMARY, None, "rate limit exceeded"),
        (503, {"retry-after": "120"}, b"", Throttle.BUSY, 120, "retry-after 120 s"),
        (200, {"retry-after": "7"}, LIMITED, Throttle.PLAIN, 7, "retry-after 7 s"),
        (200, SPENT, LIMIT, Throttle.PRIMARY, None, "0 left of core"),
    ],
)
def test_a_refusal_for_the_rate_is_told_by_its_kind(
    status: int, headers: dict[str, str], body: bytes, kind: Throttle, wait: float | None, why: str
) -> None:
    reason = f"{status} {HTTPStatus(status).phrase}: {why}"
    assert verdict(status, headers, body) == Verdict(
        outcome=Outcome.THROTTLED, reason=reason, kind=str(status), wait=wait, throttle=kind
    )


def test_a_refusal_is_sent_again_however_often_it_came() -> None:
    assert verdict(429, {}, attempt=99).retry


@pytest.mark.parametrize(("attempt", "wait"), [(1, 60), (2, 120), (4, 480), (7, 3600), (99, 3600)])
def test_an_unnamed_secondary_wait_doubles(attempt: int, wait: float) -> None:
    assert verdict(403, {}, SECONDARY, attempt=attempt).wait == wait


@pytest.mark.parametrize(
    ("reset", "wait"), [("1749999000", 1), ("1750000030", 31), ("30", 31), ("1750090000", 3600), ("soon", None)]
)
def test_a_spent_budget_waits_for_its_reset(reset: str, wait: float | None) -> None:
    assert verdict(403, SPENT | {"x-ratelimit-reset": reset}).wait == wait


def test_without_a_clock_the_answers_own_date_counts() -> None:
    headers = SPENT | {"x-ratelimit-reset": "1750000030", "date": "Sun, 15 Jun 2025 15:06:50 GMT"}

    assert verdict(403, headers, server_now=None).wait == 21


def test_without_any_clock_an_epoch_is_no_wait() -> None:
    assert verdict(403, SPENT | {"x-ratelimit-reset": "1750000030"}, server_now=None).wait is None
    assert verdict(403, SPENT | {"x-ratelimit-reset": "30"}, server_now=None).wait == 31


def test_a_spent_budget_without_a_name_is_named_by_nothing() -> None:
    assert verdict(429, {"ratelimit-remaining": "0"}).reason == "429 Too Many Requests: 0 left"


@pytest.mark.parametrize(
    "body",
    [
        b'{"data": "RATE_LIMITED"}',
        b'{"errors": "RATE_LIMITED"}',
        b'{"errors": ["RATE_LIMITED"]}',
        b"[RATE_LIMIT",
        b'["RATE_LIMIT"]',
    ],
)
def test_an_answer_that_only_mentions_a_limit_is_ok(body: bytes) -> None:
    assert verdict(200, {}, body).outcome is Outcome.SUCCESS


def test_a_large_answer_is_not_searched_for_a_limit() -> None:
    body = b'{"errors": [{"type": "RATE_LIMITED"}], "data": "' + b"x" * 70_000 + b'"}'

    assert verdict(200, {}, body).outcome is Outcome.SUCCESS


@pytest.mark.parametrize("status", [408, 425, 500, 502, 503, 504, 520, 521, 522, 523, 524])
def test_a_passing_failure_is_tried_again_after_a_backoff(status: int) -> None:
    first, last = verdict(status, attempt=2), verdict(status, attempt=3)

    assert (first.outcome, first.retry, first.wait, first.kind) == (Outcome.TRANSIENT, True, 20.0, str(status))
    assert (last.outcome, last.retry, last.wait) == (Outcome.TRANSIENT, False, None)


def test_a_failure_that_names_a_longer_wait_gets_it() -> None:
    assert verdict(500, {"retry-after": "45"}).wait == 45
    assert verdict(500, {"retry-after": "1"}).wait == 10


def test_an_answer_that_is_not_ready_is_asked_for_again_and_is_no_failure() -> None:
    assert verdict(202).outcome is Outcome.NOT_READY
    assert verdict(202).wait == 10
    assert not verdict(202, attempt=3).retry


@pytest.mark.parametrize("status", [400, 404, 410, 418, 422, 451, 501, 101, 300, 999])
def test_a_lasting_failure_is_not_tried_again(status: int) -> None:
    found = verdict(status)

    assert (found.outcome, found.retry) == (Outcome.PERMANENT, False)


def test_a_refused_credential_needs_a_login() -> None:
    found = verdict(401, {}, b'{"message": "Bad credentials"}')

    assert (found.outcome, found.retry) == (Outcome.LOGIN_NEEDED, True)
    assert found.reason == "401 Unauthorized: the credential was refused or is missing: Bad credentials"


@pytest.mark.parametrize(
    ("message", "outcome"),
    [
        ("Missing or invalid User Agent string.", Outcome.FATAL),
        ("Max number of login attempts exceeded. Please try again later.", Outcome.FATAL),
        ("Must have admin rights to Repository.", Outcome.PERMANENT),
        ("Resource not accessible by personal access token", Outcome.PERMANENT),
    ],
)
def test_a_403_that_is_no_limit_fails_alone_unless_it_is_about_us(message: str, outcome: Outcome) -> None:
    found = verdict(403, {}, f'{{"message": "{message}"}}'.encode())

    assert (found.outcome, found.retry) == (outcome, False)
    assert found.reason == f"403 Forbidden: {message}"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "404 Not Found"),
        (b'{"message": "404 Project Not Found"}', "404 Not Found: 404 Project Not Found"),
        (b'{"error": "forbidden", "code": 403, "msg": "Not logged in"}', "404 Not Found: Not logged in"),
        (b'{"errors": [{"message": "Not Found."}], "data": null}', "404 Not Found: Not Found."),
        (b'{"errors": ["gone"]}', "404 Not Found: gone"),
        (b'{"errors": [[1]]}', "404 Not Found"),
        (b'{"message": {"name": ["taken"]}}', "404 Not Found"),
        (b'"plain"', "404 Not Found: plain"),
        (b"[1]", "404 Not Found"),
        (b"<html>cloudflare", "404 Not Found: an HTML page"),
        (b"Retry later\nmore", "404 Not Found: Retry later"),
        (b"\x1b[31mred\xff", "404 Not Found: \u241b[31mred\ufffd"),
        (b'"' + b"x" * 70_000 + b'"', "404 Not Found"),
    ],
)
def test_an_error_says_what_the_server_said_in_one_clean_line(body: bytes, reason: str) -> None:
    assert verdict(404, {}, body).reason == reason


@pytest.mark.parametrize(("status", "words"), [(520, "520 Unknown Error of the origin"), (599, "599")])
def test_a_status_outside_the_standard_is_named_as_well_as_may_be(status: int, words: str) -> None:
    assert verdict(status, attempt=9).reason.startswith(words)


@pytest.mark.parametrize("kind", [ConnectFailed, Interrupted, DeadlineExceeded])
def test_a_broken_connection_is_tried_again_up_to_the_last_attempt(kind: type[FetchdeckError]) -> None:
    first, last = error_verdict(kind("GET x: broke")), error_verdict(kind("GET x: broke"), attempt=3)

    assert (first.outcome, first.retry, first.wait, first.kind) == (Outcome.TRANSIENT, True, 10, kind.__name__)
    assert (last.retry, last.reason) == (False, "GET x: broke")


@pytest.mark.parametrize("kind", [RedirectRefused, BodyTooLarge, TlsRefused, FetchdeckError])
def test_an_error_that_stays_is_not_tried_again(kind: type[FetchdeckError]) -> None:
    found = error_verdict(kind("no"))

    assert (found.outcome, found.retry, found.kind) == (Outcome.PERMANENT, False, kind.__name__)


@pytest.mark.parametrize("kind", [SourceError, UsageError, StoreUnusable])
def test_an_error_of_the_whole_source_stops_it(kind: type[FetchdeckError]) -> None:
    assert error_verdict(kind("no")).outcome is Outcome.FATAL


def test_a_bad_body_is_tried_twice_and_then_parked() -> None:
    assert error_verdict(BadBody("x")).retry
    assert not error_verdict(BadBody("x"), attempt=2).retry
    assert not error_verdict(BadBody("x"), retries=0).retry


def test_an_error_without_words_is_named_by_its_class() -> None:
    assert error_verdict(Interrupted(), attempt=9).reason == "Interrupted"


@pytest.mark.parametrize(
    ("found", "load"),
    [
        (verdict(200), LoadSignal.OK),
        (verdict(404), LoadSignal.OK),
        (verdict(401), LoadSignal.OK),
        (verdict(408), LoadSignal.OK),
        (verdict(500), LoadSignal.OVERLOADED),
        (verdict(501), LoadSignal.OVERLOADED),
        (error_verdict(DeadlineExceeded("x")), LoadSignal.OVERLOADED),
        (error_verdict(Interrupted("x"), attempt=9), LoadSignal.OVERLOADED),
        (verdict(429), LoadSignal.NEUTRAL),
        (verdict(503, {"retry-after": "1"}), LoadSignal.NEUTRAL),
        (verdict(202), LoadSignal.NEUTRAL),
    ],
)
def test_the_load_is_told_by_timeouts_broken_connections_and_5xx(found: Verdict, load: LoadSignal) -> None:
    assert found.load is load


def test_a_401_with_a_new_credential_is_sent_again_and_costs_no_attempt() -> None:
    refused = Response(status=401, headers={}, body=b"", url="http://x/", elapsed=0.1, renewed=True)

    found = judge(refused, attempt=9, retries=0, limits=None, accepted=False, backoff=lambda _: 1.0)

    assert found.outcome is Outcome.EXPIRED
    assert (found.retry, found.wait, found.outcome.counts, found.load) == (True, None, False, LoadSignal.OK)
