"""Whole runs of the GitHub source against the simulator: how many requests, and the same rows whichever way."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from engine.model.source import Memory, Request
from sources.github.options import GitHubOptions
from sources.github.source import GitHub
from tests.sources.driver import STARTED, Driver
from tests.sources.look_alike import Simulated

LATER = STARTED + timedelta(days=1)
EVERYTHING: dict[str, Any] = {"orgs": ("aurora",), "year": 2024, "pull_details": True}
ONLY_REVIEWS: dict[str, Any] = {
    "orgs": ("aurora",), "since": date(1970, 1, 1),
    "pulls": False, "issues": False, "comments": False, "commits": False, "hygiene": False,
}  # fmt: skip


def _driver(simulated: Simulated, **options: Any) -> Driver:
    return Driver(GitHub(GitHubOptions(base_url=simulated.base_url, **options)), simulated)


@pytest.fixture(scope="module")
def whole() -> Driver:
    driver = _driver(Simulated("github"), **EVERYTHING)
    driver.run()
    return driver


def test_the_reviews_of_a_thousand_pull_requests_are_at_most_fifteen_requests() -> None:
    sizes = {"orgs": 1, "repos": 1, "pulls": 1000, "issues": 0, "spread": 0.0, "oddities": False}
    simulated = Simulated("github", sizes=sizes)
    driver = _driver(simulated, **ONLY_REVIEWS)

    driver.run()

    reviewed = {row["pull_number"] for (table, _), row in driver.rows.items() if table == "review"}
    assert len(reviewed) > 700
    assert max(reviewed) == 1000  # type: ignore[type-var]  # columns are objects to the driver
    assert simulated.asked["/orgs/{login}/repos"] == 1
    assert simulated.total <= 15
    assert driver.avoided["reviews came with their pull requests"] == 1000 - simulated.asked["/graphql"]


def test_a_second_year_run_over_a_hundred_unchanged_repositories_is_one_request() -> None:
    sizes = {"orgs": 1, "repos": 100, "pulls": 5, "issues": 5, "comments": 5, "review_comments": 5, "commits": 5}
    simulated = Simulated("github", sizes=sizes)
    driver = _driver(simulated, orgs=("aurora",), year=2024, forks=True)
    driver.run()
    first = simulated.total

    driver.run(LATER)

    assert simulated.total - first == 1
    assert sum(driver.avoided.values()) > 600


def test_rest_only_finds_the_same_rows(whole: Driver) -> None:
    simulated = Simulated("github")
    driver = _driver(simulated, **EVERYTHING, graphql=False)

    driver.run()

    assert driver.rows == whole.rows
    assert simulated.asked["/graphql"] == 0
    assert {each.resource for each in driver.sent} == {"core"}


def test_what_is_avoided_is_what_rest_alone_would_have_asked(whole: Driver) -> None:
    simulated = Simulated("github")
    driver = _driver(simulated, **EVERYTHING, graphql=False)

    driver.run()

    batched = {why: many for why, many in whole.avoided.items() if "switched off" not in why}
    empty_walks = 1
    assert len(whole.sent) + sum(batched.values()) == len(driver.sent) + empty_walks


@pytest.mark.parametrize("graphql", [True, False])
def test_a_second_run_of_a_full_one_and_a_resumed_one_end_with_the_same_rows(whole: Driver, graphql: bool) -> None:
    driver = _driver(Simulated("github"), **EVERYTHING, graphql=graphql)
    driver.begin()
    while driver.land(7):
        driver.resume()
    assert driver.rows == whole.rows

    driver.run(STARTED + timedelta(hours=1))
    assert driver.rows == whole.rows

    driver.run(STARTED + timedelta(hours=2), full=True)
    assert driver.rows == whole.rows


@pytest.mark.parametrize("order", [lambda each: each.key, lambda each: each.key[::-1], lambda each: -each.priority])
def test_answers_may_come_in_any_order(whole: Driver, order: Callable[[Request], Any]) -> None:
    driver = _driver(Simulated("github"), **EVERYTHING)
    driver.begin()

    while driver.pending:
        driver.pending.sort(key=order)
        driver.land(1)

    assert driver.rows == whole.rows


@pytest.mark.parametrize("stop", [1, 4, 20, 50])
def test_a_run_that_is_given_up_is_made_good_by_the_next(whole: Driver, stop: int) -> None:
    driver = _driver(Simulated("github"), **EVERYTHING)
    driver.begin()
    driver.land(stop)

    driver.run(STARTED + timedelta(hours=1))

    assert driver.rows == whole.rows


def test_without_a_token_the_lists_come_and_the_rest_is_a_note() -> None:
    driver = _driver(Simulated("github", token=""), orgs=("aurora",), year=2024)

    driver.run()

    assert driver.count("pull") > 0
    assert driver.count("review") == driver.count("hygiene") == 0
    assert any("only with a token" in note for note in driver.notes)


def test_what_is_switched_on_later_is_walked_though_nothing_moved() -> None:
    simulated = Simulated("github")
    driver = _driver(simulated, orgs=("aurora",), year=2024, reviews=False, hygiene=False)
    driver.run()
    driver.source = GitHub(GitHubOptions(base_url=simulated.base_url, orgs=("aurora",), year=2024))

    driver.run(LATER)

    assert driver.count("review") > 0
    assert {each.resource for each in driver.sent[1:]} == {"graphql"}


def test_reviews_that_rest_has_harvested_need_no_graphql() -> None:
    simulated = Simulated("github")
    driver = _driver(simulated, **ONLY_REVIEWS, graphql=False)
    driver.run()
    driver.source = GitHub(GitHubOptions(base_url=simulated.base_url, **ONLY_REVIEWS))

    driver.run(LATER)

    assert len(driver.sent) == 1


def test_without_a_token_the_same_reviews_and_files_come_by_rest_and_nothing_fails() -> None:
    sizes = {"orgs": 1, "repos": 2, "pulls": 40, "spread": 0.0}
    options: dict[str, Any] = {"orgs": ("aurora",), "since": date(1970, 1, 1), "forks": True, "pull_details": True}
    signed = _driver(Simulated("github", sizes=sizes), **options)
    signed.run()
    simulated = Simulated("github", sizes=sizes, token="")
    source, note = GitHub(GitHubOptions(base_url=simulated.base_url, **options)).without_secret()
    anonymous = Driver(source, simulated)

    anonymous.run()

    assert "/graphql" not in simulated.asked
    assert not any("GraphQL" in each for each in anonymous.notes)
    assert anonymous.count("review") == signed.count("review") > 0
    assert anonymous.count("hygiene") == signed.count("hygiene") > 0
    assert "by REST" in note


def test_a_plan_without_a_token_counts_with_sixty_requests_an_hour() -> None:
    source, _ = GitHub(GitHubOptions(orgs=("aurora",), year=2024)).without_secret()

    estimates = source.estimate(Memory(started=STARTED), {})  # type: ignore[attr-defined]  # an Estimator as well

    assert {each.quota for each in estimates} == {60}
