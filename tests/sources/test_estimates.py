"""What the sources say of a run before it begins, held against what it then asks for."""

from typing import Any

import pytest

from engine.model.capabilities import Estimator
from sources.github.options import GitHubOptions
from sources.github.source import GitHub
from sources.pr0gramm.options import Pr0grammOptions
from sources.pr0gramm.source import Pr0gramm
from tests.sources.driver import Driver, respond
from tests.sources.look_alike import Simulated
from tests.sources.planning import LATER, asked, planned, within


def _github(simulated: Simulated, **options: Any) -> Driver:
    chosen = GitHubOptions(
        **{"base_url": simulated.base_url, "orgs": ("aurora",), "year": 2024, "forks": True, **options}
    )
    return Driver(GitHub(chosen), simulated)


def _pr0gramm(simulated: Simulated, **options: Any) -> Driver:
    return Driver(Pr0gramm(Pr0grammOptions(base_url=simulated.base_url, **options)), simulated)


def test_a_first_year_is_at_least_what_its_repositories_cost() -> None:
    driver = _github(Simulated("github"))

    estimates = planned(driver)
    driver.run()

    for resource in ("core", "graphql"):
        low, high = within(estimates, resource)
        assert high is None
        assert low * 0.8 <= asked(driver, resource) <= low * 2


def test_a_second_year_run_lies_between_its_ends() -> None:
    simulated = Simulated("github")
    driver = _github(simulated)
    driver.run()
    before = simulated.total

    estimates = planned(driver)

    assert simulated.total == before
    assert within(estimates, "core")[0] == 1
    assert within(estimates, "graphql")[0] == 0
    first = len(driver.sent)
    driver.run(LATER)
    assert len(driver.sent) == 1
    assert sum(each.requests_high or 0 for each in estimates) <= first + 20
    assert sum(each.naive_requests for each in estimates) > first


def test_the_plain_client_of_a_plan_is_the_one_of_the_meter() -> None:
    driver = _github(Simulated("github"))
    driver.run()

    naive = sum(each.naive_requests for each in planned(driver))
    driver.run(LATER)

    assert naive == len(driver.sent) + driver.avoided["the repository did not move since it was harvested"]


def test_repositories_named_one_by_one_need_no_probe() -> None:
    driver = _github(Simulated("github"), orgs=(), repos=("aurora/x",))

    assert isinstance(driver.source, Estimator)
    assert list(driver.source.probes(driver.memory)) == []
    assert within(planned(driver), "core")[0] == 6


def test_an_account_that_does_not_say_its_size_leaves_the_lists_open() -> None:
    driver = Driver(GitHub(GitHubOptions(orgs=("harbour",))), lambda _: respond({"login": "harbour"}))

    assert planned(driver)[0].requests_high is None


@pytest.mark.parametrize(
    "options", [{}, {"down_to": 700}, {"promoted": True}, {"details": False}, {"request_delay": 1.0}]
)
def test_the_stream_lies_between_its_ends(options: dict[str, Any]) -> None:
    driver = _pr0gramm(Simulated("pr0gramm", sizes={"items": 800}), **options)

    estimates = planned(driver)
    driver.run()

    asked = len(driver.sent)
    assert sum(each.requests_low for each in estimates) * 0.7 <= asked
    assert asked <= sum(each.requests_high or 0 for each in estimates)


def test_a_stream_that_is_known_costs_a_page() -> None:
    driver = _pr0gramm(Simulated("pr0gramm", sizes={"items": 300}))
    driver.run()

    lists, details = planned(driver)

    assert (lists.requests_low, details.requests_low) == (1, 0)
    assert details.naive_requests > 100


def test_a_known_part_of_a_stream_costs_nothing_and_asks_nothing() -> None:
    driver = _pr0gramm(Simulated("pr0gramm", sizes={"items": 300}), start_from=200, down_to=100)
    driver.run()

    assert isinstance(driver.source, Estimator)
    assert list(driver.source.probes(driver.remember(LATER, full=False))) == []
    assert [each.requests_low for each in planned(driver)] == [0, 0]


def test_an_empty_stream_is_survived() -> None:
    driver = Driver(Pr0gramm(Pr0grammOptions()), lambda _: respond({"items": [], "atEnd": True}))

    assert all(each.requests_high is None for each in planned(driver))
