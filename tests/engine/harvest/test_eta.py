from dataclasses import replace

from engine.harvest.eta import Eta, estimate
from engine.model.lane_state import Bound, LaneState, LimitMode, Quota
from engine.model.snapshot import Second


def lane(*quotas: Quota) -> LaneState:
    return LaneState(
        resource="core",
        host="h",
        limit=1,
        in_flight=0,
        mode=LimitMode(),
        bound=Bound.NONE,
        wait=None,
        reason="",
        quotas=quotas,
        slots=(),
    )


def seconds(*requests: int) -> list[Second]:
    return [Second(requests=many, rows=0, bytes=0, limit=1, in_flight=1) for many in requests]


def quota(remaining: float | None, resets_in: float | None = 30.0, limit: float = 100.0) -> Quota:
    return Quota(name="core", origin="headers", limit=limit, remaining=remaining, resets_in=resets_in, window=60.0)


BUSY = seconds(*[10] * 20)


def test_without_budgets_it_is_the_backlog_at_the_pace() -> None:
    assert estimate(100, BUSY, [lane()]) == Eta(10.0, 0)


def test_seconds_spent_waiting_do_not_count_as_slowness() -> None:
    assert estimate(100, seconds(*[10] * 10, *[0] * 50), [lane()]) == Eta(10.0, 0)


def test_what_fits_into_the_window_needs_no_reset() -> None:
    assert estimate(80, BUSY, [lane(quota(80))]) == Eta(8.0, 0)


def test_every_window_that_must_end_is_counted() -> None:
    assert estimate(80 + 100 + 50, BUSY, [lane(quota(80))]) == Eta(30.0 + 60.0 + 30.0, 2)


def test_the_tightest_budget_decides() -> None:
    assert estimate(200, BUSY, [lane(quota(200)), lane(quota(0, limit=50))]) == Eta(30.0 + 3 * 60.0 + 60.0, 4)


def test_a_sliding_budget_comes_back_bit_by_bit() -> None:
    assert estimate(150, BUSY, [lane(quota(50, resets_in=None))]) == Eta(60.0, 0)


def test_nothing_is_said_before_anything_is_known() -> None:
    assert estimate(100, seconds(5, 5), [lane()]) is None
    assert estimate(0, [], []) == Eta(0.0, 0)


def test_a_budget_that_says_nothing_of_itself_is_left_out() -> None:
    unknown = Quota(name="x", origin="headers", limit=None, remaining=None, resets_in=None)

    assert estimate(100, BUSY, [lane(unknown)]) == Eta(10.0, 0)


def test_a_budget_whose_requests_take_two_points_lasts_half_as_long() -> None:
    dear = replace(lane(quota(0.0)), cost=2.0)

    assert estimate(100, BUSY, [lane(quota(0.0))]) == Eta(90.0, 1)
    assert estimate(100, BUSY, [dear]) == Eta(150.0, 2)


def test_a_budget_that_others_draw_on_lasts_for_its_share_or_until_they_are_done() -> None:
    alone = lane(quota(0.0))

    assert estimate(100, BUSY, [replace(alone, share=0.5, beside=900.0)]) == Eta(150.0, 2)
    assert estimate(100, BUSY, [replace(alone, share=0.5, beside=50.0)]) == Eta(120.0, 2)
