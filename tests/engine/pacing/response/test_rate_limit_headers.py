"""Rate-limit headers in the forms the APIs send them, and in forms nobody should."""

from typing import Any

import pytest

from engine.pacing.response.http_time import Reset
from engine.pacing.response.rate_limit_headers import QuotaReading, read_quotas

NOW = 1_750_000_000.0


def one(headers: dict[str, str], now: float = NOW) -> QuotaReading:
    (quota,) = read_quotas(headers, server_now=now)
    return quota


def test_github() -> None:
    headers = {
        "x-ratelimit-limit": "5000",
        "x-ratelimit-remaining": "4904",
        "x-ratelimit-used": "96",
        "x-ratelimit-reset": "1684195041",
        "x-ratelimit-resource": "core",
    }

    assert one(headers, 1684192000.0) == QuotaReading(
        name="core", limit=5000, remaining=4904, used=96, reset=Reset(1684195041, "epoch")
    )


def test_gitlab_with_headers_sent_in_two_spellings() -> None:
    headers = {
        "ratelimit-limit": "600, 600",
        "ratelimit-name": "throttle_authenticated_api",
        "ratelimit-observed": "2, 2",
        "ratelimit-remaining": "598, 597",
        "ratelimit-reset": "1750000040",
        "ratelimit-resettime": "Sun, 15 Jun 2025 15:07:20 GMT",
    }

    assert one(headers) == QuotaReading(
        name="throttle_authenticated_api", limit=600, remaining=597, used=2, reset=Reset(1750000040, "epoch")
    )


def test_gitlab_with_a_reset_time_alone() -> None:
    quota = one({"ratelimit-limit": "600", "ratelimit-resettime": "Sun, 15 Jun 2025 15:07:20 GMT"})

    assert quota.reset == Reset(1750000040.0, "epoch")


def test_anilist_names_no_reset() -> None:
    assert one({"x-ratelimit-limit": "90", "x-ratelimit-remaining": "60"}) == QuotaReading(
        name="", limit=90, remaining=60
    )


def test_jikan_says_nothing() -> None:
    assert read_quotas({"content-type": "application/json"}, server_now=NOW) == ()


@pytest.mark.parametrize("name", ["x-rate-limit-remaining", "x-ratelimit-remaining", "ratelimit-remaining"])
def test_every_spelling_of_the_three_headers_is_known(name: str) -> None:
    assert one({name: "7"}).remaining == 7


def test_the_structured_form() -> None:
    headers = {
        "ratelimit": '"default";r=50;t=30, "daily"; r=900 ; t=4000;pk=:c2hvcA==:',
        "ratelimit-policy": '"default";q=100;w=60, "daily";q=1000;w=86400',
    }

    assert read_quotas(headers, server_now=NOW) == (
        QuotaReading(name="default", limit=100, remaining=50, reset=Reset(30, "delta"), window=60),
        QuotaReading(name="daily::c2hvcA==:", limit=1000, remaining=900, reset=Reset(4000, "delta"), window=86400),
    )


def test_a_quota_of_bytes_is_none_of_ours() -> None:
    headers = {
        "ratelimit": '"bytes";r=1, "requests";r=2',
        "ratelimit-policy": '"bytes";q=100;qu="content-bytes", "requests";q=9;qu="requests"',
    }

    assert [quota.name for quota in read_quotas(headers, server_now=NOW)] == ["requests"]


def test_a_policy_without_a_reading_still_counts() -> None:
    headers = {"ratelimit-policy": '"a";q=100;w=60, "b";q=5;qu="concurrent-requests", "c";w=1'}

    assert one(headers) == QuotaReading(name="a", limit=100, window=60)


def test_an_item_without_a_remaining_count_is_left_out() -> None:
    assert read_quotas({"ratelimit": '"a";t=5'}, server_now=NOW) == ()


def test_the_dictionary_form() -> None:
    headers = {"ratelimit": "limit=100, remaining=50, reset=50", "ratelimit-policy": "10;w=1, 100;w=60"}

    assert one(headers) == QuotaReading(name="", limit=100, remaining=50, reset=Reset(50, "delta"), window=60)


def test_a_dictionary_about_something_else_is_no_quota() -> None:
    assert read_quotas({"ratelimit": "colour=7"}, server_now=NOW) == ()


def test_three_headers_with_the_policy_inside_the_limit() -> None:
    assert one({"ratelimit-limit": "100, 10;w=1, 100;w=60", "ratelimit-reset": "12"}) == QuotaReading(
        name="", limit=100, reset=Reset(12, "delta"), window=60
    )


def test_three_headers_with_the_policy_beside_them() -> None:
    assert one({"ratelimit-limit": "100", "ratelimit-policy": "100;w=60"}).window == 60


def test_a_policy_of_another_limit_names_no_window() -> None:
    assert one({"ratelimit-limit": "100", "ratelimit-policy": "50;w=60, 100;w=x"}).window is None


@pytest.mark.parametrize(
    ("reset", "expected"),
    [
        ("30", Reset(30, "delta")),
        ("0", Reset(0, "delta")),
        ("1750000060", Reset(1750000060, "epoch")),
        ("1750000060000", Reset(1750000060, "epoch")),
        ("1507651200000", Reset(1507651200, "epoch")),
        ("1749999000", Reset(1749999000, "epoch")),
        ("99000000", None),
        ("1850000000", None),
        ("17500000600000000", None),
        ("-5", None),
        ("tomorrow", None),
        ("nan", None),
    ],
)
def test_resets_are_told_apart_by_size(reset: str, expected: Reset | None) -> None:
    assert one({"x-ratelimit-remaining": "1", "x-ratelimit-reset": reset}).reset == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"limit": "100", "remaining": "-3"}, {"limit": 100, "remaining": 0}),
        ({"limit": "100", "remaining": "900"}, {"limit": 100, "remaining": 100}),
        ({"limit": "0", "remaining": "9"}, {"limit": None, "remaining": 9}),
        ({"limit": "100", "used": "30"}, {"limit": 100, "remaining": 70, "used": 30}),
        ({"limit": "100", "used": "130"}, {"limit": 100, "remaining": 0, "used": 130}),
        ({"limit": "100", "used": "-1"}, {"limit": 100, "remaining": None, "used": None}),
        ({"limit": "many", "remaining": "5"}, {"limit": None, "remaining": 5}),
    ],
)
def test_what_does_not_add_up_is_clamped_or_left_out(headers: dict[str, str], expected: dict[str, Any]) -> None:
    quota = one({f"x-ratelimit-{name}": value for name, value in headers.items()})

    assert {name: getattr(quota, name) for name in expected} == expected


@pytest.mark.parametrize(
    "field", ['"open', '"a";r', '"a";r=1,', ",", '"a" "b"', '"a";R=1', '"a";r=1;;', "x" * 5000, '"a\\q";r=1', "=1"]
)
def test_a_malformed_field_counts_as_absent(field: str) -> None:
    assert read_quotas({"ratelimit": field}, server_now=NOW) == () or one({"ratelimit": field}).remaining is None


def test_a_quoted_name_is_unescaped() -> None:
    assert one({"ratelimit": r'"a \"b\" \\";r=1'}).name == r'a "b" \ '.rstrip()


def test_a_delta_waits_as_told_and_an_epoch_by_the_servers_clock() -> None:
    assert Reset(30, "delta").wait(NOW) == 30
    assert Reset(NOW + 30, "epoch").wait(NOW) == 30
    assert Reset(NOW - 30, "epoch").wait(NOW) == 0
