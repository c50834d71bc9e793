"""What a second run of the GitHub source asks, and what it spares."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from sources.github.options import GitHubOptions
from sources.github.source import GitHub
from tests.sources.driver import STARTED, Driver, fixture
from tests.sources.fake_github import FakeGitHub

CRANE = "/repos/harbour/crane"
LISTS_ONLY: dict[str, Any] = {"orgs": ("harbour",), "year": 2024, "reviews": False, "hygiene": False}
LATER = STARTED + timedelta(days=1)
MOVED = {"pushed_at": "2025-03-01T18:00:00Z", "updated_at": "2025-03-01T18:00:00Z"}


def _load(name: str) -> list[dict[str, Any]]:
    return msgspec.json.decode(fixture(f"github/{name}.json"), type=list[dict[str, Any]])


def _hub() -> FakeGitHub:
    return FakeGitHub(
        {
            "/orgs/harbour/repos": _load("repos")[:1],
            f"{CRANE}/pulls": _load("pulls"),
            f"{CRANE}/issues": _load("issues"),
            f"{CRANE}/issues/comments": _load("issue_comments"),
            f"{CRANE}/pulls/comments": _load("review_comments"),
            f"{CRANE}/commits": _load("commits"),
        }
    )


def _driver(hub: FakeGitHub, **options: Any) -> Driver:
    return Driver(GitHub(GitHubOptions(**LISTS_ONLY | options)), hub)


def _move(hub: FakeGitHub) -> None:
    hub.lists["/orgs/harbour/repos"][0] |= MOVED


def _again(driver: Driver, hub: FakeGitHub, started: datetime = LATER) -> None:
    hub.asked.clear()
    driver.run(started)


def test_a_first_run_harvests_the_year() -> None:
    driver = _driver(_hub())

    driver.run()

    counts = {name: driver.count(name) for name in ("repo", "pull", "issue", "issue_comment", "review_comment")}
    assert counts == {"repo": 1, "pull": 2, "issue": 2, "issue_comment": 2, "review_comment": 1}
    assert driver.count("git_commit") == 2
    assert driver.notes == []


def test_a_second_run_skips_a_repository_that_did_not_move_and_counts_every_page_of_it() -> None:
    hub = _hub()
    driver = _driver(hub)
    driver.run()
    first = len(hub.asked)

    _again(driver, hub)

    assert len(hub.asked) == 1
    assert driver.avoided == {"the repository did not move since it was harvested": first - 1}


@pytest.mark.parametrize("moved", [{"updated_at": "2025-03-01T18:00:00Z"}, {"open_issues_count": 3}])
def test_a_repository_that_was_not_pushed_to_keeps_its_commits(moved: dict[str, Any]) -> None:
    hub = _hub()
    driver = _driver(hub)
    driver.run()
    hub.lists["/orgs/harbour/repos"][0] |= moved

    _again(driver, hub)

    assert not any("/commits" in path for path in hub.asked)
    assert any("/issues/comments" in path for path in hub.asked)
    assert driver.avoided["the repository did not move since it was harvested"] == 2


@pytest.mark.parametrize(("missing", "asked"), [("pushed_at", 1), ("updated_at", 6)])
def test_a_repository_may_never_have_been_pushed_to_but_must_say_when_it_moved(missing: str, asked: int) -> None:
    hub = _hub()
    hub.per_page = 100
    driver = _driver(hub)
    hub.lists["/orgs/harbour/repos"][0][missing] = None
    driver.run()

    _again(driver, hub)

    assert len(hub.asked) == asked


def test_a_run_that_begins_in_the_same_second_is_another_run() -> None:
    hub = _hub()
    driver = _driver(hub)
    driver.run()

    _again(driver, hub, STARTED + timedelta(milliseconds=1))

    assert len(hub.asked) == 1


def test_skipping_can_be_switched_off() -> None:
    hub = _hub()
    driver = _driver(hub, skip_unchanged=False)
    driver.run()
    first = len(hub.asked)

    _again(driver, hub)

    assert driver.avoided == {"only what was updated since the last run": first - len(hub.asked)}
    assert len(driver.sent) > 5


def test_a_second_run_asks_only_for_what_was_updated_since() -> None:
    hub = _hub()
    driver = _driver(hub)
    driver.run()
    _move(hub)

    _again(driver, hub)

    issues = next(path for path in hub.asked if "/issues?" in path)
    pulls = [path for path in hub.asked if "/pulls?" in path]
    assert "since=2024-12-31T23%3A55%3A00Z" in issues
    assert "sort=updated&direction=desc" in pulls[0]
    assert len(pulls) == 1


def test_the_second_run_asks_the_same_again_while_nothing_comes() -> None:
    hub = _hub()
    driver = _driver(hub, skip_unchanged=False)
    driver.run()
    _again(driver, hub)
    asked = list(hub.asked)

    _again(driver, hub, LATER + timedelta(days=1))

    assert hub.asked == asked


def test_an_old_pull_that_was_updated_is_found_again() -> None:
    hub = _hub()
    driver = _driver(hub)
    driver.run()
    _move(hub)
    hub.lists[f"{CRANE}/pulls"][2] |= {"updated_at": "2025-03-01T17:00:00Z", "title": "Renamed"}

    _again(driver, hub)

    assert driver.rows["pull", (501, 5)]["title"] == "Renamed"


def test_no_update_made_during_the_run_is_missed_by_the_next() -> None:
    """An update after its page was read, then a later one on the next page: the run's start holds the cursor back."""
    hub = _hub()
    driver = _driver(hub)
    hub.lists[f"{CRANE}/issues"][3]["updated_at"] = "2025-03-01T12:30:00Z"
    driver.run()
    _move(hub)
    hub.lists[f"{CRANE}/issues"][1] |= {"updated_at": "2025-03-01T12:10:00Z", "title": "Edited meanwhile"}

    _again(driver, hub)

    assert driver.rows["issue", (501, 4)]["title"] == "Edited meanwhile"


def test_full_ignores_what_is_remembered() -> None:
    hub = _hub()
    driver = _driver(hub)
    driver.run()
    first = sorted(hub.asked)
    hub.asked.clear()

    driver.run(LATER, full=True)

    assert sorted(hub.asked) == first


def test_another_window_remembers_nothing_of_this_one() -> None:
    hub = _hub()
    driver = _driver(hub)
    driver.run()
    driver.source = GitHub(GitHubOptions(**LISTS_ONLY | {"year": 2023}))

    _again(driver, hub)

    assert driver.avoided == {}
    assert driver.count("pull") == 3


def test_a_repository_whose_walk_broke_off_is_not_skipped() -> None:
    hub = _hub()
    whole = _driver(hub)
    whole.run()
    for landed in range(len(whole.sent)):
        driver = _driver(hub)
        driver.begin()
        driver.land(landed)

        driver.run(LATER)

        assert driver.rows == whole.rows, f"after {landed} requests"


def test_a_resumed_run_lands_what_an_unbroken_one_lands_and_asks_nothing_twice() -> None:
    hub = _hub()
    whole = _driver(hub)
    whole.run()
    driver = _driver(hub)
    driver.begin()

    while driver.land(1):
        driver.resume()

    assert driver.rows == whole.rows
    assert [each.key for each in driver.sent] == [each.key for each in whole.sent]
    assert driver.cursors == whole.cursors


def test_a_repository_listed_twice_is_walked_once() -> None:
    hub = _hub()
    hub.lists["/users/harbour/repos"] = hub.lists["/orgs/harbour/repos"]
    driver = _driver(hub, users=("harbour",))

    driver.run()

    assert sum("/commits" in path for path in hub.asked) == 2
    assert driver.avoided == {}


def test_an_unreadable_cursor_is_none() -> None:
    hub = _hub()
    driver = _driver(hub)
    driver.run()
    driver.cursors = dict.fromkeys(driver.cursors, '{"through":"?","mark":"","run":""}')

    _again(driver, hub)

    assert driver.avoided == {}
    assert any("sort=created&direction=desc" in path for path in hub.asked)


def test_a_list_that_was_not_found_is_asked_again() -> None:
    hub = _hub()
    driver = _driver(hub)
    hub.statuses[f"{CRANE}/issues"] = 404
    driver.run()
    hub.statuses.clear()

    _again(driver, hub)

    assert driver.count("issue") == 2


def test_disabled_issues_are_remembered() -> None:
    hub = _hub()
    driver = _driver(hub)
    hub.statuses[f"{CRANE}/issues"] = 410
    driver.run()

    _again(driver, hub)

    assert len(hub.asked) == 1
