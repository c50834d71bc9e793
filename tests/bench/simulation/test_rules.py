"""The limits of the simulated server, as arithmetic."""

import pytest

from bench.simulation.rules import (
    EPOCH,
    Concurrency,
    FixedWindow,
    LyingWindow,
    OpenedWindow,
    Rule,
    SlidingLog,
    TokenBucket,
)


def taken(rule: Rule, *at: float) -> list[bool]:
    return [rule.take(now, 0) for now in at]


def test_a_fixed_window_is_full_again_when_the_next_one_begins() -> None:
    rule = FixedWindow(2, 10)

    assert taken(rule, 1, 2, 3, 9.9, 10.0, 11, 12) == [True, True, False, False, True, True, False]


def test_a_fixed_window_tells_what_is_left_as_github_does() -> None:
    rule = FixedWindow(500, 60, style="github")
    rule.take(61, 0)

    assert rule.headers(62, refused=False) == {
        "x-ratelimit-limit": 500,
        "x-ratelimit-remaining": 499,
        "x-ratelimit-reset": EPOCH + 120,
    }


def test_a_fixed_window_tells_the_seconds_to_its_end_as_the_draft_does() -> None:
    rule = FixedWindow(500, 60, style="ietf")
    rule.take(10, 0)

    assert rule.headers(10.5, refused=False) == {
        "ratelimit": ("default", 499, 50),
        "ratelimit-policy": ("default", 500, 60),
    }


def test_a_careless_window_tells_more_than_there_is_but_never_more_than_its_size() -> None:
    rule = FixedWindow(10, 60, style="github", stale=lambda: 6, early=lambda: 1)
    fresh = rule.headers(0, refused=False)
    taken(rule, *range(8))

    told = rule.headers(8, refused=False)

    assert fresh["x-ratelimit-remaining"] == 10
    assert (told["x-ratelimit-remaining"], told["x-ratelimit-reset"]) == (8, EPOCH + 59)


def test_only_a_refusal_tells_the_date_to_come_back() -> None:
    rule = FixedWindow(1, 30, dates=True)

    assert rule.headers(1, refused=False) == {}
    assert rule.headers(1, refused=True) == {"retry-after-date": EPOCH + 30}


def test_an_opened_window_begins_with_its_first_request_and_ends_at_a_whole_second() -> None:
    rule = OpenedWindow(1, 10, style="github")
    before = rule.headers(3.5, refused=False)

    assert taken(rule, 3.5, 13.9, 14.0) == [True, False, True]
    assert before == {}
    assert rule.headers(15, refused=False)["x-ratelimit-reset"] == EPOCH + 24


def test_a_bucket_refills_as_time_goes_by_and_holds_no_more_than_its_burst() -> None:
    rule = TokenBucket(0.5, 2)

    assert taken(rule, 0, 0, 0, 1.9, 2.0, 100, 100, 100) == [True, True, False, False, True, True, True, False]


def test_a_bucket_tells_its_level_and_on_refusal_when_there_is_a_token() -> None:
    rule = TokenBucket(0.25, 1, tells=True)
    rule.take(0, 0)

    assert rule.headers(1, refused=True) == {"x-ratelimit-limit": 1, "x-ratelimit-remaining": 0, "retry-after": 3}
    assert TokenBucket(1, 1).headers(0, refused=True) == {}


def test_a_sliding_log_looks_back_from_each_request() -> None:
    rule = SlidingLog(2, 10)

    assert taken(rule, 0, 9, 9.9, 10.0, 18.9, 19.0) == [True, True, False, True, False, True]
    assert rule.headers(19, refused=True) == {}


def test_too_many_at_once_shuts_the_client_out_for_the_whole_penalty() -> None:
    rule = Concurrency(3, 20)

    assert [rule.take(now, others) for now, others in ((0, 2), (1, 3), (2, 0), (20.9, 0), (21, 2))] == [
        True,
        False,
        False,
        False,
        True,
    ]


def test_a_secondary_refusal_says_how_long_and_that_it_is_one() -> None:
    rule = Concurrency(1, 20)
    rule.take(0, 1)

    assert rule.headers(4.5, refused=True) == {"retry-after": 16, "secondary": 1}
    assert rule.headers(4.5, refused=False) == {}


def test_a_lying_window_grants_less_than_it_tells_and_punishes_who_believes_it() -> None:
    rule = LyingWindow(advertised=90, true=2, per=60, penalty=60)

    granted = taken(rule, 0, 1, 2, 61.9, 62)

    assert granted == [True, True, False, False, True]
    assert rule.headers(62, refused=False) == {"x-ratelimit-limit": 90, "x-ratelimit-remaining": 89}


@pytest.mark.parametrize("at", [2.0, 30.0])
def test_a_lying_window_tells_the_end_of_its_penalty(at: float) -> None:
    rule = LyingWindow(advertised=90, true=1, per=60, penalty=60)
    taken(rule, 0, 1)

    told = rule.headers(at, refused=True)

    assert (told["retry-after"], told["x-ratelimit-reset"]) == (61 - at, EPOCH + 61)
