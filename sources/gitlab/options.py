"""The options of the GitLab source, and the filters that the API can apply itself."""

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from engine.model.capabilities import Checkouts, Question
from sources.common.links import BaseUrl

REGEX: Final = "re:"
GITLAB_COM: Final = "gitlab.com"
_WORD: Final = re.compile(r"[A-Za-z0-9]{3,}")
_PATH: Final = r"^[^\s/?#\\][^\s?#\\]*\Z"
_CONFIG: Final = r"^[A-Za-z][A-Za-z0-9.-]*\.[^=\x00-\x1f]*=[^\x00-\x1f]*\Z"

GroupId = Annotated[int, Meta(ge=1, description="a group's number")]
GroupPath = Annotated[str, Meta(pattern=_PATH, description='a full path such as "group/subgroup"')]
User = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]+\Z", description="a user name or number")]
Pattern = Annotated[
    str,
    Meta(
        min_length=1,
        description=f'a name with * and ?, matched on the full path where it has a slash; or "{REGEX}" and a regex',
    ),
]
Places = Annotated[int, Meta(ge=1, le=20, description="requests in flight at the same time, 1 to 20")]
PerHour = Annotated[int, Meta(ge=1, le=10_000_000, description="requests an hour")]
Config = Annotated[str, Meta(pattern=_CONFIG, description='a setting of git, as in "http.proxy=http://proxy:3128"')]
Host = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]*\Z", description="a host name")]


QUESTIONS: Final = (
    Question(key="groups", ask="groups", help='full paths such as "group/subgroup", or numbers; all below counts'),
    Question(key="users", ask="users", help="user names, all of whose projects count"),
    Question(key="clone", ask="clone", help="whether every repository is also cloned, or updated", unset="no"),
    Question(key="target", ask="folder", help="where the clones go; a relative path counts from the file's folder"),
    Question(
        key="base_url",
        ask="server",
        help="the API of a host of your own, with /api/v4",
        unset="https://gitlab.com/api/v4",
    ),
)


class GitLabOptions(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The keys of `[sources.gitlab]`."""

    base_url: BaseUrl = "https://gitlab.com/api/v4"
    groups: tuple[GroupId | GroupPath, ...] = ()
    users: tuple[User, ...] = ()
    instance: bool = False
    membership: bool = False
    shared: Literal["none", "group", "deep"] = "group"
    archived: Literal["include", "exclude", "only"] = "include"
    visibility: Literal["any", "public", "internal", "private"] = "any"
    min_access_level: Literal[0, 10, 15, 20, 30, 40, 50] = 0
    include: tuple[Pattern, ...] = ()
    exclude: tuple[Pattern, ...] = ()
    rewrite_links: bool = False
    concurrency: Places = 5
    api_rate_limit: PerHour | None = None
    clone: bool = False
    target: str = ""
    protocol: Literal["http", "ssh"] = "http"
    ssh_host: Host = ""
    update: Literal["pull", "fetch", "mirror"] = "pull"
    submodules: bool = False
    depth: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    naming: Literal["path", "name"] = "path"
    git_concurrency: Places = 1
    git_timeout: Annotated[float, Meta(ge=1, le=86_400)] = 3600.0
    git_options: tuple[Config, ...] = ()
    fail_fast: bool = False

    def __post_init__(self) -> None:
        """Refuse options that contradict each other, and invalid patterns.

        Raises:
            ValueError: its message says what would be right.
        """
        if self.clone and not self.target:
            raise ValueError("clone = true needs target: the folder that the group tree is made in")
        if self.update == "mirror" and self.submodules:
            raise ValueError('update = "mirror" makes bare repositories, which have no submodules: choose one')
        for pattern in (*self.include, *self.exclude):
            _compiled(pattern)

    @property
    def instance_url(self) -> str:
        """Address of the web pages and repositories: the base address without "/api/v4"."""
        return self.base_url.removesuffix("/api/v4")

    @property
    def checkouts(self) -> Checkouts | None:
        """What the git transport is built from; None without clones."""
        if not self.clone:
            return None
        pairs = (each.partition("=") for each in self.git_options)
        settings = tuple((name, value) for name, _, value in pairs)
        return Checkouts(base_url=self.instance_url, target=self.target, timeout=self.git_timeout, settings=settings)

    @property
    def host(self) -> str:
        """The host name, without a port."""
        return urlsplit(self.base_url).hostname or ""

    def wants(self, path: str) -> bool:
        """Say whether a project's full path passes `include` and `exclude`. As on GitLab, case is ignored."""
        included = not self.include or any(_matches(path, pattern) for pattern in self.include)
        return included and not any(_matches(path, pattern) for pattern in self.exclude)

    def project_filters(self) -> Mapping[str, str | int]:
        """Return the filters that the API can apply to lists of projects."""
        filters: dict[str, str | int] = {}
        if self.archived != "include":
            filters["archived"] = "true" if self.archived == "only" else "false"
        if self.visibility != "any":
            filters["visibility"] = self.visibility
        if self.min_access_level:
            filters["min_access_level"] = self.min_access_level
        word = self._search_word()
        return filters | ({"search": word} if word else {})

    def group_filters(self) -> Mapping[str, str | int]:
        """Return the filters for lists of groups. No group may be filtered out that holds a wanted project."""
        return {"all_available": "false"} if self.membership else {"all_available": "true"}

    def _search_word(self) -> str:
        """Return a word that every wanted name contains.

        GitLab searches for three letters or more anywhere in the path.
        """
        if len(self.include) != 1 or self.include[0].startswith(REGEX) or set(self.include[0]) & set("/["):
            return ""
        return max(_WORD.findall(self.include[0]), key=len, default="")


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    if not pattern.startswith(REGEX):
        return None
    try:
        return re.compile(pattern.removeprefix(REGEX), re.IGNORECASE)
    except re.error as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}") from error


def _matches(path: str, pattern: str) -> bool:
    expression = _compiled(pattern)
    if expression is not None:
        return expression.search(path) is not None
    name = path if "/" in pattern else path.rpartition("/")[2]
    return fnmatchcase(name.lower(), pattern.lower())
