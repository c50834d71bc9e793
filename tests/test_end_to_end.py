"""Whole harvests over real sockets, against the built-in simulator and against its ground truth."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.model.snapshot import State
from engine.model.source import RateBudget, Source
from simulator.common.settings import Budget, FaultRule, Limits
from simulator.config import SimulatorConfig, quiet
from simulator.github.accounts import GitHubSizes
from simulator.github.world import GitHubWorld
from simulator.pr0gramm.world import Pr0grammSizes, Pr0grammWorld
from simulator.testing import Running, running
from sources.github.options import GitHubOptions
from sources.github.source import GitHub
from sources.pr0gramm.options import Pr0grammOptions
from sources.pr0gramm.source import Pr0gramm
from tests.harvesting import contents, harvest, rows

GITHUB_SIZES = GitHubSizes(
    orgs=1, people=20, repos=16, pulls=150, issues=40, comments=50, review_comments=20, commits=60
)
PR0GRAMM_SIZES = Pr0grammSizes(items=400)
WORLD = GitHubWorld(sizes=GITHUB_SIZES)
STREAM = Pr0grammWorld(sizes=PR0GRAMM_SIZES)
GENEROUS = Limits(budget=Budget(requests=100_000, per=3600))


def config(**limits: Limits) -> SimulatorConfig:
    whole = quiet()
    for name, sizes in (("github", GITHUB_SIZES), ("pr0gramm", PR0GRAMM_SIZES)):
        whole = whole.with_api(replace(whole.api(name), sizes=sizes, limits=limits.get(name, GENEROUS)))
    return whole


def sized(sizes: GitHubSizes) -> SimulatorConfig:
    """Serve GitHub alone, with so much in it."""
    alone = quiet(apis=["github"])
    return alone.with_api(replace(alone.api("github"), sizes=sizes))


@pytest.fixture(scope="module")
def world() -> Iterator[Running]:
    with running(config()) as simulator:
        yield simulator


@pytest.fixture
def simulator(world: Running) -> Running:
    for api in ("github", "pr0gramm"):
        world.reset(api)
    return world


def github(simulator: Running) -> GitHub:
    org = WORLD.orgs()[0].login
    return GitHub(GitHubOptions(base_url=simulator.base_url("github"), orgs=(org,), year=2025, forks=True))


def pr0gramm(simulator: Running) -> Pr0gramm:
    return Pr0gramm(
        Pr0grammOptions(base_url=simulator.base_url("pr0gramm"), requests_per_minute=100_000, concurrency=16)
    )


def in_2025(second: int) -> bool:
    return datetime.fromtimestamp(second, UTC).year == 2025


def test_a_year_of_an_organisation_lands_as_it_is(simulator: Running, tmp_path: Path) -> None:
    deck = harvest(github(simulator), tmp_path / "h.db", token="t")

    repos = WORLD.repos(WORLD.orgs()[0].login)
    open_ = [repo for repo in repos if repo.has_issues]
    pulls = {(r.id, p.issue.number) for r in repos for p in WORLD.pulls(r) if in_2025(p.issue.created_at)}
    issues = {
        (r.id, i.number)
        for r in open_
        for i in WORLD.issues(r)
        if not WORLD.is_pull(r, i.number) and in_2025(i.created_at)
    }
    assert deck.state is State.DONE
    assert {row[0] for row in rows(tmp_path / "h.db", "select id from github_repo")} == {repo.id for repo in repos}
    assert set(rows(tmp_path / "h.db", "select repo_id, number from github_pull")) == pulls
    assert set(rows(tmp_path / "h.db", "select repo_id, number from github_issue")) == issues


@pytest.mark.parametrize("graphql", [True, False])
def test_a_first_run_with_the_details_of_pull_requests_changes_no_row(
    simulator: Running, tmp_path: Path, graphql: bool
) -> None:
    options = GitHubOptions(
        base_url=simulator.base_url("github"),
        orgs=(WORLD.orgs()[0].login,),
        year=2025,
        pull_details=True,
        graphql=graphql,
    )

    harvest(GitHub(options), tmp_path / "h.db", token="t")

    assert rows(tmp_path / "h.db", "select distinct kind from change_count") == [("new",)]
    assert rows(tmp_path / "h.db", "select count(*) from github_pull where additions is not null")[0][0] > 0


def test_the_whole_stream_lands_with_all_tags_and_comments(simulator: Running, tmp_path: Path) -> None:
    deck = harvest(pr0gramm(simulator), tmp_path / "h.db")

    items = [item for item in STREAM.items() if item.flags & 1]
    comments = {comment.id for item in items for comment in STREAM.comments(item)}
    assert deck.state is State.DONE
    assert {row[0] for row in rows(tmp_path / "h.db", "select id from pr0gramm_item")} == {item.id for item in items}
    assert {row[0] for row in rows(tmp_path / "h.db", "select id from pr0gramm_comment")} == comments


@pytest.mark.parametrize("make", [github, pr0gramm])
def test_one_at_a_time_and_many_at_once_give_the_same_rows(
    make: Callable[[Running], Source], simulator: Running, tmp_path: Path
) -> None:
    harvest(make(simulator), tmp_path / "one.db", workers=1)
    harvest(make(simulator), tmp_path / "many.db", workers=16)

    assert contents(tmp_path / "one.db") == contents(tmp_path / "many.db")


@pytest.mark.parametrize("make", [github, pr0gramm])
def test_a_second_run_asks_for_little_and_changes_nothing(
    make: Callable[[Running], Source], simulator: Running, tmp_path: Path
) -> None:
    source = make(simulator)
    first = harvest(make(simulator), tmp_path / "h.db")
    before = contents(tmp_path / "h.db")
    asked = simulator.stats(source.name)["requests"]

    harvest(make(simulator), tmp_path / "h.db")
    second = simulator.stats(source.name)["requests"] - asked
    harvest(make(simulator), tmp_path / "h.db", full=True)

    assert first.groups[0].done == asked
    assert second <= 3
    assert contents(tmp_path / "h.db") == before


def test_a_thousand_pull_requests_with_their_reviews_are_at_most_fifteen_requests(tmp_path: Path) -> None:
    sizes = GitHubSizes(orgs=1, repos=1, pulls=1000, issues=0, spread=0.0, oddities=False)
    others: dict[str, Any] = dict.fromkeys(("pulls", "issues", "comments", "commits", "hygiene"), False)
    with running(sized(sizes)) as simulator:
        options = GitHubOptions(
            base_url=simulator.base_url("github"), orgs=("aurora",), since=date(1970, 1, 1), **others
        )
        harvest(GitHub(options), tmp_path / "h.db")
        asked = simulator.stats("github")["requests"]

    assert asked <= 15
    world = GitHubWorld(sizes=sizes)
    assert len(rows(tmp_path / "h.db", "select distinct pull_number from github_review")) > 700
    assert rows(tmp_path / "h.db", "select count(*) from github_repo") == [(len(world.repos("aurora")),)]


def test_a_second_year_over_a_hundred_unchanged_repositories_counts_at_most_five(tmp_path: Path) -> None:
    sizes = GitHubSizes(orgs=1, repos=100, pulls=3, issues=3, comments=3, review_comments=3, commits=3)
    with running(sized(sizes)) as simulator:
        options = GitHubOptions(base_url=simulator.base_url("github"), orgs=("aurora",), year=2025, forks=True)
        harvest(GitHub(options), tmp_path / "h.db")
        before = contents(tmp_path / "h.db")
        first = simulator.stats("github")
        harvest(GitHub(options), tmp_path / "h.db")
        second = simulator.stats("github")

    asked, unchanged = (second[name] - first[name] for name in ("requests", "unchanged"))
    assert first["requests"] > 300
    assert asked - unchanged <= 5
    assert contents(tmp_path / "h.db") == before


@pytest.mark.parametrize("make", [github, pr0gramm])
def test_a_harvest_stopped_and_resumed_many_times_ends_as_one_that_was_not(
    make: Callable[[Running], Source], simulator: Running, tmp_path: Path
) -> None:
    whole = harvest(make(simulator), tmp_path / "whole.db")
    asked = simulator.stats(whole.groups[0].name)["requests"]

    deck = harvest(make(simulator), tmp_path / "cut.db", limit=25)
    while deck.state is not State.DONE:
        deck = harvest(make(simulator), tmp_path / "cut.db", limit=25)

    assert contents(tmp_path / "cut.db") == contents(tmp_path / "whole.db")
    assert simulator.stats(whole.groups[0].name)["requests"] == 2 * asked


PASSING = [
    (make, fault)
    for make in (github, pr0gramm)
    for fault in ("429", "429-bare", "500", "502", "503-retry-after", "reset", "short")
    if (make, fault) != (github, "429-bare")  # GitHub's rule for it is to wait a minute
]


@pytest.mark.parametrize(("make", "fault"), PASSING)
def test_what_passes_again_costs_time_and_no_row(
    make: Callable[[Running], Source], fault: str, simulator: Running, tmp_path: Path
) -> None:
    source = make(simulator)
    harvest(make(simulator), tmp_path / "whole.db")
    simulator.faults(source.name, FaultRule(fault=fault, next=1, wait=1.0))

    deck = harvest(source, tmp_path / "h.db")

    assert deck.state is State.DONE
    assert deck.groups[0].failed == 0
    assert deck.groups[0].retries + deck.groups[0].throttled == 1
    assert contents(tmp_path / "h.db") == contents(tmp_path / "whole.db")


def test_a_next_link_to_another_host_is_never_followed(simulator: Running, tmp_path: Path) -> None:
    simulator.faults("github", FaultRule(fault="foreign-next", rate=1.0))

    deck = harvest(github(simulator), tmp_path / "h.db", token="t")

    assert deck.state is State.DONE
    assert deck.groups[0].retries == deck.groups[0].failed == 0
    assert any("the next link leaves http://127.0.0.1" in line.text for line in deck.log)


def test_an_endless_listing_ends(simulator: Running, tmp_path: Path) -> None:
    simulator.faults("github", FaultRule(fault="endless-next", rate=1.0, route="/orgs"))

    deck = harvest(github(simulator), tmp_path / "h.db", limit=400)

    assert deck.state is State.DONE


def test_no_limit_is_broken_once_the_headers_have_told_of_it(tmp_path: Path) -> None:
    tight = Limits(budget=Budget(requests=40, per=3), known="headers")
    with running(config(github=tight)) as simulator:
        deck = harvest(github(simulator), tmp_path / "h.db", token="t")
        stats = simulator.stats("github")

    assert deck.state is State.DONE
    assert stats["violations"] == {}
    assert deck.groups[0].throttled == 0


def test_graphql_points_that_are_spent_are_waited_for_and_no_review_is_lost(tmp_path: Path) -> None:
    few = replace(GENEROUS, queries=Budget(requests=7, per=2))
    with running(config()) as simulator:
        harvest(github(simulator), tmp_path / "whole.db")
    with running(config(github=few)) as simulator:
        deck = harvest(github(simulator), tmp_path / "h.db")

    assert deck.state is State.DONE
    assert deck.groups[0].failed == 0
    reviews = "select id, pull_number, state from github_review order by id"
    assert len(rows(tmp_path / "h.db", reviews)) > 100
    assert rows(tmp_path / "h.db", reviews) == rows(tmp_path / "whole.db", reviews)


def test_a_configured_limit_is_never_broken(tmp_path: Path) -> None:
    tight = Limits(budget=Budget(requests=60, per=2, kind="sliding"), status=429)
    with running(config(pr0gramm=tight)) as simulator:
        source = pr0gramm(simulator)
        source.budgets = (RateBudget(requests=60, per=2.0, concurrency=16),)
        deck = harvest(source, tmp_path / "h.db")
        stats = simulator.stats("pr0gramm")

    assert deck.state is State.DONE
    assert stats["violations"] == {}
    assert deck.groups[0].throttled == 0


def test_the_token_is_nowhere_in_the_database(simulator: Running, tmp_path: Path) -> None:
    harvest(github(simulator), tmp_path / "h.db", token="a-very-secret-token")

    for file in tmp_path.iterdir():
        assert b"a-very-secret-token" not in file.read_bytes()
