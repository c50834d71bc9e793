"""Limits that no header names: overstated limits, hidden rates, secondary caps, and what the next run keeps."""

import pytest

from engine.pacing.budgets.budget import Ask
from engine.pacing.budgets.inferred_limits import HiddenRate, OverstatedLimit, SecondaryCap
from engine.pacing.budgets.learned import InferredLimits, Learned, Successes

ASK = Ask(1.0, 0.0)


def test_a_lying_limit_is_what_really_passed() -> None:
    lying = OverstatedLimit()
    assert lying.wait_for(0.0, ASK) is None

    lying.refused(10.0, 30, 60.0, 60.0)
    lying.sent(10.0, 1.0)

    hold = lying.wait_for(10.0, ASK)
    assert hold is not None
    assert hold.seconds == pytest.approx(60 / (0.97 * 30))


def test_a_dear_refusal_makes_the_next_probe_rare() -> None:
    lying = OverstatedLimit()
    lying.refused(0.0, 30, 60.0, 60.0)
    before = lying.rate

    lying.wait_for(1199.0, ASK)
    early = lying.rate
    lying.wait_for(1200.0, ASK)

    assert early == before
    assert lying.rate == pytest.approx(1.1 * (before or 0))


def test_nothing_passed_is_still_a_rate() -> None:
    lying, hidden = OverstatedLimit(), HiddenRate()

    lying.refused(0.0, 0, 60.0, 60.0)
    hidden.refused(0.0, 0.0, 0.0, measured=True)

    assert (lying.rate or 0) > 0
    assert hidden.rate(0.0) > 0


def test_a_hidden_rate_climbs_to_the_ceiling_stays_and_then_looks_for_more() -> None:
    hidden = HiddenRate()
    hidden.refused(100.0, 10.0, 0.0, measured=False)

    assert hidden.rate(100.0) == pytest.approx(0.99 * 10 * 0.85)
    assert hidden.rate(130.0) == pytest.approx(9.9)
    assert hidden.rate(145.0) == pytest.approx(10.0)
    assert hidden.rate(155.0) == pytest.approx(10.5)


def test_a_ceiling_found_again_is_trusted_twice_as_long() -> None:
    hidden = HiddenRate()
    hidden.refused(0.0, 10.0, 0.0, measured=False)

    hidden.refused(50.0, 10.5, 0.0, measured=False)

    assert hidden.rate(50.0) == pytest.approx(0.99 * 10.5 * 0.95)
    assert hidden.rate(50.0 + 90) == pytest.approx(10.5)


def test_before_the_first_refusal_nothing_is_paced() -> None:
    hidden = HiddenRate()

    assert hidden.wait_for(0.0, ASK) is None
    assert hidden.rate(0.0) == float("inf")
    assert hidden.quota(0.0) is None


def test_too_many_at_once_leaves_what_was_served_and_adds_slowly() -> None:
    cap = SecondaryCap()
    cap.passed(36)
    assert cap.limit(0.0) == float("inf")

    assert cap.refused(100.0, 41) == 36

    assert cap.limit(340.0) == 36
    assert cap.limit(360.5) == 37


def test_what_was_served_counts_even_if_the_refused_request_left_with_fewer() -> None:
    cap = SecondaryCap()
    cap.passed(32)

    assert cap.refused(100.0, 31) == 32


def test_refused_with_nothing_served_leaves_one_less() -> None:
    assert SecondaryCap().refused(0.0, 41) == 40


def test_refused_at_what_had_been_served_leaves_nine_tenths_and_twice_the_calm() -> None:
    cap = SecondaryCap()
    cap.refused(0.0, 41)
    cap.passed(40)

    cap.refused(200.0, 40)

    assert cap.limit(200.0) == 36
    assert cap.limit(200.0 + 480 + 14) == 36


def test_successes_are_counted_by_when_they_left() -> None:
    passed = Successes()
    for sent_at in (1.0, 2.0, 3.0, 4.0):
        passed.note(sent_at)

    assert passed.count(1.5, 3.5) == 2


def test_more_successes_than_are_kept_count_at_their_rate() -> None:
    passed = Successes()
    for number in range(20_000):
        passed.note(number / 100)

    assert passed.count(0.0, 200.0) == pytest.approx(20_000, rel=0.01)


def test_a_wait_that_was_named_measures_the_limit_itself() -> None:
    lessons = InferredLimits()
    lessons.began(0.0)
    for number in range(300):
        lessons.passed(number / 100)
    lessons.struck(3.1, first=True)
    lessons.refused(3.1, 3.0, 26.9, None)

    lessons.reopened(30.5)

    assert lessons.hidden.ceiling == pytest.approx(10.0)


def test_a_refusal_within_an_advertised_budget_is_a_lie() -> None:
    lessons = InferredLimits()
    lessons.began(0.0)
    for number in range(30):
        lessons.passed(float(number))

    lessons.refused(30.0, 29.5, 60.0, 60.0)

    assert lessons.overstated.rate == pytest.approx(0.97 * 30 / 60)
    assert lessons.hidden.ceiling is None


def test_a_short_wait_within_a_long_budget_is_a_hidden_rate() -> None:
    lessons = InferredLimits()
    lessons.began(0.0)
    lessons.refused(1.0, 0.9, 2.0, 3600.0)

    lessons.reopened(3.0)

    assert lessons.overstated.rate is None
    assert lessons.hidden.ceiling is not None


def test_the_next_run_starts_from_half_the_knee_and_keeps_the_limits() -> None:
    lessons = InferredLimits()
    known = Learned(at=0.0, knee=30.0, secondary=36.0, hidden_rate=9.0, true_rate=0.5, confidence=0.75)

    assert lessons.restore(0.0, known, age=3600.0) == 15.0
    assert lessons.secondary.limit(0.0) == 36
    assert lessons.hidden.ceiling == 9.0
    assert lessons.overstated.rate == 0.5


def test_what_is_old_or_rests_on_little_is_not_believed() -> None:
    lessons = InferredLimits()
    known = Learned(at=0.0, knee=30.0, secondary=36.0, confidence=0.25)

    assert lessons.restore(0.0, known, age=2 * 86_400.0) is None
    assert lessons.secondary.known is None


def test_what_was_learned_survives_the_way_out_and_in() -> None:
    lessons = InferredLimits()
    lessons.struck(0.0, first=True)
    lessons.secondary.refused(0.0, 41)

    exported = lessons.export(1_700_000_000.0, knee=30)

    assert (exported.knee, exported.secondary, exported.confidence) == (30, 40, 0.5)


@pytest.mark.parametrize(("wait", "lie"), [(14.9, False), (15.0, True), (None, True)])
def test_a_wait_of_a_quarter_of_the_window_or_none_blames_the_headers(wait: float | None, *, lie: bool) -> None:
    lessons = InferredLimits()
    lessons.began(0.0)

    lessons.refused(30.0, 29.5, wait, 60.0)

    assert (lessons.overstated.rate is not None) is lie


def test_without_a_named_wait_the_penalty_ended_halfway_between_the_last_two_canaries() -> None:
    lessons = InferredLimits()
    lessons.began(0.0)
    for number in range(300):
        lessons.passed(number / 100)
    lessons.struck(3.1, first=True)
    lessons.refused(3.1, 3.0, None, None)
    lessons.struck(20.0, first=False)

    lessons.reopened(40.0)

    assert lessons.hidden.ceiling == pytest.approx(10.0)
    assert lessons.hidden.rate(40.0) == pytest.approx(0.99 * 0.95 * 10.0)  # a measured limit is cut by a twentieth


def test_a_hidden_rate_of_an_earlier_run_is_approached_from_the_start_of_this_one() -> None:
    lessons = InferredLimits()

    lessons.restore(1000.0, Learned(at=0.0, hidden_rate=10.0, confidence=1.0), age=60.0)

    assert lessons.hidden.rate(1000.0) == pytest.approx(0.99 * 0.95 * 10.0)
    assert lessons.hidden.rate(1060.0) == pytest.approx(0.99 * 10.0)


def test_a_cap_is_never_less_than_one() -> None:
    cap = SecondaryCap()

    assert cap.refused(0.0, 1) == 1.0


def test_a_hidden_rate_says_how_many_a_minute_pass() -> None:
    hidden = HiddenRate()
    hidden.refused(0.0, 10.0, 0.0, measured=True)
    hidden.sent(0.0, 1.0)

    hold = hidden.wait_for(0.0, ASK)

    assert hold is not None
    assert hold.reason == "no more than 564 a minute pass: found by being refused"
    quota = hidden.quota(0.0)
    assert quota is not None
    assert (quota.name, quota.origin) == ("hidden limit per 60 s", "learned")
