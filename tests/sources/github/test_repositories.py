"""Which repositories a run is about: filters, a place to start from, and those that have left their list."""

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from engine.common.errors import UsageError
from engine.model.source import Memory
from sources.github.options import GitHubOptions
from sources.github.repositories import wants
from sources.github.source import GitHub
from tests.sources.driver import STARTED, Driver, fixture
from tests.sources.fake_github import FakeGitHub

LATER = STARTED + timedelta(days=1)
ONLY_COMMITS: dict[str, Any] = {
    "year": 2024, "pulls": False, "issues": False, "comments": False, "reviews": False, "hygiene": False,
}  # fmt: skip


def _repo(repo_id: int, name: str, **more: Any) -> dict[str, Any]:
    repo = msgspec.json.decode(fixture("github/repos.json"), type=list[dict[str, Any]])[0]
    return repo | {"id": repo_id, "full_name": name, **more}


def _hub(*repos: dict[str, Any]) -> FakeGitHub:
    lists: dict[str, Any] = {f"/repos/{repo['full_name']}/commits": [] for repo in repos}
    return FakeGitHub({**lists, "/orgs/harbour/repos": list(repos)})


def _driver(hub: FakeGitHub, **options: Any) -> Driver:
    return Driver(GitHub(GitHubOptions(**{"orgs": ("harbour",), **ONLY_COMMITS, **options})), hub)


def _walked(driver: Driver) -> list[str]:
    return [each.context["name"] for each in driver.sent if each.context["kind"] == "commits"]


@pytest.mark.parametrize(
    ("repo", "options", "wanted"),
    [
        ({"private": True}, {"visibility": "public"}, False),
        ({"private": True}, {"visibility": "private"}, True),
        ({"private": False, "visibility": "internal"}, {"visibility": "public"}, False),
        ({"topics": ["cli", "rust"]}, {"topics": ("rust", "go")}, True),
        ({"topics": ["cli"]}, {"topics": ("rust",)}, False),
        ({"topics": None}, {"topics": ("rust",)}, False),
        ({}, {"topics": ("rust",)}, False),
        ({"pushed_at": "2024-05-01T00:00:00Z"}, {"pushed_since": date(2024, 5, 1)}, True),
        ({"pushed_at": "2024-04-30T23:59:59Z"}, {"pushed_since": date(2024, 5, 1)}, False),
        ({"pushed_at": None}, {"pushed_since": date(2024, 5, 1)}, False),
    ],
)
def test_filters_go_by_visibility_topics_and_the_last_push(
    repo: dict[str, Any], options: dict[str, Any], wanted: bool
) -> None:
    assert wants(_repo(1, "harbour/crane", **repo), GitHubOptions(orgs=("harbour",), **options)) is wanted


def test_the_api_filters_by_visibility_where_it_can() -> None:
    source = GitHub(GitHubOptions(orgs=("harbour",), users=("ada",), visibility="private"))

    requests = list(source.seed(Memory(started=STARTED)))

    assert [each.params["type"] for each in requests] == ["private", "owner"]


def test_a_run_may_start_from_a_repository_on_any_page() -> None:
    hub = _hub(*(_repo(nth, f"harbour/r{nth}") for nth in range(1, 6)))
    driver = _driver(hub, from_repo="Harbour/R4")

    driver.run()

    assert _walked(driver) == ["harbour/r4", "harbour/r5"]
    assert driver.count("repo") == 5


def test_lists_before_the_one_to_start_from_are_not_read() -> None:
    options = GitHubOptions(orgs=("a", "harbour"), users=("ada",), repos=("x/y",), from_repo="harbour/r4")

    requests = list(GitHub(options).seed(Memory(started=STARTED)))

    assert [each.key for each in requests] == ["org harbour", "user ada", "repo x/y"]


def test_a_repository_named_by_itself_can_be_the_start_too() -> None:
    options = GitHubOptions(repos=("a/b", "x/y", "z/z"), from_repo="X/y")

    assert [each.key for each in GitHub(options).seed(Memory(started=STARTED))] == ["repo x/y", "repo z/z"]


def test_a_start_that_no_list_can_hold_is_refused() -> None:
    options = GitHubOptions(orgs=("harbour",), from_repo="other/r4")

    with pytest.raises(UsageError, match="from_repo other/r4: it is in none of"):
        GitHub(options).seed(Memory(started=STARTED))


def test_a_start_that_is_not_met_is_told() -> None:
    driver = _driver(_hub(_repo(1, "harbour/r1")), from_repo="harbour/r9")

    driver.run()

    assert _walked(driver) == []
    assert driver.notes == ["harbour/r9 is not in this list"]


def test_a_repository_that_was_deleted_is_marked_by_its_id_and_keeps_its_rows() -> None:
    hub = _hub(_repo(1, "harbour/r1"), _repo(2, "harbour/r2"), _repo(3, "harbour/r3"))
    driver = _driver(hub)
    driver.run()
    del hub.lists["/orgs/harbour/repos"][1]
    hub.statuses["/repositories/2"] = 404

    driver.run(LATER)

    row = driver.rows["repo", (2,)]
    assert (row["full_name"], row["gone_at"]) == ("harbour/r2", "2025-03-02T12:00:00Z")
    assert driver.notes == ["repository 2 is gone from harbour (404)"]
    driver.run(LATER + timedelta(days=1))
    assert not any("/repositories/" in each.url for each in driver.sent)


def test_a_repository_that_was_transferred_is_known_under_its_new_name() -> None:
    hub = _hub(_repo(1, "harbour/r1"), _repo(2, "harbour/r2"))
    driver = _driver(hub)
    driver.run()
    del hub.lists["/orgs/harbour/repos"][1]
    hub.objects["/repositories/2"] = _repo(2, "elsewhere/r2")

    driver.run(LATER)

    row = driver.rows["repo", (2,)]
    assert (row["full_name"], row["gone_at"]) == ("elsewhere/r2", None)
    assert driver.notes == ["repository 2 has left harbour: it is elsewhere/r2 now"]
    assert "elsewhere/r2" not in _walked(driver)


def test_a_renamed_repository_is_the_same_row_and_is_not_walked_again() -> None:
    hub = _hub(_repo(1, "harbour/r1"))
    driver = _driver(hub)
    driver.run()
    hub.lists["/orgs/harbour/repos"] = [_repo(1, "harbour/quay")]

    driver.run(LATER)

    assert driver.count("repo") == 1
    assert driver.rows["repo", (1,)]["full_name"] == "harbour/quay"
    assert [each.context["kind"] for each in driver.sent] == ["org"]


def test_a_list_that_broke_off_accuses_nobody() -> None:
    hub = _hub(*(_repo(nth, f"harbour/r{nth}") for nth in range(1, 6)))
    driver = _driver(hub)
    driver.run()

    driver.begin(LATER)
    driver.land(2)

    assert not any(each.context["kind"] == "gone" for each in driver.pending)


@pytest.mark.parametrize("value", ["", "x", "1,,2", "9" * 40])
def test_an_unreadable_list_of_the_last_time_is_survived(value: str) -> None:
    hub = _hub(_repo(1, "harbour/r1"), _repo(2, "harbour/r2"))
    driver = _driver(hub)
    driver.run()
    driver.cursors = {name: value if name.endswith("listed") else text for name, text in driver.cursors.items()}

    driver.run(LATER)

    assert driver.notes == []
