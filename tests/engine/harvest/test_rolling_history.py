"""The rolling history of a source: the last seconds, and the last hour in steps."""

from engine.harvest.meter import KEPT, RollingHistory, merge
from engine.model.snapshot import STEP_SECONDS, Second


def second(requests: int = 1, p50: float | None = None, left: float | None = None, in_flight: int = 1) -> Second:
    return Second(
        requests=requests, rows=0, bytes=0, limit=2, in_flight=in_flight, p50=p50, p95=p50 and 2 * p50, left=left
    )


def test_the_hour_has_a_step_as_soon_as_its_seconds_are_over() -> None:
    past = RollingHistory()
    for _ in range(STEP_SECONDS - 1):
        past.add(second())
    before = past.hour()

    past.add(second())

    assert before == ()
    assert [step.requests for step in past.hour()] == [STEP_SECONDS]


def test_both_rings_are_bounded() -> None:
    past = RollingHistory()
    for number in range(KEPT * STEP_SECONDS + 5 * STEP_SECONDS):
        past.add(second(number))

    assert len(past.seconds()) == len(past.hour()) == KEPT
    assert past.seconds()[-1].requests == KEPT * STEP_SECONDS + 5 * STEP_SECONDS - 1


def test_seconds_put_together_leave_out_what_nobody_knew() -> None:
    one = merge([second(p50=None, left=0.5), second(p50=0.2, in_flight=7), second(p50=0.4, left=0.25)])

    assert (one.requests, one.in_flight, one.left) == (3, 7, 0.25)
    assert (round(one.p50 or 0, 6), one.p95) == (0.3, 0.8)
    assert merge([second(), second()]).p50 is None
