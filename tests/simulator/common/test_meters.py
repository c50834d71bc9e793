from simulator.common.meters import FixedWindow, SlidingWindow, TokenBucket, meter
from simulator.common.settings import Budget


def taken(what: FixedWindow | SlidingWindow | TokenBucket, now: float, tries: int = 10) -> int:
    return sum(what.take(now, 1) for _ in range(tries))


def test_a_fixed_window_opens_with_its_first_request() -> None:
    window = FixedWindow(3, 10)

    assert window.left(100) == 3
    assert taken(window, 105) == 3
    assert taken(window, 114.9) == 0
    assert taken(window, 115) == 3


def test_a_fixed_window_ends_at_the_whole_second_it_announces() -> None:
    window = FixedWindow(1, 10)
    window.take(100.25, 1)

    assert window.resets_at(100.25) == 111
    assert not window.take(110.99, 1)
    assert window.take(111, 1)


def test_a_fixed_window_that_is_closed_announces_the_end_of_the_next() -> None:
    window = FixedWindow(1, 10)

    assert window.resets_at(100.5) == 111


def test_a_request_given_back_can_be_taken_again() -> None:
    for budget in (FixedWindow(1, 10), SlidingWindow(1, 10), TokenBucket(1, 10)):
        assert taken(budget, 100) == 1

        budget.give_back(1)

        assert budget.left(100) == 1
        assert taken(budget, 100) == 1


def test_a_sliding_window_holds_in_every_stretch_of_its_length() -> None:
    window = SlidingWindow(2, 10)

    assert window.take(100, 1)
    assert window.take(106, 1)
    assert not window.take(109, 1)
    assert window.resets_at(109) == 110
    assert window.take(110, 1)
    assert not window.take(115, 1)
    assert window.left(116) == 1


def test_an_unused_sliding_window_is_open_at_once() -> None:
    assert SlidingWindow(2, 10).resets_at(5) == 5


def test_giving_back_to_an_unused_sliding_window_changes_nothing() -> None:
    window = SlidingWindow(2, 10)

    window.give_back(1)

    assert window.left(100) == 2


def test_a_bucket_refills_evenly_up_to_its_size() -> None:
    bucket = TokenBucket(10, 5)

    assert taken(bucket, 100, 20) == 10
    assert bucket.resets_at(100) == 100.5
    assert taken(bucket, 101, 20) == 2
    assert bucket.left(1000) == 10


def test_a_budget_says_which_meter_counts_it() -> None:
    assert isinstance(meter(Budget(1, 1)), FixedWindow)
    assert isinstance(meter(Budget(1, 1, "sliding")), SlidingWindow)
    assert isinstance(meter(Budget(1, 1, "bucket")), TokenBucket)
