"""Budgets of every kind: each wait is arithmetic."""

import pytest

from engine.pacing.budgets.budget import Ask, Pacer
from engine.pacing.budgets.configured_window import ConfiguredWindow
from engine.pacing.budgets.header_bucket import HeaderBucket
from engine.pacing.budgets.header_budgets import HeaderBudgets
from engine.pacing.budgets.header_window import HeaderWindow
from engine.pacing.budgets.window_usage import CLAIM
from engine.pacing.response.rate_limit_headers import QuotaReading
from engine.pacing.response.server_clock import HeaderReader

ONE = Ask(1.0, 0.0)


def reading(remaining: float, resets_at: float | None = None, limit: float = 500.0, name: str = "core") -> QuotaReading:
    return QuotaReading(name=name, limit=limit, remaining=remaining, resets_at=resets_at)


def seconds(budget: ConfiguredWindow | HeaderWindow | HeaderBucket, now: float, ask: Ask = ONE) -> float:
    """Return the wait: 0 for none, infinite until an answer comes."""
    hold = budget.wait_for(now, ask)
    if hold is None:
        return 0.0
    return float("inf") if hold.seconds is None else hold.seconds


def test_a_short_window_holds_the_next_until_the_first_is_old() -> None:
    window = ConfiguredWindow("w", 3, 1.0)
    for at in (0.0, 0.1, 0.2):
        assert seconds(window, at) == 0.0
        window.sent(at, 1.0)

    assert seconds(window, 0.3) == pytest.approx(0.75)
    assert seconds(window, 1.06) == 0.0


def test_a_request_that_may_have_arrived_late_is_counted_from_then_on() -> None:
    window = ConfiguredWindow("core", 2, 4.0)
    for at, took in ((0.0, 0.1), (1.0, 0.45)):
        window.sent(at, 1.0)
        window.answered(at + took, at, 1.0)

    first = seconds(window, 2.0)
    window.sent(4.2, 1.0)

    assert first == pytest.approx(4.2 - 2.0)
    assert seconds(window, 4.2) == pytest.approx(1.0 + 0.15 + 4.2 - 4.2)


def test_a_slow_answer_holds_its_window_up_by_a_twentieth_at_most() -> None:
    window = ConfiguredWindow("core", 1, 4.0)
    for at, took in ((0.0, 0.1), (4.2, 3.0)):
        window.sent(at, 1.0)
        window.answered(at + took, at, 1.0)

    assert seconds(window, 7.2) == pytest.approx(4.2 + 0.2 + 4.2 - 7.2)


def test_a_long_window_is_spread_evenly_after_a_small_burst() -> None:
    window = ConfiguredWindow("w", 60, 60.0)
    for _ in range(3):
        assert seconds(window, 0.0) == 0.0
        window.sent(0.0, 1.0)

    assert seconds(window, 0.0) == pytest.approx(1.01)


def test_a_backlog_that_fits_is_not_spread() -> None:
    window = ConfiguredWindow("w", 60, 60.0)
    for _ in range(10):
        window.sent(0.0, 1.0)

    assert seconds(window, 0.0, Ask(1.0, 0.0, backlog=50)) == 0.0
    assert seconds(window, 0.0, Ask(1.0, 0.0, backlog=51)) > 0


def test_a_configured_limit_that_refuses_is_used_less() -> None:
    window = ConfiguredWindow("w", 100, 1.0)

    assert window.refused() == pytest.approx(93.0)
    for _ in range(100):
        window.refused()
    assert window.refused() == pytest.approx(25.0)


def test_a_header_window_is_spent_evenly_to_its_reset() -> None:
    window = HeaderWindow("core")
    window.learn(0.0, 0.0, reading(401.5, 60.0))
    window.wait_for(0.0, ONE)
    window.sent(0.0, 1.0)

    assert seconds(window, 0.0) == pytest.approx(60 / 400)


def test_what_is_under_way_counts_as_spent() -> None:
    window = HeaderWindow("core")
    window.learn(0.0, 0.0, reading(5.0, 60.0))

    assert seconds(window, 0.0, Ask(1.0, 2.0)) == 0.0
    assert seconds(window, 0.0, Ask(1.0, 3.0)) == pytest.approx(60.3)


def test_after_the_reset_one_asks_alone_until_the_new_window_is_seen() -> None:
    window = HeaderWindow("core")
    window.learn(0.0, 0.0, reading(0.0, 60.0))
    assert seconds(window, 60.2) == pytest.approx(0.1)
    assert seconds(window, 60.4) == 0.0

    window.sent(60.4, 1.0)
    alone = seconds(window, 60.5)
    window.learn(60.6, 60.4, reading(499.0, 120.0))

    assert alone == float("inf")
    assert seconds(window, 60.6) < 0.2


def test_a_canary_that_never_told_makes_room_for_another() -> None:
    window = HeaderWindow("core")
    window.learn(0.0, 0.0, reading(0.0, 60.0))
    window.sent(60.4, 1.0)

    window.answered(70.0, 60.4, 1.0)

    assert seconds(window, 70.0) == 0.0


def test_an_old_window_seen_after_its_end_shifts_the_clock() -> None:
    window = HeaderWindow("core")
    window.learn(0.0, 0.0, reading(1.0, 60.0))

    window.learn(61.2, 61.0, reading(0.0, 60.0))

    assert window.ends_at == pytest.approx(62.5)


def test_a_window_is_as_long_as_from_one_reset_to_the_next_unless_a_day_or_more_lies_between() -> None:
    window, lengths = HeaderWindow("core"), []

    for now, resets_at in ((0.0, 60.0), (2 * 86_400.0, 2 * 86_400.0 + 60.0), (2 * 86_400.0 + 61, 2 * 86_400.0 + 120.0)):
        window.learn(now, now, reading(499.0, resets_at))
        lengths.append(window.window)

    assert lengths == [None, None, 60.0]


def test_a_request_that_takes_all_that_is_left_is_paced_to_the_very_reset() -> None:
    window = HeaderWindow("core")
    window.learn(0.0, 0.0, reading(6.5, 10.0))
    window.wait_for(0.0, Ask(5.0, 0.0))
    window.sent(0.0, 5.0)

    assert seconds(window, 0.0, Ask(5.0, 0.0)) == pytest.approx(10.0)


def test_a_late_answer_of_an_old_window_is_ignored() -> None:
    window = HeaderWindow("core")
    window.learn(0.0, 0.0, reading(1.0, 60.0))
    window.learn(61.0, 60.5, reading(499.0, 120.0))

    window.learn(61.1, 59.0, reading(0.0, 60.0))

    assert window.remaining == 499.0


def test_a_reserve_and_a_share_are_left_to_others() -> None:
    window = HeaderWindow("core")
    window.learn(0.0, 0.0, reading(300.0, 60.0))

    assert seconds(window, 0.0, Ask(1.0, 0.0, reserve=297)) == 0.0
    assert seconds(window, 0.0, Ask(1.0, 0.0, reserve=298)) > 60
    assert seconds(window, 0.0, Ask(1.0, 0.0, share=0.3)) > 60


def test_a_backlog_that_fits_a_header_window_is_not_spread() -> None:
    window = HeaderWindow("core")
    window.learn(0.0, 0.0, reading(400.0, 60.0))
    window.sent(0.0, 1.0)

    assert seconds(window, 0.0, Ask(1.0, 0.0, backlog=300)) == 0.0


def test_an_absurd_reset_holds_no_longer_than_an_hour_at_once() -> None:
    window = HeaderWindow("core")
    window.learn(0.0, 0.0, reading(0.0, 1e12))

    assert seconds(window, 0.0) == 3600.0


@pytest.mark.parametrize(
    ("policy", "fastest"),
    [('"default";q=100;w=10', 10.0), ('"default";q=10;w=1', 10.0), ('"default";q=1000;w=3600', 100.0)],
)
def test_a_remaining_that_is_absurd_beside_its_policy_makes_no_flood(policy: str, fastest: float) -> None:
    """The example of the IETF draft: r=10000 for ten seconds beside ten a second."""
    fields = {"ratelimit": '"default";r=10000;t=10', "ratelimit-policy": policy}
    reader, window = HeaderReader(), HeaderWindow("default")
    sends, now = 0, 0.0
    while now < 10:
        (said,) = reader.readings(reader.read(fields, sent_at=now, now=now), now, unnamed="core")
        window.learn(now, now, said)
        wait = seconds(window, now)
        if wait <= 0:
            window.sent(now, 1.0)
            sends += 1
        now += max(wait, 0.001)

    assert 0 < sends <= fastest * 10 * 1.25


def beside(others: float, *, until: float = 60.0, limit: float = 500.0) -> HeaderWindow:
    """Have seen that others use so much a second; at 4 s there are 400 left."""
    window = HeaderWindow("core")
    window.learn(0.0, 0.0, reading(400.0 + 4 * others, until, limit))
    window.learn(4.0, 4.0, reading(400.0, until, limit))
    window.wait_for(4.0, ONE)
    window.sent(4.0, 1.0)
    return window


def test_what_others_use_is_left_to_them_but_for_a_little() -> None:
    window = beside(5.0)

    even = (400 - 1.5) / 56
    rate = even - 5 * (1 - CLAIM * (5 / even) ** 2)

    assert seconds(window, 4.0) == pytest.approx(1 / rate)


def test_what_others_took_since_the_last_answer_is_theirs() -> None:
    window = beside(6.9)

    even = (400 - 1.5 - 0.5 * 6.9) / 55.5
    rate = even - 6.9 * (1 - CLAIM * (6.9 / even) ** 2)

    assert seconds(window, 4.5) == pytest.approx(1 / rate - 0.5)


def test_what_others_take_in_a_second_is_not_touched_at_the_end() -> None:
    window = beside(5.0)
    for left in (9.0, 8.0, 7.0):
        window.learn(59.5, 59.4, reading(left, 60.0))

    assert seconds(window, 59.9, ONE) == pytest.approx(0.4)


def test_a_bucket_spends_what_lies_above_a_tenth_in_half_a_minute() -> None:
    bucket = HeaderBucket("core")
    bucket.learn(0.0, 0.0, reading(90.0, limit=90.0))
    bucket.wait_for(0.0, ONE)
    bucket.sent(0.0, 1.0)

    assert seconds(bucket, 0.0) == pytest.approx(1 / (1.5 + 81 / 30))


def test_an_empty_bucket_is_asked_again_when_one_should_be_back() -> None:
    bucket = HeaderBucket("core")
    bucket.learn(0.0, 0.0, reading(0.0, limit=90.0))

    assert seconds(bucket, 0.0) == pytest.approx(1 / 0.15)
    assert seconds(bucket, 0.0, Ask(1.0, 1.0)) == float("inf")
    assert seconds(bucket, 7.0) == 0.0


def test_a_bucket_learns_how_fast_it_is_refilled() -> None:
    bucket = HeaderBucket("core")
    bucket.learn(0.0, 0.0, reading(50.0, limit=90.0))
    for _ in range(10):
        bucket.answered(1.0, 0.5, 1.0)

    bucket.learn(4.0, 3.9, reading(60.0, limit=90.0))

    hold = bucket.wait_for(4.0, ONE)
    assert hold is None
    bucket.sent(4.0, 1.0)
    assert seconds(bucket, 4.0) == pytest.approx(1 / (1.5 + 0.3 * (5.0 - 1.5) + 51 / 30))


def test_a_bucket_measures_nothing_in_less_than_three_seconds() -> None:
    bucket = HeaderBucket("core")
    bucket.learn(10.0, 10.0, reading(50.0, limit=90.0))
    for _ in range(10):
        bucket.answered(11.0, 10.5, 1.0)

    bucket.learn(12.0, 11.9, reading(60.0, limit=90.0))

    bucket.wait_for(12.0, ONE)
    bucket.sent(12.0, 1.0)
    assert seconds(bucket, 12.0) == pytest.approx(1 / (1.5 + 51 / 30))


def test_a_reset_told_with_a_refusal_only_makes_no_window() -> None:
    advertised = HeaderBudgets()
    advertised.learn(0.0, 0.0, reading(60.0, limit=90.0))

    advertised.learn(1.0, 0.5, reading(60.0, 61.0, limit=90.0), refused=True)

    assert isinstance(advertised.budgets[0], HeaderBucket)


def test_a_hostile_server_cannot_fill_the_memory_with_names() -> None:
    advertised = HeaderBudgets()

    for number in range(1000):
        advertised.learn(0.0, 0.0, reading(1.0, 60.0, name=str(number)))

    assert len(advertised.budgets) == 32


def test_a_pacer_catches_up_with_a_late_send_but_by_one_only() -> None:
    pacer = Pacer()
    pacer.sent(0.0, 2.0)
    assert pacer.wait(0.0, 2.0) == pytest.approx(0.5)

    pacer.sent(0.6, 2.0)
    assert pacer.wait(0.6, 2.0) == pytest.approx(0.4)
    pacer.sent(60.0, 2.0)
    assert pacer.wait(60.0, 2.0) == pytest.approx(0.05)


def test_a_dear_request_makes_the_next_one_wait_longer() -> None:
    pacer = Pacer()

    pacer.sent(0.0, 2.0, 5.0)

    assert pacer.wait(0.0, 2.0) == pytest.approx(2.5)


@pytest.mark.parametrize("budget", [HeaderWindow("core"), HeaderBucket("core")])
def test_an_answer_that_tells_nothing_of_what_is_left_changes_nothing(budget: HeaderWindow | HeaderBucket) -> None:
    budget.learn(0.0, 0.0, reading(100.0, 60.0 if isinstance(budget, HeaderWindow) else None))
    before = budget.quota(1.0)

    budget.learn(1.0, 1.0, QuotaReading(limit=7.0, remaining=None, resets_at=None))

    assert budget.quota(1.0) == before


def test_a_bucket_that_took_less_than_was_thought_goes_on_sooner() -> None:
    dear, cheap = HeaderBucket("core"), HeaderBucket("core")
    for bucket in (dear, cheap):
        bucket.learn(0.0, 0.0, reading(200.0))
        bucket.wait_for(0.0, Ask(10.0, 0.0))
        bucket.sent(0.0, 10.0)
    cheap.correct(9.0)

    assert 0.0 <= seconds(cheap, 0.1, ONE) < seconds(dear, 0.1, ONE)


def test_the_shortest_window_with_something_left_is_the_one_a_refusal_is_measured_by() -> None:
    told = HeaderBudgets()
    for name, left, resets_at in (("core", 100.0, 30.0), ("spent", 0.0, 5.0), ("bare", 50.0, None)):
        told.learn(0.0, 0.0, reading(left, resets_at, name=name))
    told.learn(31.0, 31.0, reading(499.0, 60.0))

    assert told.window() == pytest.approx(30.0, abs=1.0)


def test_a_window_says_when_it_has_room_again_only_while_it_has_none() -> None:
    window = ConfiguredWindow("core", 2, 60.0)
    window.sent(0.0, 1.0)
    one_left = window.quota(10.0)
    window.sent(10.0, 1.0)
    none_left = window.quota(10.0)

    assert (one_left.remaining, one_left.resets_in) == (1.0, None)
    assert none_left.remaining == 0.0
    assert none_left.resets_in == pytest.approx(50.6)  # a margin of 1 %


def test_what_is_earned_never_lets_two_requests_go_at_once() -> None:
    pacer = Pacer()
    pacer.sent(0.0, 1.0)

    pacer.earn(5.0)

    assert pacer.wait(0.0, 1.0) == pytest.approx(0.1)


def test_a_budget_without_a_reset_shows_what_the_last_answer_said_under_its_name() -> None:
    bucket = HeaderBucket("core")
    before = bucket.quota(0.0)
    bucket.learn(0.0, 0.0, reading(7.0, limit=20.0))
    after = bucket.quota(0.0)

    assert (before.name, before.limit, before.remaining) == ("core", 1.0, 0.0)
    assert (after.name, after.limit, after.remaining) == ("core", 20.0, 7.0)


def test_a_spent_budget_says_how_many_are_left_and_when_it_is_full_again() -> None:
    window = HeaderWindow("core")
    window.learn(0.0, 0.0, reading(3.0, resets_at=60.0))

    hold = window.wait_for(0.0, Ask(4.0, 0.0))

    assert hold is not None
    assert hold.reason == "budget core: 3 of 500 left, resets in 60 s"
