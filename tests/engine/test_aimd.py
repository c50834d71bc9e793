from engine.aimd import Aimd
from engine.controller import Fixed, Outcome, Sample


def one_round(controller: Aimd, at: float, *, latency: float = 0.1, bad: int = 0, in_flight: int | None = None) -> None:
    """Answer one round whose requests all left at `at`."""
    many = max(4, controller.limit)
    full = controller.limit if in_flight is None else in_flight
    for number in range(many):
        outcome = Outcome.OVERLOADED if number < bad else Outcome.OK
        sample = Sample(sent_at=at, latency=latency, in_flight=full, route="r", outcome=outcome)
        controller.observe(at, sample)


def test_it_doubles_until_something_pushes_back() -> None:
    law = Aimd(cap=100)

    limits = []
    for at in range(1, 5):
        one_round(law, float(at))
        limits.append(law.limit)

    assert limits == [4, 8, 16, 32]


def test_it_never_passes_its_cap() -> None:
    law = Aimd(cap=10)

    for at in range(1, 20):
        one_round(law, float(at))

    assert law.limit == 10


def test_a_round_that_queues_costs_three_tenths_and_ends_the_doubling() -> None:
    law = Aimd(cap=100)
    for at in range(1, 5):
        one_round(law, float(at))

    one_round(law, 5.0, latency=0.3)
    after_queue = law.limit
    one_round(law, 6.0)

    assert (after_queue, law.limit) == (22, 23)


def test_a_round_of_failures_costs_three_tenths() -> None:
    law = Aimd(cap=100, start=10)

    one_round(law, 1.0, bad=5)

    assert law.limit == 7


def test_a_few_failures_cost_nothing() -> None:
    law = Aimd(cap=100, start=10)

    one_round(law, 1.0, bad=2)

    assert law.limit == 20


def test_it_does_not_grow_while_it_is_not_used_up() -> None:
    law = Aimd(cap=100, start=10)

    one_round(law, 1.0, in_flight=3)

    assert law.limit == 10


def test_it_never_falls_below_one() -> None:
    law = Aimd(cap=100)

    for at in range(1, 20):
        one_round(law, float(at), bad=4)

    assert law.limit == 1


def test_answers_to_requests_of_an_earlier_round_do_not_count() -> None:
    law = Aimd(cap=100)
    one_round(law, 1.0)

    one_round(law, 0.5)

    assert law.limit == 4


def test_a_move_says_why() -> None:
    law = Aimd(cap=100)
    sample = Sample(sent_at=1.0, latency=0.1, in_flight=2, route="r", outcome=Outcome.OK)

    moves = [law.observe(1.0, sample) for _ in range(4)]

    assert moves[:3] == [None, None, None]
    assert moves[3] is not None
    assert (moves[3].old, moves[3].new, moves[3].reason) == (2, 4, "no queue yet: doubling")


def test_a_refusal_for_the_rate_says_nothing_about_concurrency() -> None:
    law = Aimd(cap=100)
    sample = Sample(sent_at=1.0, latency=9.0, in_flight=2, route="r", outcome=Outcome.NEUTRAL)

    assert all(law.observe(1.0, sample) is None for _ in range(100))


def test_a_fixed_number_stays() -> None:
    law = Fixed(0)

    assert law.limit == 1
    assert law.observe(1.0, Sample(sent_at=0, latency=1, in_flight=1, route="", outcome=Outcome.OVERLOADED)) is None
