from dataclasses import replace

import pytest

from simulator.data.timeline import Timeline, iso
from simulator.github.accounts import ORGS, GitHubSizes
from simulator.github.records import Repo
from simulator.github.world import GitHubWorld

SIZES = GitHubSizes(orgs=10, repos=32, pulls=20, issues=30, comments=80, review_comments=25, commits=40, people=50)


@pytest.fixture(scope="module")
def world() -> GitHubWorld:
    return GitHubWorld(7, sizes=SIZES)


@pytest.fixture(scope="module")
def repos(world: GitHubWorld) -> list[Repo]:
    return world.repos("aurora")


def test_the_same_seed_gives_the_same_world_and_another_one_another(repos: list[Repo]) -> None:
    def everything(seed: int) -> list[object]:
        world = GitHubWorld(seed, sizes=SIZES)
        found = world.repos("aurora")[0]
        return [found, world.pulls(found), world.issues(found), world.comments(found), world.commits(found)]

    assert everything(7) == everything(7)
    assert everything(7)[0] == repos[0]
    assert everything(7)[2] != everything(8)[2]


def test_every_account_is_found_by_login_and_by_id(world: GitHubWorld) -> None:
    people = [world.accounts.person(index) for index in range(SIZES.people)]

    for account in [*world.orgs(), *people]:
        assert world.accounts.account(account.login.upper()) == account
        assert world.accounts.by_id(account.id) == account
    assert [org.login for org in world.orgs()] == [*ORGS, "org-8", "org-9"]


@pytest.mark.parametrize("login", ["nobody", "org-3", "org-10", "ada-1", "ada-9999", "ada-\u0663", "", "-"])
def test_an_account_that_does_not_exist_is_not_found(world: GitHubWorld, login: str) -> None:
    assert world.accounts.account(login) is None
    assert world.repos(login) == []


def test_every_repository_is_found_by_name_and_by_id(world: GitHubWorld) -> None:
    people = [world.accounts.person(index).login for index in range(4)]
    found = [repo for owner in [*ORGS[:2], *people] for repo in world.repos(owner)]

    assert len({repo.id for repo in found}) == len({repo.full_name for repo in found}) == len(found) > 64
    for repo in found:
        assert world.repo(repo.full_name) == repo
        assert world.accounts.repo_by_id(repo.id) == repo


def test_a_repository_that_does_not_exist_is_not_found(world: GitHubWorld, repos: list[Repo]) -> None:
    for name in ("aurora/none", "aurora/calm-delta-9999", f"basalt/{repos[0].name}x", "nobody/a-0", "aurora"):
        assert world.repo(name) is None
    assert world.accounts.repo_by_id(5) is None
    assert world.accounts.repo_by_id(repos[-1].id + 1) is None
    assert world.accounts.renamed("nobody", "old-0") is None


def test_sixteen_repositories_have_every_oddity(repos: list[Repo], world: GitHubWorld) -> None:
    sixteen = repos[:16]

    odd = [(repo.fork, repo.archived, repo.empty, not repo.has_issues) for repo in sixteen]
    assert [sum(kind) for kind in zip(*odd, strict=True)] == [1, 1, 1, 1]
    renamed = [repo for repo in sixteen if repo.former_name]
    assert len(renamed) == 1
    assert world.accounts.renamed("aurora", renamed[0].former_name or "") == renamed[0]
    assert world.accounts.repo("aurora", renamed[0].former_name or "") is None


def test_sizes_are_exact_without_spread_and_oddities() -> None:
    world = GitHubWorld(1, sizes=replace(SIZES, spread=0, oddities=False))

    for repo in world.repos("basalt"):
        assert len(world.pulls(repo)) == 20
        assert len(world.issues(repo)) == 50
        assert sum(issue.is_pull for issue in world.issues(repo)) == 20
        assert len(world.comments(repo)) == 80
        assert len(world.review_comments(repo)) == 25
        assert len(world.commits(repo)) == 40
        assert all(comment.author for comment in world.comments(repo))


def test_pull_requests_share_their_numbers_with_issues(world: GitHubWorld, repos: list[Repo]) -> None:
    for repo in repos:
        numbers = [issue.number for issue in world.issues(repo) if issue.is_pull]

        assert [pull.issue.number for pull in world.pulls(repo)] == numbers
        assert all(pull.id != pull.issue.id for pull in world.pulls(repo))


def test_lists_are_in_the_order_of_creation_and_nothing_is_older_than_what_it_is_about(
    world: GitHubWorld, repos: list[Repo]
) -> None:
    for repo in repos:
        issues = {issue.number: issue for issue in world.issues(repo)}
        for records in (list(issues.values()), world.comments(repo), world.review_comments(repo)):
            times = [record.created_at for record in records]
            assert times == sorted(times)
            assert all(record.updated_at >= record.created_at for record in records)
        for comment in [*world.comments(repo), *world.review_comments(repo)]:
            assert comment.created_at >= issues[comment.number].created_at
        assert all(issues[comment.number].is_pull for comment in world.review_comments(repo))
        commits = [commit.committed_at for commit in world.commits(repo)]
        assert commits == sorted(commits)


def test_commits_form_a_chain(world: GitHubWorld, repos: list[Repo]) -> None:
    commits = world.commits(repos[0])

    assert commits[0].parents == ()
    assert [commit.parents[0] for commit in commits[1:]] == [commit.sha for commit in commits[:-1]]
    assert all(len(commit.sha) == 40 for commit in commits)


def test_some_authors_are_gone_in_every_way_there_is(world: GitHubWorld, repos: list[Repo]) -> None:
    commits = [commit for repo in repos for commit in world.commits(repo)]
    pulls = [pull for repo in repos for pull in world.pulls(repo)]

    assert {(commit.author is None, commit.author_is_empty) for commit in commits} == {
        (False, False),
        (True, False),
        (True, True),
    }
    assert {pull.head_gone for pull in pulls} == {True, False}
    assert {pull.issue.author is None for pull in pulls} == {True, False}
    assert {pull.draft for pull in pulls} == {True, False}


def test_comment_counts_agree_with_the_comments(world: GitHubWorld, repos: list[Repo]) -> None:
    for repo in repos[:8]:
        numbers = [comment.number for comment in world.comments(repo)]

        assert world.comment_counts(repo).total() == len(numbers)
        assert all(world.comment_counts(repo)[number] == numbers.count(number) for number in set(numbers))


def test_most_of_the_data_is_of_the_year_and_some_before_and_after(world: GitHubWorld, repos: list[Repo]) -> None:
    years = [iso(issue.created_at)[:4] for repo in repos for issue in world.issues(repo)]

    assert set(years) == {"2024", "2025", "2026"}
    assert 0.6 < years.count("2025") / len(years) < 0.73


def test_a_timeline_never_goes_back() -> None:
    timeline = Timeline(2020)

    moments = [timeline.at(step / 1000) for step in range(1000)]

    assert moments == sorted(moments)
    assert moments[0] == timeline.begins
    assert moments[-1] < timeline.ends
    assert iso(timeline.year_begins) == "2020-01-01T00:00:00Z"
    assert iso(timeline.year_ends - 1) == "2020-12-31T23:59:59Z"
