"""Other clients of the same token, in whole runs."""

from bench.laws.neighbours import beside, sharing


def test_a_neighbour_that_fits_the_budget_is_refused_one_in_a_hundred_at_most_because_of_us() -> None:
    run = beside(8.0, False, seed=1)

    assert run.alone == 0.0
    assert run.theirs <= 0.01
    assert run.ours >= 0.95 * (500 - 480) * 5
    assert run.refused == 0


def test_beside_a_neighbour_that_asks_for_more_than_there_is_some_is_ours() -> None:
    run = beside(20.0, False, seed=1)

    assert run.ours >= 30
    assert run.theirs - run.alone <= 0.02


def test_two_decks_on_one_token_come_to_equal_shares() -> None:
    (first, second), refused = sharing(2, seed=1)

    assert abs(first - second) <= 0.05 * (first + second)
    assert first + second >= 0.97 * 500
    assert refused == 0
