"""What GitLab says of a run before it begins, held against what it then asks for."""

from typing import Any

from engine.model.capabilities import Estimate
from tests.sources.driver import respond
from tests.sources.fake_gitlab import FakeGitLab, Harvest
from tests.sources.planning import LATER, asked, naive, planned, probed, within

TREE = {"groups": 10, "subgroups": 5, "projects": 20}
GROUPS = tuple(range(101, 161, 6))
"""The groups at the top: each is followed by its five subgroups."""


def _git(estimates: list[Estimate]) -> Estimate:
    return next(each for each in estimates if each.resource == "git")


def test_a_tree_of_ten_groups_is_told_to_the_request() -> None:
    driver = Harvest(FakeGitLab(**TREE), groups=GROUPS)

    estimates = planned(driver)
    driver.run()

    low, high = within(estimates, "api")
    assert low == 30 == asked(driver, "api")
    assert high == 40
    assert naive(estimates, "api") == asked(driver, "api") + sum(driver.avoided.values())


def test_one_row_of_each_list_is_all_that_is_asked() -> None:
    gitlab = FakeGitLab(**TREE)
    driver = Harvest(gitlab, groups=(101, 107))

    planned(driver)

    assert len(gitlab.asked) == probed(driver) == 4
    assert all("per_page=1&" in f"{each}&" for each in gitlab.asked)


def test_what_was_walked_once_needs_no_probe_and_lies_between_its_ends() -> None:
    gitlab = FakeGitLab(**TREE)
    driver = Harvest(gitlab, groups=GROUPS)
    driver.run()

    estimates = planned(driver)
    driver.run(LATER)

    assert probed(driver) == 0
    low, high = within(estimates, "api")
    assert high is not None
    assert low <= asked(driver, "api") <= high


def test_the_whole_instance_is_asked_for_its_length_without_a_keyset() -> None:
    driver = Harvest(FakeGitLab(**TREE), instance=True)

    estimates = planned(driver)
    driver.run()

    assert within(estimates, "api") == (13, 13)
    assert asked(driver, "api") == 13


def test_a_list_beyond_what_gitlab_counts_is_at_least_that_long() -> None:
    driver = Harvest(FakeGitLab(), groups=(101,))
    driver.answer = lambda _: _more()

    estimates = planned(driver)

    assert within(estimates, "api") == (202, None)
    assert all("GitLab counts up to 10,000" in each.why for each in estimates[:2])
    assert all(each.naive_open for each in estimates[:2])


def test_a_list_that_tells_nothing_stays_unknown() -> None:
    driver = Harvest(FakeGitLab(), groups=(101,))
    driver.answer = lambda _: respond([])

    assert within(planned(driver), "api") == (2, None)


def test_every_project_is_a_repository_for_git_and_how_long_is_unknown() -> None:
    driver = Harvest(FakeGitLab(**TREE), groups=(101,), clone=True, target="mirror")

    first = _git(planned(driver))
    driver.run()
    second = _git(planned(driver))

    assert (first.requests_low, first.requests_high, first.timed) == (120, 120, False)
    assert asked(driver, "git") == 120
    assert second.requests_low == 0
    assert second.naive_requests == 120
    assert _git(planned(driver, full=True)).requests_low == 120


def test_with_globs_git_may_have_nothing_to_do() -> None:
    driver = Harvest(FakeGitLab(**TREE), groups=(101,), clone=True, target="mirror", include=("re:^no$",))

    git = _git(planned(driver))
    driver.run()

    assert git.requests_low == 0 == asked(driver, "git")


def test_shared_projects_of_every_subgroup_have_a_list_each() -> None:
    driver = Harvest(FakeGitLab(**TREE), groups=(101,), shared="deep")

    estimates = planned(driver)
    driver.run()

    low, high = within(estimates, "api")
    assert high is None
    assert low == asked(driver, "api")


def _more() -> Any:
    answer = respond([{"id": 1}])
    return type(answer)(
        status=200, headers={"x-next-page": "2"}, body=answer.body, url=answer.url, elapsed=answer.elapsed
    )
