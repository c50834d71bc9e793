"""The records of the simulated GitLab. Groups and projects can be renamed, moved and removed while it runs."""

from dataclasses import dataclass, field

USERS = 900_000
"""Lowest id of personal namespaces."""


@dataclass(slots=True, kw_only=True)
class Namespace:
    """A group, or the namespace of a user's own projects."""

    id: int
    path: str
    name: str
    parent: "Namespace | None" = None
    visibility: str = "public"
    created: int = 0

    @property
    def kind(self) -> str:
        """The kind of namespace: "user" or "group"."""
        return "user" if self.id >= USERS else "group"

    @property
    def full_path(self) -> str:
        return f"{self.parent.full_path}/{self.path}" if self.parent else self.path

    @property
    def full_name(self) -> str:
        return f"{self.parent.full_name} / {self.name}" if self.parent else self.name

    def is_below(self, other: "Namespace") -> bool:
        """Say whether it is the other namespace or inside it."""
        return self is other or (self.parent is not None and self.parent.is_below(other))


@dataclass(slots=True, kw_only=True)
class Project:
    id: int
    path: str
    name: str
    namespace: Namespace
    visibility: str = "public"
    archived: bool = False
    created: int = 0
    active: int = 0
    """Time of the last activity, in epoch seconds."""
    commits: int = 2
    """0 makes an empty repository."""
    megabytes: int = 0
    """Size of a file that compresses badly."""
    missing: bool = False
    """The API lists it, but git does not find it."""
    shared_with: list[Namespace] = field(default_factory=list)

    @property
    def full_path(self) -> str:
        return f"{self.namespace.full_path}/{self.path}"

    @property
    def full_name(self) -> str:
        return f"{self.namespace.full_name} / {self.name}"
