"""Ground truth of the simulated GitHub. Everything is computed from the seed on demand; nothing is stored."""

from collections import Counter
from functools import lru_cache

from simulator.data.chance import fraction, mix, stream
from simulator.data.timeline import DAY, Timeline
from simulator.data.words import THINGS, title
from simulator.github.accounts import Accounts, GitHubSizes
from simulator.github.records import Account, Comment, Commit, Issue, Pull, Repo

MILLION = 1_000_000
_PULL_IDS, _COMMENT_IDS, _REVIEW_IDS = 10**15, 2 * 10**15, 3 * 10**15
_REPOS_REMEMBERED = 64


class GitHubWorld:
    """Organisations, people and repositories, and the content of each repository.

    Lists are in order of creation. Numbers start at 1 and are shared by issues and pull requests.
    """

    def __init__(self, seed: int = 1, *, year: int = 2025, sizes: GitHubSizes | None = None) -> None:
        self.sizes = sizes or GitHubSizes()
        self.timeline = Timeline(year)
        self.accounts = Accounts(seed, self.timeline, self.sizes)
        self._issue, self._comment, self._review, self._commit = (
            stream(seed, name) for name in ("issue", "comment", "review", "commit")
        )
        self._counted = lru_cache(_REPOS_REMEMBERED)(self._count_comments)

    def orgs(self) -> list[Account]:
        return self.accounts.orgs()

    def repos(self, org: str) -> list[Repo]:
        """List the repositories of an account; none if it does not exist."""
        owner = self.accounts.account(org)
        return self.accounts.repos(owner) if owner else []

    def repo(self, full_name: str) -> Repo | None:
        """Find a repository by its full name, "aurora/calm-delta-0"."""
        owner, _, name = full_name.partition("/")
        return self.accounts.repo(owner, name)

    def issues(self, repo: Repo) -> list[Issue]:
        """List the issues, pull requests included as in the API."""
        return [self.issue(repo, number) for number in range(1, repo.numbers + 1)]

    def pulls(self, repo: Repo) -> list[Pull]:
        return [self.pull(repo, self.pull_number(repo, nth)) for nth in range(1, repo.pulls + 1)]

    def comments(self, repo: Repo) -> list[Comment]:
        """List the comments on issues and pull requests."""
        return [self.comment(repo, nth) for nth in range(1, repo.comments + 1)]

    def review_comments(self, repo: Repo) -> list[Comment]:
        """List the comments on lines of pull requests."""
        return [self.review_comment(repo, nth) for nth in range(1, repo.review_comments + 1)]

    def commits(self, repo: Repo) -> list[Commit]:
        """List the commits of the default branch, oldest first."""
        return [self.commit(repo, index) for index in range(repo.commits)]

    def is_pull(self, repo: Repo, number: int) -> bool:
        """Say whether a number is a pull request; they are spread evenly over the numbers."""
        return number * repo.pulls // repo.numbers != (number - 1) * repo.pulls // repo.numbers

    def pull_number(self, repo: Repo, nth: int) -> int:
        """Return the number of the nth pull request, from 1."""
        return -(-nth * repo.numbers // repo.pulls)

    def issue(self, repo: Repo, number: int) -> Issue:
        dice = mix(self._issue, repo.id * MILLION + number)
        created = self.created_at(repo, number, dice)
        is_open = dice % 4 == 0
        lived = int(fraction(mix(dice, 2)) ** 4 * 80 * DAY) + 60
        return Issue(
            number,
            repo.id * MILLION + number,
            self.is_pull(repo, number),
            title(dice >> 4),
            self._author(dice),
            is_open,
            created,
            created + lived,
            None if is_open else created + lived - 30,
            dice,
        )

    def pull(self, repo: Repo, number: int) -> Pull:
        issue = self.issue(repo, number)
        gone = self.sizes.oddities and (issue.dice >> 8) % 25 == 0
        return Pull(issue, _PULL_IDS + issue.id, merged_at(issue), issue.open and (issue.dice >> 13) % 8 == 0, gone)

    def comment(self, repo: Repo, nth: int) -> Comment:
        """Compute the nth comment, from 1. It is never older than its issue."""
        dice = mix(self._comment, repo.id * MILLION + nth)
        number = _commented(repo, nth, dice)
        first = self.created_at(repo, 1) + nth
        return self._remark(repo, _COMMENT_IDS, nth, repo.comments, number, first, dice)

    def review_comment(self, repo: Repo, nth: int) -> Comment:
        """Compute the nth review comment, from 1."""
        dice = mix(self._review, repo.id * MILLION + nth)
        before = max(1, (nth - 1) * repo.pulls // repo.review_comments - 1)
        number = self.pull_number(repo, 1 + (dice >> 16) % before)
        first = self.created_at(repo, self.pull_number(repo, 1)) + nth
        return self._remark(repo, _REVIEW_IDS, nth, repo.review_comments, number, first, dice)

    def commit(self, repo: Repo, index: int) -> Commit:
        """Compute a commit; 0 is the oldest."""
        dice = mix(self._commit, repo.id * MILLION + index)
        committed = self.timeline.at((index + fraction(dice)) / repo.commits)
        gone = self.sizes.oddities and (dice >> 8) % 12 == 0
        return Commit(
            index,
            self.sha(repo, index),
            (self.sha(repo, index - 1),) if index else (),
            None if gone else self._person(dice >> 20),
            gone and (dice >> 13) % 2 == 0,
            committed - (dice >> 30) % (5 * DAY),
            committed,
            title(dice >> 4),
        )

    def sha(self, repo: Repo, index: int) -> str:
        dice = mix(self._commit, repo.id * MILLION + index)
        return f"{dice:016x}{mix(dice, 3):016x}{index & 0xFFFFFFFF:08x}"

    def comment_counts(self, repo: Repo) -> Counter[int]:
        """Count the comments of each issue and pull request, by number."""
        return self._counted(repo.id)

    def created_at(self, repo: Repo, number: int, dice: int | None = None) -> int:
        """Return when a number was opened: never before a lower number."""
        if dice is None:
            dice = mix(self._issue, repo.id * MILLION + number)
        return self.timeline.at((number - 1 + fraction(dice)) / repo.numbers)

    def _remark(self, repo: Repo, ids: int, nth: int, total: int, number: int, first: int, dice: int) -> Comment:
        created = max(first, self.timeline.at((nth - 1 + fraction(dice)) / total))
        edited = int(fraction(mix(dice, 2)) * 20 * DAY) if dice % 6 == 0 else 0
        body = f"{title(dice >> 3)}? {THINGS[(dice >> 40) % len(THINGS)].capitalize()} first.\r\n"
        author = self._author(dice)
        return Comment(ids + repo.id * MILLION + nth, number, author, created, created + edited, body, dice)

    def _count_comments(self, repo_id: int) -> Counter[int]:
        repo = self.accounts.repo_by_id(repo_id)
        assert repo is not None
        dice = (mix(self._comment, repo.id * MILLION + nth) for nth in range(1, repo.comments + 1))
        return Counter(_commented(repo, nth, value) for nth, value in enumerate(dice, 1))

    def _author(self, dice: int) -> Account | None:
        return None if self.sizes.oddities and (dice >> 24) % 40 == 0 else self._person(dice >> 32)

    def _person(self, value: int) -> Account:
        return self.accounts.person(value % self.sizes.people)


def merged_at(issue: Issue) -> int | None:
    """Return when an issue's pull request was merged; None if it was not."""
    return issue.closed_at if issue.dice % 5 else None


def _commented(repo: Repo, nth: int, dice: int) -> int:
    """Choose the number that the nth comment is on, among those opened before it."""
    return 1 + (dice >> 16) % max(1, (nth - 1) * repo.numbers // repo.comments)
