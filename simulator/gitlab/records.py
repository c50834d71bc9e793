"""What the simulated GitLab holds. Groups and projects can be renamed, moved and removed while it runs."""

from dataclasses import dataclass, field

USERS = 900_000
"""Numbers of personal namespaces begin here."""


@dataclass(slots=True, kw_only=True)
class Namespace:
    """A group, or the place of a person's own projects."""

    id: int
    path: str
    name: str
    parent: "Namespace | None" = None
    visibility: str = "public"
    created: int = 0

    @property
    def kind(self) -> str:
        """Say which of both it is."""
        return "user" if self.id >= USERS else "group"

    @property
    def full_path(self) -> str:
        """Give the path from the top."""
        return f"{self.parent.full_path}/{self.path}" if self.parent else self.path

    @property
    def full_name(self) -> str:
        """Give the names from the top."""
        return f"{self.parent.full_name} / {self.name}" if self.parent else self.name

    def is_below(self, other: "Namespace") -> bool:
        """Say whether it is the other one or lies in it."""
        return self is other or (self.parent is not None and self.parent.is_below(other))


@dataclass(slots=True, kw_only=True)
class Project:
    """A project with its repository."""

    id: int
    path: str
    name: str
    namespace: Namespace
    visibility: str = "public"
    archived: bool = False
    created: int = 0
    active: int = 0
    """When something last happened, seconds since 1970."""
    commits: int = 2
    """None makes an empty repository."""
    megabytes: int = 0
    """Of a file that compresses badly."""
    missing: bool = False
    """The API lists it, and git does not find it."""
    shared_with: list[Namespace] = field(default_factory=list)

    @property
    def full_path(self) -> str:
        """Give the path from the top."""
        return f"{self.namespace.full_path}/{self.path}"

    @property
    def full_name(self) -> str:
        """Give the names from the top."""
        return f"{self.namespace.full_name} / {self.name}"
