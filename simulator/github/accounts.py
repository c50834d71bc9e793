"""The accounts of the simulated GitHub, and their repositories."""

from dataclasses import dataclass

from simulator.data.chance import fraction, mix, stream
from simulator.data.timeline import DAY, Timeline
from simulator.data.words import NAMES, slug
from simulator.github.records import Account, Repo

ORGS = ("aurora", "basalt", "cobalt", "dunes", "estuary", "foundry", "glacier", "heron")
"""Logins of the first organisations; later ones are org-8, org-9 and so on."""

_SCALES = (0.1, 0.3, 0.5, 0.8, 1.0, 1.2, 1.6, 2.5)
"""Sizes of repositories relative to the configured one; the mean is 1."""
_COUNTED = ("pulls", "issues", "comments", "review_comments", "commits")
_ORG_IDS, _PERSON_IDS, _REPO_IDS = 1_000, 100_000, 1_000_000
_REPOS_EACH = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHubSizes:
    """The amount of data. Numbers per repository are averages."""

    orgs: int = 2
    repos: int = 30
    """Per organisation."""
    pulls: int = 120
    issues: int = 200
    comments: int = 400
    review_comments: int = 150
    reviews: float = 2.0
    """Per pull request, on average; one in a hundred has more than a GraphQL page of fifty."""
    commits: int = 500
    people: int = 300
    spread: float = 1.0
    """0 makes every repository exactly as large as configured."""
    oddities: bool = True
    """Whether some repositories are forks, archived, empty, renamed or without issues, and some authors deleted."""


class Accounts:
    """Finds accounts and repositories by name, by number and by id."""

    def __init__(self, seed: int, timeline: Timeline, sizes: GitHubSizes) -> None:
        self.sizes = sizes
        self._timeline = timeline
        self._dice = stream(seed, "repository")

    def orgs(self) -> list[Account]:
        return [self._org(index) for index in range(self.sizes.orgs)]

    def person(self, index: int) -> Account:
        """Return a person by number."""
        created = self._timeline.begins - (self.sizes.people - index) * DAY
        return Account(f"{NAMES[index % len(NAMES)]}-{index}", _PERSON_IDS + index, "User", created)

    def account(self, login: str) -> Account | None:
        """Find an organisation or a person by login, ignoring case."""
        login = login.lower()
        index = ORGS.index(login) if login in ORGS else _tail(login)
        if index is None:
            return None
        makers = ((self.sizes.orgs, self._org), (self.sizes.people, self.person))
        found = (make(index) for count, make in makers if index < count)
        return next((account for account in found if account.login == login), None)

    def by_id(self, number: int) -> Account | None:
        """Find an account by id."""
        if 0 <= number - _ORG_IDS < self.sizes.orgs:
            return self._org(number - _ORG_IDS)
        if 0 <= number - _PERSON_IDS < self.sizes.people:
            return self.person(number - _PERSON_IDS)
        return None

    def repo_count(self, owner: Account) -> int:
        """Count the repositories of an account; a person has up to 2."""
        return self.sizes.repos if owner.type == "Organization" else owner.id % 3

    def repos(self, owner: Account) -> list[Repo]:
        """List the repositories of an account, oldest first."""
        return [self.repo_at(owner, index) for index in range(self.repo_count(owner))]

    def repo(self, login: str, name: str) -> Repo | None:
        """Find a repository by its present name, ignoring case."""
        owner, index = self.account(login), _tail(name)
        if owner is None or index is None or index >= self.repo_count(owner):
            return None
        found = self.repo_at(owner, index)
        return found if found.name == name.lower() else None

    def renamed(self, login: str, former: str) -> Repo | None:
        """Find a repository by a former name."""
        owner, index = self.account(login), _tail(former)
        if owner is None or index is None or index >= self.repo_count(owner):
            return None
        found = self.repo_at(owner, index)
        return found if found.former_name == former.lower() else None

    def repo_by_id(self, number: int) -> Repo | None:
        """Find a repository by id."""
        owner_id, index = divmod(number - _REPO_IDS, _REPOS_EACH)
        owner = self.by_id(owner_id)
        if owner is None or not 0 <= index < self.repo_count(owner):
            return None
        return self.repo_at(owner, index)

    def repo_at(self, owner: Account, index: int) -> Repo:
        """Return the nth repository of an account. Every sixteen in a row have each oddity once."""
        number = _REPO_IDS + owner.id * _REPOS_EACH + index
        dice = mix(self._dice, number)
        odd = index % 16 if self.sizes.oddities else 0
        empty, has_issues = odd == 4, odd != 6
        scale = 1 + self.sizes.spread * (_SCALES[dice % len(_SCALES)] - 1)
        count = {name: max(0, round(getattr(self.sizes, name) * scale)) for name in _COUNTED}
        created = self._timeline.begins - int(fraction(dice) * 1000 * DAY) - DAY
        pushed = self._timeline.ends - int(fraction(mix(dice, 1)) * 90 * DAY)
        pulls = 0 if empty else count["pulls"]
        issues = count["issues"] if has_issues and not empty else 0
        return Repo(
            owner=owner,
            name=f"{slug(dice >> 8)}-{index}",
            id=number,
            created_at=created,
            updated_at=pushed + 60,
            pushed_at=None if empty else pushed,
            pulls=pulls,
            issues=issues,
            comments=count["comments"] if pulls + issues else 0,
            review_comments=count["review_comments"] if pulls else 0,
            commits=0 if empty else count["commits"],
            fork=odd == 2,
            archived=odd == 8,
            empty=empty,
            has_issues=has_issues,
            former_name=f"old-{slug(dice >> 20)}-{index}" if odd == 10 else None,
        )

    def _org(self, index: int) -> Account:
        login = ORGS[index] if index < len(ORGS) else f"org-{index}"
        return Account(login, _ORG_IDS + index, "Organization", self._timeline.begins - 2000 * DAY)


def _tail(name: str) -> int | None:
    """Return the number at the end of a name."""
    digits = name.rpartition("-")[2]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None
