"""The knee tracker as arithmetic, on a server whose every answer is computed: min(n, knee) work, the others queue."""

import math
from collections.abc import Callable

import pytest

from engine.pacing.concurrency.controller import LoadSignal, Move, Sample
from engine.pacing.concurrency.knee import Knee


class Closed:
    """A closed loop: always as many in flight as the limit allows, answered in the order they were sent."""

    def __init__(self, knee: Knee, latency: Callable[[float, int], float], *, most: int = 10_000) -> None:
        self.knee = knee
        self.now = 0.0
        self.moves: list[Move] = []
        self._latency = latency
        self._most = most
        self._flying: list[tuple[float, float, int]] = []

    def run(self, answers: int, signal: LoadSignal = LoadSignal.OK, route: str = "r") -> "Closed":
        for _ in range(answers):
            while len(self._flying) < min(self.knee.limit, self._most):
                many = len(self._flying) + 1
                tag = self.knee.sent(self.now, many, route)
                self._flying.append(
                    (self.now + self._latency(self.now, min(self.knee.limit, self._most)), self.now, tag)
                )
            self._flying.sort()
            self.now, sent_at, tag = self._flying.pop(0)
            sample = Sample(tag=tag, sent_at=sent_at, latency=self.now - sent_at, route=route, signal=signal)
            move = self.knee.observe(self.now, sample)
            if move is not None:
                self.moves.append(move)
        return self


def station(workers: int, *, base: float = 0.2) -> Callable[[float, int], float]:
    """With n in flight on a server whose knee is at `workers`, an answer takes max(base, n / rate)."""
    return lambda _, many: base * max(1.0, many / workers)


def test_it_doubles_until_requests_queue_and_stops_near_the_knee() -> None:
    loop = Closed(Knee(128), station(30)).run(2000)

    assert [move.new for move in loop.moves[:4]] == [4, 8, 16, 32]
    assert 27 <= loop.knee.limit <= 36


def test_without_a_queue_it_ends_at_the_cap() -> None:
    loop = Closed(Knee(50), lambda now, many: 0.2).run(3000)

    assert loop.knee.limit in {45, 50}


def test_a_lower_limit_by_others_lets_it_grow_no_further() -> None:
    loop = Closed(Knee(128), lambda now, many: 0.2, most=3).run(1000)

    assert loop.knee.limit == 4


def test_a_server_that_became_slower_for_all_is_accepted() -> None:
    loop = Closed(Knee(64), lambda now, many: (0.2 if now < 20 else 0.6) * max(1.0, many / 30)).run(6000)

    assert loop.knee.limit >= 28
    assert loop.knee.base == pytest.approx(0.6, rel=0.15)
    asked = [move for move in loop.moves if "is it our queue?" in move.reason]
    accepted = [move for move in loop.moves if "whatever we ask" in move.reason]
    assert (len(asked), len(accepted)) == (1, 1)


def test_a_queue_of_our_own_is_answered_with_fewer() -> None:
    loop = Closed(Knee(64), lambda now, many: 0.2 * max(1.0, many / (30 if now < 20 else 10))).run(8000)

    assert 9 <= loop.knee.limit <= 14
    assert any("followed the cut" in move.reason for move in loop.moves)


def test_a_sudden_queue_is_cut_by_a_fifth_twice_before_it_is_judged() -> None:
    loop = Closed(Knee(64), lambda now, many: 0.2 * max(1.0, many / (30 if now < 20 else 10))).run(8000)

    began = next(at for at, move in enumerate(loop.moves) if "is it our queue?" in move.reason)
    first, second, verdict = loop.moves[began : began + 3]
    assert (second.reason, "followed the cut" in verdict.reason) == ("latency is up: a second cut", True)
    assert (first.new, second.new) == (int(0.8 * first.old), int(0.8 * second.old))
    assert 10 < verdict.new <= 12  # a little above the knee, so that the server never runs dry


def test_a_server_a_little_slower_is_found_out_by_measuring_rounds_alone() -> None:
    """The change is too small to be a queue, so that no other round moves the baseline."""
    loop = Closed(Knee(128), lambda now, many: (0.2 if now < 20 else 0.208) * max(1.0, many / 30))

    loop.run(12_000)

    assert loop.knee.base == pytest.approx(0.208, rel=0.005)
    assert 27 <= loop.knee.limit <= 36


def test_a_measuring_round_asks_for_a_tenth_less() -> None:
    loop = Closed(Knee(128), station(30)).run(3000)

    drains = [move for move in loop.moves if "without a queue" in move.reason]
    assert drains
    assert all(move.new <= 0.9 * move.old + 1 for move in drains)


def test_errors_in_a_quarter_of_a_round_cut_the_limit_once() -> None:
    loop = Closed(Knee(128), station(30)).run(1000)
    before = loop.knee.limit

    loop.run(3 * before, LoadSignal.OVERLOADED)

    assert math.floor(0.55 * before) <= loop.knee.limit <= math.ceil(0.8 * before)


@pytest.mark.parametrize("during", ["asking a little less to measure", "asking less to see whether the queue"])
def test_errors_end_a_round_that_asked_for_less_and_cut_what_was_kept_for_after_it(during: str) -> None:
    loop = Closed(Knee(64), lambda now, many: 0.2 * max(1.0, many / (30 if now < 40 else 10)))
    for _ in range(20_000):
        if loop.knee.describe().startswith(during):
            break
        loop.run(1)
    kept = loop.moves[-1].old

    for _ in range(200):
        if not loop.knee.describe().startswith(during):
            break
        loop.run(1, LoadSignal.OVERLOADED)

    assert loop.moves[-1].reason.endswith("of a round failed")
    assert loop.knee.describe() == "holding the knee"
    assert loop.knee.limit == pytest.approx(0.7 * kept, abs=1)


def test_what_was_sent_before_the_round_says_nothing() -> None:
    knee = Knee(128)
    tags = [knee.sent(0.0, number, "r") for number in (1, 2)]
    knee.resume(4.0)

    for tag in tags * 10:
        knee.observe(1.0, Sample(tag=tag, sent_at=0.0, latency=1.0, route="r", signal=LoadSignal.OK))

    assert knee.base == 0.0


def test_samples_taken_while_the_loop_lagged_are_dropped() -> None:
    knee = Knee(128)

    for number in range(50):
        tag = knee.sent(float(number), 2, "r")
        sample = Sample(tag=tag, sent_at=0.0, latency=1.0, route="r", signal=LoadSignal.OK, lagged=True)
        assert knee.observe(float(number), sample) is None

    assert knee.base == 0.0


def test_starting_again_doubles_up_to_what_it_was_and_no_further() -> None:
    knee = Knee(128)
    knee.resume(10.0)

    loop = Closed(knee, lambda now, many: 0.2).run(60)

    assert loop.moves[0].new == 20
    assert loop.moves[1].new < 40


def test_a_limit_tried_by_hand_is_doubled_on_from_only_upwards_and_before_the_knee_was_found() -> None:
    fresh, lowered, settled = Knee(128), Knee(128), Closed(Knee(128), station(30)).run(2000).knee
    lowered.try_out(8.0, "by hand")

    fresh.try_out(8.0, "by hand")
    lowered.try_out(4.0, "by hand")
    settled.try_out(64.0, "by hand")

    assert (fresh.limit, fresh.describe()) == (8, "doubling until requests queue")
    assert (lowered.limit, lowered.describe()) == (4, "holding the knee")
    assert (settled.limit, settled.describe()) == (64, "holding the knee")


def test_sends_are_spread_over_a_round_trip() -> None:
    loop = Closed(Knee(128), station(30)).run(3000)

    assert loop.knee.spacing == pytest.approx(0.2 / (1.5 * loop.knee.limit), rel=0.3)


def test_it_says_what_it_does() -> None:
    knee = Knee(128)

    assert knee.describe() == "doubling until requests queue"
    assert repr(knee) == "<Knee 2.0, start>"


def test_in_the_start_a_round_trip_has_room_for_twice_the_limit() -> None:
    loop = Closed(Knee(128), lambda now, many: 0.2)
    while loop.knee.limit < 8:
        loop.run(1)

    assert loop.knee.describe() == "doubling until requests queue"
    assert loop.knee.spacing == pytest.approx(0.2 / (2 * 8))


def test_while_something_else_holds_requests_back_the_baseline_follows_a_slower_server() -> None:
    knee = Knee(128, start=64.0)
    knee.try_out(8.0, "by hand")

    loop = Closed(knee, lambda now, many: 0.2 if now < 40 else 0.208, most=3).run(3000)

    assert loop.knee.describe() == "holding the knee"
    assert loop.knee.base == pytest.approx(0.208, rel=0.005)
