"""The server's clock, learned from Date headers."""

import pytest

from engine.pacing.response.server_clock import SAMPLES, SkewClock


def test_before_the_first_answer_the_assumed_offset_counts() -> None:
    clock = SkewClock(offset=1_700_000_000.0)

    assert not clock.known
    assert clock.server_now(5.0) == 1_700_000_005.0


def test_one_answer_bounds_the_offset_from_below() -> None:
    clock = SkewClock()

    clock.observe(1000.0, sent_at=9.5, received_at=10.0)

    assert clock.known
    assert clock.server_now(10.0) == 1000.0


def test_the_tightest_bound_of_all_answers_counts() -> None:
    clock = SkewClock()

    clock.observe(1000.0, sent_at=9.9, received_at=10.9)
    clock.observe(1001.0, sent_at=10.95, received_at=11.0)
    clock.observe(1001.0, sent_at=11.2, received_at=11.7)

    assert clock.offset == 990.0


def test_the_servers_time_is_never_ahead_of_the_truth() -> None:
    offset, clock = 47.3, SkewClock()

    for number in range(200):
        sent = number * 0.37
        received = sent + 0.08
        clock.observe(float(int(sent + 0.05 + offset)), sent_at=sent, received_at=received)

        assert clock.server_now(received) <= received + offset
    assert clock.server_now(100.0) == pytest.approx(100.0 + offset, abs=0.1)


def test_one_answer_of_a_machine_with_a_wrong_clock_changes_nothing() -> None:
    clock = SkewClock()
    clock.observe(1000.0, sent_at=0.0, received_at=0.1)

    clock.observe(4600.0, sent_at=1.0, received_at=1.1)
    clock.observe(1002.0, sent_at=2.0, received_at=2.1)
    clock.observe(8000.0, sent_at=3.0, received_at=3.1)

    assert clock.offset == pytest.approx(999.9)


def test_two_answers_that_contradict_everything_and_each_other_change_nothing() -> None:
    clock = SkewClock()
    clock.observe(1000.0, sent_at=0.0, received_at=0.1)

    clock.observe(4600.0, sent_at=1.0, received_at=1.1)
    clock.observe(8000.0, sent_at=2.0, received_at=2.1)

    assert clock.offset == pytest.approx(999.9)


def test_two_answers_that_agree_are_a_stepped_clock() -> None:
    clock = SkewClock()
    clock.observe(1000.0, sent_at=0.0, received_at=0.1)

    clock.observe(4600.0, sent_at=1.0, received_at=1.1)
    clock.observe(4601.0, sent_at=2.0, received_at=2.1)

    assert clock.offset == pytest.approx(4598.9)


def test_a_drifting_clock_is_followed() -> None:
    clock = SkewClock()

    for number in range(40 * SAMPLES):
        sent = float(number)
        clock.observe(float(int(sent * 1.001 + 0.5)), sent_at=sent, received_at=sent + 0.1)

    assert clock.server_now(2560.0) == pytest.approx(2560 * 1.001, abs=1.1)


def test_an_answer_received_before_it_was_sent_is_ignored() -> None:
    clock = SkewClock()

    clock.observe(1000.0, sent_at=20.0, received_at=10.0)

    assert not clock.known


def test_it_says_its_state_in_a_line() -> None:
    assert repr(SkewClock(offset=-2.0)) == "<SkewClock offset -2.00 s from 0 answers>"


def test_after_a_clock_was_set_bounds_are_forgotten_as_before() -> None:
    clock = SkewClock()
    clock.observe(1000.0, sent_at=9.9, received_at=10.0)
    for _ in range(2):
        clock.observe(5000.0, sent_at=9.9, received_at=10.0)
    tight = clock.offset

    for _ in range(SAMPLES):
        clock.observe(5000.0, sent_at=9.9, received_at=10.5)

    assert (tight, clock.offset) == (4990.0, 4989.5)
