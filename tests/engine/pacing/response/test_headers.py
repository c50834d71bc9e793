"""Retry-After, Date and Age, and that no header whatever raises or gives a negative number."""

from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.pacing.response.headers import RateLimitInfo, read
from engine.pacing.response.http_time import http_date

NOW = 1_750_000_000.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("60", 60.0),
        ("1.5", 1.5),
        ("0", 0.0),
        (" 30 ", 30.0),
        ("30, 60", 60.0),
        ("999999999", 0.0),
        (str(int(NOW) + 90), 90.0),
        ("9" * 300, 3600.0),
        ("86400", 3600.0),
        (formatdate(NOW + 120, usegmt=True), 120.0),
        (formatdate(NOW - 120, usegmt=True), 0.0),
        (formatdate(NOW + 1e6, usegmt=True), 3600.0),
        ("", None),
        ("-5", None),
        ("soon", None),
        ("1e3", None),
        ("inf", None),
        ("\u0661", None),
        ("Thu, 99 Foo 2025 00:00:00 GMT", None),
    ],
)
def test_retry_after_is_read(text: str, seconds: float | None) -> None:
    assert read({"Retry-After": text}, server_now=NOW).retry_after == seconds


def test_a_date_is_measured_against_the_servers_own_clock() -> None:
    headers = {"date": formatdate(NOW - 5000, usegmt=True), "retry-after": formatdate(NOW - 4990, usegmt=True)}

    limits = read(headers, server_now=NOW)

    assert (limits.retry_after, limits.date) == (10.0, NOW - 5000)


def test_an_answer_from_a_cache_says_nothing_about_now() -> None:
    headers = {"age": "7", "date": formatdate(NOW, usegmt=True), "x-ratelimit-remaining": "5"}

    assert read(headers, server_now=NOW) == RateLimitInfo()
    assert len(read(headers | {"age": "0"}, server_now=NOW).quotas) == 1


@pytest.mark.parametrize(
    ("text", "epoch"),
    [
        ("Tue, 15 Nov 2022 08:12:31 GMT", 1668499951.0),
        ("Tuesday, 15-Nov-22 08:12:31 GMT", 1668499951.0),
        ("Tue Nov 15 08:12:31 2022", 1668499951.0),
        ("Tue, 15 Nov 2022 08:12:31 GMT, Tue, 15 Nov 2022 08:12:31 GMT", 1668499951.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("Thu, 01 Jan 2150 00:00:00 GMT", None),
        ("60, 60", None),
        ("-1", None),
        (None, None),
    ],
)
def test_an_http_date_is_read_in_all_its_forms(text: str | None, epoch: float | None) -> None:
    assert http_date(text) == epoch


NAMES = [
    "retry-after",
    "date",
    "age",
    "ratelimit",
    "ratelimit-policy",
    *(
        f"{prefix}{name}"
        for prefix in ("x-ratelimit-", "RateLimit-", "X-Rate-Limit-")
        for name in ("limit", "remaining", "used", "observed", "reset", "resettime", "name", "resource")
    ),
]
NUMBERS = st.one_of(st.integers().map(str), st.floats().map(str), st.integers(0, 10**13).map(str))
FIELDS = st.lists(
    st.one_of(NUMBERS, st.sampled_from(['"a"', "a", ";", ",", "=", ";r=", ";t=", ";q=", ";w=", "limit=", "\\", ":"]))
).map("".join)
DATES = st.floats(-1e12, 1e12).map(str) | st.datetimes().map(
    lambda moment: moment.strftime("%a, %d %b %Y %H:%M:%S GMT")
)


@given(st.dictionaries(st.sampled_from(NAMES), st.one_of(st.text(), NUMBERS, FIELDS, DATES)), st.floats(0, 4e9))
def test_no_header_raises_or_gives_a_negative_number(headers: dict[str, str], now: float) -> None:
    limits = read(headers, server_now=now, longest=3600)

    assert limits.retry_after is None or 0 <= limits.retry_after <= 3600
    for quota in limits.quotas:
        wait = None if quota.reset is None else quota.reset.wait(now)
        numbers = (quota.limit, quota.remaining, quota.used, quota.window, wait)
        assert all(number is None or 0 <= number < float("inf") for number in numbers)
        assert quota.limit is None or quota.limit > 0
        assert quota.limit is None or quota.remaining is None or quota.remaining <= quota.limit
