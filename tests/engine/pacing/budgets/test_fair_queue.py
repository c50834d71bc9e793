"""Who draws next on a budget that several use."""

from dataclasses import dataclass, field

import pytest

from engine.pacing.admission import Admission
from engine.pacing.budgets.configured_window import ConfiguredWindow
from engine.pacing.budgets.fair_queue import GRACE, FairQueue
from engine.pacing.budgets.header_budgets import HeaderBudgetRegistry, HeaderBudgets
from engine.pacing.concurrency.controller import LoadSignal
from engine.pacing.concurrency.policies import Fixed
from engine.pacing.penalty_gate import PenaltyGate
from engine.pacing.response.rate_limit_headers import QuotaReading
from engine.pacing.ticket import Now, RequestResult, Ticket, Wait

LATENCY = 0.05


@dataclass
class Budgets:
    """What some lanes share."""

    queue: FairQueue = field(default_factory=FairQueue)
    told: HeaderBudgetRegistry = field(default_factory=HeaderBudgetRegistry)
    window: ConfiguredWindow | None = None

    def lane(self, owner: str, weight: float = 1.0, *, resource: str = "core") -> Admission:
        return Admission(
            resource=resource,
            controller=Fixed(8),
            cap=8,
            gate=PenaltyGate(),
            configured=[self.window] if self.window else [],
            header_budgets=HeaderBudgets(self.told, resource),
            queue_share=self.queue.join(owner, weight),
        )


@dataclass
class Server:
    """Lets 120 pass until the 60th second, and tells how many are left."""

    left: int = 120
    tells: bool = True
    flying: list[tuple[float, Admission, Ticket]] = field(default_factory=list)
    sent: dict[str, int] = field(default_factory=dict)

    def offer(self, now: float, *lanes: Admission) -> None:
        """Answer what is due, then let each lane send, the first one first."""
        for at, lane, ticket in [one for one in self.flying if one[0] <= now]:
            self.flying.remove((at, lane, ticket))
            self.left -= 1
            told = QuotaReading(name="core", limit=120.0, remaining=float(self.left), resets_at=60.0)
            readings = (told,) if self.tells else ()
            lane.answered(now, ticket, RequestResult(signal=LoadSignal.OK, latency=LATENCY, readings=readings))
        for lane in lanes:
            while isinstance(lane.admit(now, 0), Now):
                self.flying.append((now + LATENCY, lane, lane.sent(now, 1)))
                self.sent[lane.queue_share.owner] = self.sent.get(lane.queue_share.owner, 0) + 1

    def run(self, until: float, *lanes: Admission, since: float = 0.0) -> dict[str, int]:
        """Offer a hundred times a second; return who sent how many meanwhile."""
        before = dict(self.sent)
        for step in range(int((until - since) * 100)):
            self.offer(since + step / 100, *lanes)
        return {owner: many - before.get(owner, 0) for owner, many in self.sent.items()}


def heard(server: Server, *lanes: Admission) -> None:
    """Let each lane hear of the budget once."""
    for lane in lanes:
        server.flying.append((0.0, lane, lane.sent(0.0, 1)))
    server.offer(0.0)


@pytest.mark.parametrize("weight", [1.0, 3.0])
def test_a_told_budget_is_shared_by_weight_whoever_asks_first(weight: float) -> None:
    budgets, server = Budgets(), Server()
    small, large = budgets.lane("small"), budgets.lane("large", weight)
    heard(server, small, large)

    sent = server.run(60.0, small, large)

    assert sent["large"] / sent["small"] == pytest.approx(weight, rel=0.05)
    assert 115 <= sum(sent.values()) <= 118


def test_a_configured_budget_is_shared_by_weight() -> None:
    budgets, server = Budgets(window=ConfiguredWindow("core", 60, 60.0)), Server(tells=False)
    one, two = budgets.lane("one"), budgets.lane("two", 2.0)

    server.run(10.0, one, two)
    sent = server.run(130.0, one, two, since=10.0)

    assert sent["two"] / sent["one"] == pytest.approx(2.0, rel=0.05)
    assert sum(sent.values()) >= 117


def test_what_one_uses_is_no_strangers_to_the_other() -> None:
    budgets, server = Budgets(), Server()
    one, two = budgets.lane("one"), budgets.lane("two")
    heard(server, one, two)

    server.run(30.0, one, two)

    (quota,) = one.quotas(30.0)
    assert quota == two.quotas(30.0)[0]
    assert (quota.others or 0) <= 1  # the second of the first two left before anything was known
    assert server.left == pytest.approx(61, abs=2)


def test_what_another_has_under_way_is_spent() -> None:
    budgets, server = Budgets(), Server(left=4)
    one, two = budgets.lane("one"), budgets.lane("two")
    heard(server, one, two)
    alone = two.admit(50.0, 0)

    one.sent(50.0, 1)

    assert isinstance(alone, Now)
    assert isinstance(two.admit(59.0, 0), Wait)  # 2 are left: one is under way, the guard keeps the other


def test_who_has_nothing_to_ask_holds_nobody_up_and_gets_no_credit_for_it() -> None:
    budgets, server = Budgets(), Server()
    one, two = budgets.lane("one"), budgets.lane("two")
    heard(server, one, two)

    alone = server.run(30.0, one)
    together = server.run(60.0, one, two, since=30.0)

    assert alone["one"] == pytest.approx(59, abs=1)
    assert together["one"] == pytest.approx(together["two"], abs=1)


def test_whoever_is_ahead_waits_for_its_turn_and_looks_again_when_the_other_drew() -> None:
    budgets, looked = Budgets(window=ConfiguredWindow("core", 1, 1.0)), list[str]()
    one, two = budgets.lane("one"), budgets.lane("two")
    one.queue_share.freed = lambda: looked.append("one")
    one.sent(0.0, 1)
    waits = two.admit(0.5, 0)

    given = one.admit(1.06, 0)
    two.sent(1.06, 1)

    assert isinstance(waits, Wait)
    assert isinstance(given, Wait)
    assert (given.seconds, given.reason) == (GRACE, "it is the turn of two")
    assert looked == ["one"]


def test_a_turn_that_is_not_taken_is_lost() -> None:
    budgets = Budgets(window=ConfiguredWindow("core", 1, 1.0))
    one, two = budgets.lane("one"), budgets.lane("two")
    one.sent(0.0, 1)
    two.admit(0.5, 0)

    assert isinstance(one.admit(1.06, 0), Wait)
    assert isinstance(one.admit(1.05 + GRACE + 0.01, 0), Now)


def test_draws_on_other_budgets_move_nobody_on() -> None:
    budgets, server = Budgets(), Server()
    one, two = budgets.lane("one"), budgets.lane("two", 3.0)
    other = Budgets(queue=budgets.queue, told=budgets.told).lane("one", resource="search")
    heard(server, one, two)

    for step in range(6000):
        other.sent(step / 100, 1)
        server.offer(step / 100, one, two)

    assert server.sent["two"] / server.sent["one"] == pytest.approx(3.0, rel=0.05)


def test_who_left_is_waited_for_by_nobody() -> None:
    budgets = Budgets(window=ConfiguredWindow("core", 1, 1.0))
    one, two = budgets.lane("one"), budgets.lane("two")
    one.sent(0.0, 1)
    two.admit(0.5, 0)

    two.release()

    assert isinstance(one.admit(1.06, 0), Now)


def test_the_backlog_of_all_who_draw_decides_whether_a_budget_is_spread() -> None:
    budgets, server = Budgets(), Server()
    one, two = budgets.lane("one"), budgets.lane("two")
    one.backlog = two.backlog = 100.0
    heard(server, one, two)

    two.admit(0.0, 0)
    server.run(10.0, one, two)

    assert server.left == pytest.approx(98, abs=3)


def test_a_lane_knows_the_share_of_its_group_and_what_the_others_have_left() -> None:
    budgets = Budgets(window=ConfiguredWindow("core", 60, 60.0))
    one, twin, two = budgets.lane("one"), budgets.lane("one"), budgets.lane("two", 3.0)
    for lane, backlog in ((one, 10.0), (twin, 10.0), (two, 70.0)):
        lane.backlog = backlog
        lane.admit(0.0, 0)

    assert (one.queue_share.share(), one.queue_share.beside()) == (0.25, 70.0)
    assert (two.queue_share.share(), two.queue_share.beside()) == (0.75, 10.0)

    two.release()

    assert (one.queue_share.share(), one.queue_share.beside()) == (1.0, 0.0)


def test_what_is_set_aside_is_nothing_once_all_requests_are_over_whatever_floats_add_up_to() -> None:
    share = FairQueue().join("github")
    for most in (0.1, 0.2):
        share.drew(1.0, most)

    share.finished(0.1)
    between = share.under_way
    share.finished(0.2)

    assert between == pytest.approx(0.2)
    assert share.under_way == 0.0


def test_costs_can_be_measured_only_while_no_other_lane_draws_or_has_requests_in_flight() -> None:
    budgets = Budgets(window=ConfiguredWindow("core", 60, 60.0))
    one, two = budgets.lane("one"), budgets.lane("two")
    one.admit(0.0, 0)
    two.admit(0.0, 0)
    before = one.queue_share.take_alone()

    two.sent(0.0, 1)
    during = one.queue_share.take_alone(), one.queue_share.take_alone()
    two.queue_share.finished(1.0)

    assert (before, during, one.queue_share.take_alone()) == (True, (False, False), True)
    two.sent(1.0, 1)
    two.queue_share.finished(1.0)
    assert (one.queue_share.take_alone(), one.queue_share.take_alone()) == (False, True)


def test_a_group_without_weight_still_draws() -> None:
    assert FairQueue().join("one", 0.0).weight == 1e-6
