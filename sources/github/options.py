"""The options of the GitHub source, and the time window that follows from them."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from fnmatch import fnmatchcase
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from engine.model.capabilities import Question
from sources.common.links import BaseUrl

OWNER: Final = r"^[A-Za-z0-9_-][A-Za-z0-9_.-]*\Z"
REPOSITORY: Final = r"^[A-Za-z0-9_-][A-Za-z0-9_.-]*/(?!\.\.?\Z)[A-Za-z0-9_.-]+\Z"

Owner = Annotated[str, Meta(pattern=OWNER, description="a login, as in github.com/LOGIN")]
Repository = Annotated[str, Meta(pattern=REPOSITORY, description='"owner/name"')]
Glob = Annotated[str, Meta(min_length=1, description='a name with * and ?; with a slash it is matched on "owner/name"')]
Topic = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]*\Z", description="a topic, as in github.com/topics/TOPIC")]
Year = Annotated[int, Meta(ge=1970, le=2098, description="a calendar year, UTC")]


QUESTIONS: Final = (
    Question(key="orgs", ask="organisations", help="logins as in github.com/LOGIN, all of whose repositories count"),
    Question(key="users", ask="users", help="logins of people, all of whose repositories count"),
    Question(key="repos", ask="repositories", help='single ones, as "owner/name"'),
    Question(key="year", ask="year", help="the calendar year to harvest, UTC", unset="the present one"),
)


@dataclass(frozen=True, slots=True)
class Window:
    """A time window, UTC: `start` is inside, `until` is outside; None means open."""

    start: datetime
    until: datetime | None

    def __str__(self) -> str:
        """Return its name: "2024-01-01..2025-01-01"."""
        return f"{self.start:%Y-%m-%d}..{f'{self.until:%Y-%m-%d}' if self.until else ''}"

    def before(self, moment: datetime | None) -> bool:
        """Say whether a time is known and before the window."""
        return moment is not None and moment < self.start

    def after(self, moment: datetime | None) -> bool:
        """Say whether a time is known and after the window."""
        return moment is not None and self.until is not None and moment >= self.until


class GitHubOptions(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The keys of `[sources.github]`."""

    base_url: BaseUrl = "https://api.github.com"
    orgs: tuple[Owner, ...] = ()
    users: tuple[Owner, ...] = ()
    repos: tuple[Repository, ...] = ()
    year: Year | None = None
    since: date | None = None
    until: date | None = None
    pulls: bool = True
    issues: bool = True
    comments: bool = True
    commits: bool = True
    reviews: bool = True
    hygiene: bool = True
    graphql: bool = True
    pull_details: bool = False
    forks: bool = False
    archived: bool = True
    visibility: Literal["all", "public", "private"] = "all"
    topics: tuple[Topic, ...] = ()
    pushed_since: date | None = None
    include: tuple[Glob, ...] = ()
    exclude: tuple[Glob, ...] = ()
    from_repo: Repository | None = None
    skip_unchanged: bool = True

    def __post_init__(self) -> None:
        """Refuse time windows that contradict themselves.

        Raises:
            ValueError: year together with since or until, or an until that is not after since.
        """
        if self.year is not None and (self.since or self.until):
            raise ValueError("year excludes since and until: give one or the other")
        if self.since and self.until and self.until <= self.since:
            raise ValueError(
                f"until = {self.until} must be later than since = {self.since}: it is the first day left out"
            )

    def window(self, started: datetime) -> Window:
        """Return the window to harvest; without any of the three keys, the year in which the run began."""
        if self.since or self.until:
            return Window(_midnight(self.since or date(1970, 1, 1)), _midnight(self.until) if self.until else None)
        year = self.year or started.astimezone(UTC).year
        return Window(datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC))

    def wants(self, full_name: str) -> bool:
        """Say whether a repository's name passes `include` and `exclude`. As on GitHub, case is ignored."""
        included = not self.include or any(_matches(full_name, glob) for glob in self.include)
        return included and not any(_matches(full_name, glob) for glob in self.exclude)


def is_repository(full_name: str) -> bool:
    """Say whether a name is "owner/name" and safe in a path."""
    return re.match(REPOSITORY, full_name) is not None


def _matches(full_name: str, glob: str) -> bool:
    name = full_name if "/" in glob else full_name.rpartition("/")[2]
    return fnmatchcase(name.lower(), glob.lower())


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
