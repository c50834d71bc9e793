"""A wait in words: the cause, since when, why, and when it is tried next."""

from datetime import datetime

from engine.model.outside_wait import Cause, OutsideWait, clock

NOON = datetime(2026, 3, 14, 12, 0).timestamp()


def test_a_wait_says_since_when_why_and_when_it_is_tried_next() -> None:
    wait = OutsideWait(cause=Cause.OFFLINE, words="the host refuses connections", since=NOON, next_try=NOON + 80)

    assert wait.describe(NOON + 60) == "offline since 12:00: the host refuses connections; next try in 20 s"


def test_a_try_under_way_has_no_time() -> None:
    wait = OutsideWait(cause=Cause.LOGIN_NEEDED, words="", since=NOON)

    assert wait.describe(NOON + 60) == "login needed since 12:00"


def test_a_try_that_is_late_is_due_at_once() -> None:
    wait = OutsideWait(cause=Cause.DISK_FULL, words="", since=NOON, next_try=NOON + 1)

    assert wait.describe(NOON + 60) == "disk full since 12:00; next try in 0 s"


def test_another_day_is_named() -> None:
    assert clock(NOON, NOON + 3600) == "12:00"
    assert clock(NOON, NOON + 86_400) == "2026-03-14 12:00"


def test_times_of_a_monotonic_clock_are_shifted_to_the_wall() -> None:
    wait = OutsideWait(cause=Cause.OFFLINE, words="", since=10.0, next_try=12.0)

    assert wait.shifted(100.0) == OutsideWait(cause=Cause.OFFLINE, words="", since=110.0, next_try=112.0)
