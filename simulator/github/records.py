"""The records of the simulated GitHub, which a harvest can be compared with. Times are epoch seconds."""

from typing import Literal

import msgspec


class Account(msgspec.Struct, frozen=True):
    """An organisation or a person."""

    login: str
    id: int
    type: Literal["Organization", "User"]
    created_at: int


class Repo(msgspec.Struct, frozen=True):
    """A repository and the number of things in it."""

    owner: Account
    name: str
    id: int
    created_at: int
    updated_at: int
    pushed_at: int | None
    pulls: int
    issues: int
    """Without the pull requests."""
    comments: int
    review_comments: int
    commits: int
    fork: bool = False
    archived: bool = False
    empty: bool = False
    """No commits: the API responds with 409."""
    has_issues: bool = True
    former_name: str | None = None
    """A name it had before: the API responds to it with 301."""

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"

    @property
    def numbers(self) -> int:
        """The highest number. Issues and pull requests share one sequence."""
        return self.pulls + self.issues


class Issue(msgspec.Struct, frozen=True):
    """An issue, or the issue side of a pull request."""

    number: int
    id: int
    is_pull: bool
    title: str
    author: Account | None
    """None where the account was deleted."""
    open: bool
    created_at: int
    updated_at: int
    closed_at: int | None
    dice: int
    """64 random bits for decorative values."""


class Pull(msgspec.Struct, frozen=True):
    issue: Issue
    id: int
    """Its own id; the id of its issue is different."""
    merged_at: int | None
    draft: bool
    head_gone: bool
    """The fork it came from was deleted: `head.repo`, `head.user` and `head.label` are null."""


class Comment(msgspec.Struct, frozen=True):
    """A comment on an issue or pull request, or on lines of a pull request."""

    id: int
    number: int
    author: Account | None
    created_at: int
    updated_at: int
    body: str
    dice: int


class Review(msgspec.Struct, frozen=True):
    id: int
    number: int
    author: Account | None
    state: Literal["APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED"]
    body: str
    submitted_at: int
    dice: int


class File(msgspec.Struct, frozen=True):
    path: str
    sha: str
    size: int


class Commit(msgspec.Struct, frozen=True):
    index: int
    """From 0, the oldest."""
    sha: str
    parents: tuple[str, ...]
    author: Account | None
    """None where no account has the address."""
    author_is_empty: bool
    """`author` is {} instead of null, as the real API sometimes has it."""
    authored_at: int
    committed_at: int
    message: str
