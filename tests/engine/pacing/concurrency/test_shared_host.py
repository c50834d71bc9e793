"""A change of policy under way."""

from engine.pacing.concurrency.controller import LoadSignal, Move, Sample
from engine.pacing.concurrency.knee import Knee
from engine.pacing.concurrency.policies import Fixed
from engine.pacing.concurrency.shared_host import HostController, PolicySwitch


class Hears(Fixed):
    """A fixed limit that remembers what it heard; each sample moves it."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.heard: list[float] = []

    def observe(self, now: float, sample: Sample) -> Move | None:
        self.heard.append(sample.sent_at)
        return Move(1, 2, "heard")


def sample(sent_at: float) -> Sample:
    return Sample(tag=0, sent_at=sent_at, latency=0.1, route="", signal=LoadSignal.OK)


def test_the_old_one_hears_of_its_requests_and_the_new_one_decides() -> None:
    old, new = Hears(4), Hears(9)
    both = PolicySwitch(old, new, since=10.0, under_way=2)

    moves = [both.observe(11.0, sample(sent_at)) for sent_at in (9.0, 10.5, 9.5, 9.2)]

    assert (old.heard, new.heard) == ([9.0, 9.5], [10.5, 9.2])  # two were in flight at the change, no more
    assert [move is None for move in moves] == [True, False, True, False]
    assert both.limit == 9


def test_once_all_of_the_old_are_answered_everything_is_the_new_ones() -> None:
    old, new = Hears(4), Hears(9)
    both = PolicySwitch(old, new, since=10.0, under_way=0)

    both.observe(11.0, sample(9.0))

    assert (old.heard, new.heard) == ([], [9.0])


def test_it_is_the_new_one_in_everything_else() -> None:
    both = PolicySwitch(Fixed(4), Fixed(9), since=0.0, under_way=0)

    both.ask(1.0)
    assert both.sent(1.0, 1, "") == Fixed(9).sent(1.0, 1, "")
    assert (both.spacing, both.describe()) == (Fixed(9).spacing, Fixed(9).describe())
    assert both.resume(3.0) is None
    assert both.try_out(3.0, "by hand") is None


def test_a_share_passes_on_what_the_host_decides_and_calls_the_other_groups() -> None:
    called: list[str] = []
    host = HostController(Hears(8))
    one = host.join(freed=lambda: called.append("one"))
    host.join(freed=lambda: called.append("two"))

    move = one.observe(11.0, sample(9.0))

    assert move == Move(1, 2, "heard")
    assert called == ["two"]


def test_a_share_tried_by_hand_moves_the_hosts_limit_by_the_same_factor() -> None:
    host = HostController(Knee(128, start=16.0))
    one, two = host.join(), host.join()
    one.ask(0.0)
    two.ask(0.0)

    move = one.try_out(4.0, "by hand")

    assert move == Move(8, 4, "by hand")
    assert host.controller.limit == 8
