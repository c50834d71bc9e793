import pytest

from engine.budget import AFTER_RESET, ConfiguredWindow, HeaderWindow, Reading, span


def reading(remaining: float | None, resets_at: float | None = 60.0, limit: float | None = 100) -> Reading:
    return Reading(limit=limit, remaining=remaining, resets_at=resets_at)


def test_a_configured_window_lets_through_what_it_allows_and_no_more() -> None:
    window = ConfiguredWindow("core", 3, 60.0)

    for at in (0.0, 1.0, 2.0):
        assert window.hold(at, 0, 1) is None
        window.sent(at, 1)
    hold = window.hold(2.0, 0, 1)

    assert hold is not None
    assert hold.seconds == pytest.approx(60.6 - 2.0)
    assert hold.reason == "budget core: 3 per 60 s used, next in 59 s"


def test_a_configured_window_slides() -> None:
    window = ConfiguredWindow("core", 2, 60.0)
    window.sent(0.0, 1)
    window.sent(30.0, 1)

    assert window.hold(60.7, 0, 1) is None
    window.sent(60.7, 1)
    hold = window.hold(60.7, 0, 1)

    assert hold is not None
    assert hold.seconds == pytest.approx(30.0 + 60.6 - 60.7)


def test_a_short_window_is_padded_more() -> None:
    window = ConfiguredWindow("burst", 1, 1.0)
    window.sent(0.0, 1)

    assert window.hold(1.04, 0, 1) is not None
    assert window.hold(1.06, 0, 1) is None


def test_a_dear_request_waits_for_enough_of_the_window() -> None:
    window = ConfiguredWindow("core", 10, 60.0)
    window.sent(0.0, 5)
    window.sent(10.0, 5)

    hold = window.hold(20.0, 0, 8)

    assert hold is not None
    assert hold.seconds == pytest.approx(10.0 + 60.6 - 20.0)


def test_a_request_dearer_than_the_whole_window_waits_until_it_is_empty() -> None:
    window = ConfiguredWindow("core", 10, 60.0)
    window.sent(0.0, 5)

    hold = window.hold(1.0, 0, 50)

    assert hold is not None
    assert hold.seconds == pytest.approx(59.6)
    assert window.hold(61.0, 0, 50) is None


def test_a_configured_window_tells_what_is_left() -> None:
    window = ConfiguredWindow("core", 2, 60.0)
    window.sent(0.0, 1)
    half = window.quota(1.0)
    window.sent(1.0, 1)
    empty = window.quota(1.0)

    assert (half.limit, half.remaining, half.resets_in, half.origin) == (2, 1, None, "configured")
    assert empty.remaining == 0
    assert empty.resets_in == pytest.approx(59.6)


def test_nothing_is_held_before_the_headers_said_anything() -> None:
    window = HeaderWindow("core")

    assert window.hold(0.0, 5, 1) is None
    assert window.quota(0.0).remaining is None


def test_a_header_window_keeps_a_guard_and_counts_what_is_in_flight() -> None:
    window = HeaderWindow("core")
    window.learn(0.0, reading(10))

    assert window.hold(0.0, 8, 1) is None
    hold = window.hold(0.0, 9, 1)

    assert hold is not None
    assert hold.seconds == pytest.approx(60.0 + AFTER_RESET)
    assert hold.reason == "budget core: 10 of 100 left, resets in 60 s"


def test_answers_out_of_order_never_give_budget_back() -> None:
    window = HeaderWindow("core")
    window.learn(0.0, reading(5))
    window.learn(0.1, reading(7))

    assert window.quota(0.2).remaining == 5


def test_resets_that_differ_by_a_second_are_one_window() -> None:
    window = HeaderWindow("core")
    window.learn(0.0, reading(5, 60.0))
    window.learn(0.1, reading(7, 61.5))

    assert window.quota(0.2).remaining == 5


def test_after_the_reset_one_request_asks_for_the_new_window() -> None:
    window = HeaderWindow("core")
    window.learn(0.0, reading(0))

    assert window.hold(61.1, 0, 1) is None
    alone = window.hold(61.1, 1, 1)
    window.learn(61.3, reading(99, 121.0))

    assert alone is not None
    assert alone.seconds is None
    assert window.hold(61.3, 1, 1) is None
    assert window.quota(61.3).remaining == 99


def test_an_answer_that_tells_of_a_window_that_is_over_is_ignored() -> None:
    window = HeaderWindow("core")
    window.learn(0.0, reading(50, 60.0))
    window.learn(61.0, reading(99, 120.0))
    window.learn(61.2, reading(40, 60.0))
    late = HeaderWindow("core")
    late.learn(0.0, reading(50, 60.0))
    late.learn(70.0, reading(3, 60.0))

    assert window.quota(61.3).remaining == 99
    assert late.quota(70.0).remaining is None


def test_what_is_left_is_unknown_once_the_reset_has_passed() -> None:
    window = HeaderWindow("core")
    window.learn(0.0, reading(50))

    quota = window.quota(60.0)

    assert (quota.limit, quota.remaining, quota.resets_in) == (100, None, None)


def test_a_window_without_a_reset_waits_for_answers_and_then_goes_alone() -> None:
    window = HeaderWindow("core")
    window.learn(0.0, reading(1, None))

    waiting = window.hold(0.0, 1, 1)

    assert waiting is not None
    assert waiting.seconds is None
    assert waiting.reason == "budget core: 1 of 100 left"
    assert window.hold(0.0, 0, 1) is None


def test_a_window_that_gets_a_reset_at_last_is_a_new_one() -> None:
    window = HeaderWindow("core")
    window.learn(0.0, reading(1, None))
    window.learn(0.0, reading(90, 60.0))
    window.learn(0.0, reading(80, None))

    assert window.quota(1.0).remaining == 80
    assert window.quota(1.0).resets_in == 59.0


def test_an_answer_that_says_nothing_of_what_is_left_teaches_nothing() -> None:
    window = HeaderWindow("core")
    window.learn(0.0, reading(None))
    window.sent(0.0, 1)

    assert window.quota(0.0).limit is None


def test_a_limit_left_out_is_kept() -> None:
    window = HeaderWindow("core")
    window.learn(0.0, reading(9, limit=None))

    hold = window.hold(0.0, 9, 1)

    assert hold is not None
    assert hold.reason == "budget core: 9 left, resets in 60 s"


@pytest.mark.parametrize(("seconds", "words"), [(-1, "0 s"), (38.4, "38 s"), (600, "10 min"), (7200, "2 h")])
def test_a_span_is_said_in_one_unit(seconds: float, words: str) -> None:
    assert span(seconds) == words
