from simulator.common.limits import MAX_ACCOUNTS, Limiter, Quota, Refusal
from simulator.common.settings import Budget, Limits

ROUTE = "/repos/{owner}/{repo}/issues"


def admit(limiter: Limiter, now: float, *, who: str = "me", route: str = ROUTE, in_flight: int = 0) -> Refusal | None:
    return limiter.admit(who, route=route, in_flight=in_flight, now=now)


def test_a_spent_budget_refuses_and_is_a_violation_where_it_is_documented() -> None:
    limiter = Limiter(Limits(budget=Budget(1, 10)))

    assert admit(limiter, 100) is None
    assert admit(limiter, 101) == Refusal("primary", violation=True)


def test_a_budget_told_in_headers_cannot_be_violated_before_the_first_answer() -> None:
    limiter = Limiter(Limits(budget=Budget(1, 10), known="headers"))
    admit(limiter, 100)

    before = admit(limiter, 100)
    limiter.answered("me")
    after = admit(limiter, 101)

    assert before == Refusal("primary", violation=False)
    assert after == Refusal("primary", violation=True)


def test_a_budget_nobody_tells_of_cannot_be_violated_but_its_retry_after_can() -> None:
    limiter = Limiter(Limits(budget=Budget(1, 10, "sliding"), retry_after=True, known="never"))
    admit(limiter, 100)
    limiter.answered("me")

    refused = admit(limiter, 104)

    assert refused == Refusal("primary", violation=False, retry_after=6)
    assert not limiter.too_early("me", ROUTE, 104.1)
    assert limiter.too_early("me", ROUTE, 109.9)
    assert not limiter.too_early("me", ROUTE, 110)


def test_a_refusal_says_when_to_return_where_it_is_told_to() -> None:
    limiter = Limiter(Limits(budget=Budget(1, 10, "sliding"), retry_after=True))
    admit(limiter, 100)

    assert admit(limiter, 104) == Refusal("primary", violation=True, retry_after=6)


def test_each_credential_has_a_budget_of_its_own_and_strangers_a_smaller_one() -> None:
    limiter = Limiter(Limits(budget=Budget(5, 10), anonymous=Budget(2, 10)))

    assert limiter.quota("a", 0) == Quota(5, 5, 10)
    assert limiter.quota("", 0) == Quota(2, 2, 10)

    admit(limiter, 0, who="a")

    assert limiter.quota("a", 0) == Quota(5, 4, 10)
    assert limiter.quota("b", 0) == Quota(5, 5, 10)


def test_without_a_budget_there_is_no_quota_and_no_refusal() -> None:
    limiter = Limiter(Limits())

    assert all(admit(limiter, 0) is None for _ in range(1000))
    assert limiter.quota("me", 0) is None


def test_points_are_counted_per_endpoint_and_exceeding_them_blocks_all_endpoints() -> None:
    limiter = Limiter(Limits(points=Budget(2, 60), penalty=30))
    for route in ("/a", "/b"):
        assert [admit(limiter, 0, route=route) for _ in range(2)] == [None, None]

    exceeded = admit(limiter, 1, route="/a")
    elsewhere = admit(limiter, 10, route="/c")

    assert exceeded == Refusal("points", violation=True, retry_after=30)
    assert elsewhere == Refusal("retry-after", violation=True, retry_after=21)
    assert admit(limiter, 31, route="/c") is None


def test_the_concurrency_cap_is_the_last_that_is_allowed() -> None:
    limiter = Limiter(Limits(concurrency=3, penalty=5))

    assert admit(limiter, 0, in_flight=2) is None
    assert admit(limiter, 0, in_flight=3) == Refusal("concurrency", violation=True, retry_after=5)


def test_what_was_on_its_way_when_the_limit_was_told_is_refused_without_blame() -> None:
    limiter = Limiter(Limits(concurrency=1, penalty=5, grace=0.25))
    admit(limiter, 0, in_flight=1)

    at_once, later = admit(limiter, 0.2), admit(limiter, 0.3)

    assert at_once is not None
    assert not at_once.violation
    assert later is not None
    assert later.violation


def test_an_unchanged_answer_is_free_for_those_with_a_credential() -> None:
    limiter = Limiter(Limits(budget=Budget(1, 10), unchanged_is_free="authorized"))
    for who, left in (("me", 1), ("", 0)):
        admit(limiter, 0, who=who)

        limiter.give_back(who, 1)

        quota = limiter.quota(who, 0)
        assert quota is not None
        assert quota.remaining == left


def test_a_route_that_costs_nothing_opens_no_window() -> None:
    limiter = Limiter(Limits(budget=Budget(1, 10)))

    assert limiter.admit("me", route="/rate_limit", in_flight=0, now=0, cost=0) is None

    assert limiter.quota("me", 5) == Quota(1, 1, 15)


def test_a_fault_s_retry_after_holds_for_its_address_or_for_all() -> None:
    limiter = Limiter(Limits(grace=0.1))
    limiter.tell("me", 10, 0, address="/a")

    assert limiter.too_early("me", "/a", 5)
    assert not limiter.too_early("me", "/b", 5)
    assert not limiter.too_early("other", "/a", 5)
    assert not limiter.too_early("me", "/a", 0.05)
    assert not limiter.too_early("me", "/a", 10)

    limiter.tell("me", 10, 20)

    assert limiter.too_early("me", "/b", 25)


def test_the_oldest_client_is_forgotten_when_there_are_too_many() -> None:
    limiter = Limiter(Limits(budget=Budget(1, 10)))
    for number in range(MAX_ACCOUNTS + 1):
        admit(limiter, 0, who=f"client {number}")

    assert admit(limiter, 0, who="client 2") is not None
    assert admit(limiter, 0, who="client 0") is None


def test_clearing_forgets_every_client() -> None:
    limiter = Limiter(Limits(budget=Budget(1, 10)))
    admit(limiter, 0)

    limiter.clear()

    assert admit(limiter, 0) is None
