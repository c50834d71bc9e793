"""A storm of like lines is cut short."""

from tui.headless.runner import LineLimiter


def test_the_first_few_lines_of_a_kind_are_admitted() -> None:
    flood: LineLimiter[str] = LineLimiter(most=3)

    assert [flood.admits("failed", 0.0) for _ in range(5)] == [True, True, True, False, False]


def test_kinds_do_not_hold_each_other_up() -> None:
    flood: LineLimiter[str] = LineLimiter(most=1)
    flood.admits("failed", 0.0)

    assert flood.admits("throttled", 0.0)


def test_what_was_held_back_is_counted_when_its_second_is_over() -> None:
    flood: LineLimiter[str] = LineLimiter(most=1)
    for _ in range(38):
        flood.admits("failed", 5.0)

    assert list(flood.over(5.9)) == []
    assert list(flood.over(6.0)) == [("failed", 37)]


def test_a_new_second_admits_again() -> None:
    flood: LineLimiter[str] = LineLimiter(most=1)
    flood.admits("failed", 0.0)
    flood.admits("failed", 0.0)
    list(flood.over(1.0))

    assert flood.admits("failed", 1.0)


def test_nothing_is_said_of_kinds_that_were_not_cut() -> None:
    flood: LineLimiter[str] = LineLimiter(most=3)
    flood.admits("failed", 0.0)

    assert list(flood.over(0.0, all_of_them=True)) == []


def test_at_the_end_everything_held_back_is_counted() -> None:
    flood: LineLimiter[str] = LineLimiter(most=1)
    flood.admits("failed", 0.0)
    flood.admits("failed", 0.1)

    assert list(flood.over(0.2, all_of_them=True)) == [("failed", 1)]
