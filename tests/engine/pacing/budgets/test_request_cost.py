"""What a request takes from a budget: learned from steps that one request alone can have made."""

import pytest

from engine.pacing.budgets.request_cost import ENOUGH, MOST, Costs, Price
from engine.pacing.response.rate_limit_headers import QuotaReading

CHANGED, SAME = ("list", 1.0, False), ("list", 1.0, True)


def told(remaining: float, resets_at: float = 60.0) -> list[QuotaReading]:
    return [QuotaReading(name="core", limit=1000, remaining=remaining, resets_at=resets_at)]


def steps(costs: Costs, *sizes: float, kind: tuple[str, float, bool] = CHANGED) -> None:
    """Send one request after the other; each finds so much less than the one before."""
    left = 900.0
    costs.sent()
    costs.answered(0.0, ("other", 1.0, False), told(left))
    for size in sizes:
        left -= size
        costs.sent()
        costs.answered(0.0, kind, told(left), conditional=kind[2])


def test_a_cost_is_as_declared_until_it_was_measured() -> None:
    costs = Costs()

    steps(costs, *[2.0] * (ENOUGH - 1))
    before = costs.price("list", 1.0)
    steps(costs, 2.0)

    assert before == Price(1.0, 1.0)
    assert costs.price("list", 1.0) == Price(2.0, 2.0)
    assert costs.price("other", 1.0) == Price(1.0, 1.0)


def test_a_cost_is_measured_after_requests_that_went_without_an_answer() -> None:
    costs = Costs()
    costs.sent()
    costs.sent()
    costs.gone()
    costs.gone()

    steps(costs, *[2.0] * ENOUGH)

    assert costs.price("list", 1.0) == Price(2.0, 2.0)


def test_the_same_route_declared_dearer_is_measured_by_itself() -> None:
    costs = Costs()

    steps(costs, *[2.0] * ENOUGH)

    assert costs.price("list", 3.0) == Price(3.0, 3.0)


def test_another_client_in_the_same_budget_makes_no_request_dearer() -> None:
    costs = Costs()

    steps(costs, 1, 3, 1, 2, 1, 5, 2, 1, 1, 4)

    assert costs.price("list", 1.0) == Price(1.0, 1.0)


def test_a_dear_request_is_found_beside_another_client() -> None:
    costs = Costs()

    steps(costs, 2, 3, 2, 2, 4, 2, 2, 7, 2, 3)

    assert costs.price("list", 1.0) == Price(2.0, 2.0)


def test_a_step_that_several_requests_can_have_made_teaches_nothing() -> None:
    costs = Costs()
    left = 900.0
    for _ in range(20):
        costs.sent()
        costs.sent()
        left -= 2
        costs.answered(0.0, CHANGED, told(left))
        left -= 2
        costs.answered(0.0, CHANGED, told(left))

    assert costs.price("list", 1.0) == Price(1.0, 1.0)


def test_answers_that_cannot_be_compared_teach_nothing() -> None:
    costs = Costs()

    steps(costs, 5, 5, 5, 5, -3, 5)
    for number in range(10):
        costs.sent()
        costs.answered(0.0, CHANGED, told(900.0 - 5 * number, resets_at=60.0 * number))
    for number in range(10):
        costs.sent()
        costs.answered(0.0, CHANGED, [QuotaReading(name="core", limit=1000, remaining=900.0 - 5 * number)])

    assert costs.price("list", 1.0) == Price(1.0, 1.0)


def test_a_refused_and_a_lost_request_end_what_can_be_compared() -> None:
    costs = Costs()
    left = 900.0
    for number in range(20):
        costs.sent()
        if number % 2:
            costs.answered(0.0, CHANGED, told(left - 5 * number), refused=number % 4 == 1)
        else:
            costs.gone()

    assert costs.price("list", 1.0) == Price(1.0, 1.0)


def test_what_an_answer_itself_says_wins() -> None:
    costs = Costs()
    steps(costs, *[2.0] * 10)

    costs.reported("list", 1.0, 7.0)

    assert costs.price("list", 1.0) == Price(7.0, 7.0)


def test_where_nothing_changed_is_free_the_pace_counts_on_it_and_the_guard_does_not() -> None:
    costs = Costs(unchanged_free=True)
    first = costs.price("list", 1.0, conditional=True)

    steps(costs, *[0.0] * 4, kind=SAME)

    assert first == Price(1.0, 1.0)
    second = costs.price("list", 1.0, conditional=True)
    assert second.likely == pytest.approx(0.8**4)
    assert second.most == 1.0
    assert costs.price("list", 1.0) == Price(1.0, 1.0)
    assert costs.of("list", 1.0, unchanged=True) == 0.0


def test_where_nothing_changed_is_counted_all_the_same_it_is_found_out() -> None:
    costs = Costs(unchanged_free=True)

    steps(costs, *[1.0] * ENOUGH, kind=SAME)

    assert costs.price("list", 1.0, conditional=True) == Price(1.0, 1.0)


def test_answers_without_change_are_measured_where_nobody_says_that_they_are_free() -> None:
    costs = Costs()

    steps(costs, *[0.0] * ENOUGH, kind=SAME)

    assert costs.of("list", 1.0, unchanged=True) == 0.0


def test_the_mean_follows_what_answers_took() -> None:
    costs = Costs()
    costs.reported("list", 1.0, 3.0)

    steps(costs, *[3.0] * 30)

    assert costs.mean == pytest.approx(3.0, abs=0.01)


def test_no_source_can_fill_the_memory_with_routes() -> None:
    costs = Costs()

    for number in range(2 * MOST):
        steps(costs, 2.0, 2.0, 2.0, 2.0, 2.0, kind=(f"r{number}", 1.0, number % 2 == 0))
        costs.reported(f"r{number}", 1.0, 2.0)

    known = [number for number in range(2 * MOST) if costs.of(f"r{number}", 1.0, unchanged=False) != 1.0]
    assert len(known) == MOST


def test_a_request_that_is_lost_leaves_the_others_in_flight() -> None:
    costs, left = Costs(), 900.0
    for _ in range(2 * ENOUGH):
        for _ in range(3):
            costs.sent()
        costs.gone()
        costs.answered(0.0, CHANGED, told(left))
        costs.sent()
        left -= 5.0
        costs.answered(0.0, CHANGED, told(left))
        costs.gone()

    assert costs.price("list", 1.0) == Price(1.0, 1.0)
