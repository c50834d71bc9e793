"""Ground truth of the simulated GitLab: groups with subgroups, projects in all of them, and some odd repositories."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from simulator.data.chance import fraction, mix, stream
from simulator.data.timeline import Timeline
from simulator.data.words import ADJECTIVES, NAMES, NOUNS
from simulator.gitlab.records import USERS, Namespace, Project

_ODD = ("empty", "missing", "private", "archived", "huge")
"""Kinds of the first projects in the first group; all others are plain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GitLabSizes:
    """The amount of data."""

    groups: int = 10
    subgroups: int = 5
    """Per group."""
    projects: int = 20
    """Per group and per subgroup."""
    users: int = 2
    """Users with two projects each."""
    odd: bool = True
    """Whether some repositories are empty, missing, private, archived and huge."""
    megabytes: int = 8
    """Size of the huge one."""
    endpoint_limits: bool = True
    """Whether endpoints have limits of their own, which are in no header."""

    def __post_init__(self) -> None:
        if min(self.groups, self.subgroups, self.projects, self.users, self.megabytes) < 0:
            raise ValueError("sizes are never below 0")


class GitLabWorld:
    """All groups and projects by id, lowest first."""

    def __init__(self, seed: int = 1, *, year: int = 2025, sizes: GitLabSizes | None = None) -> None:
        self.sizes = sizes or GitLabSizes()
        self.timeline = Timeline(year)
        self.groups: dict[int, Namespace] = {}
        self.people: dict[int, Namespace] = {}
        self.projects: dict[int, Project] = {}
        self.moved: dict[str, Namespace] = {}
        """Former paths of groups."""
        self._dice = stream(seed, "gitlab")
        self._fill()

    def find_group(self, name: str) -> Namespace | None:
        """Find a group by id or full path."""
        if name.isascii() and name.isdigit():
            return self.groups.get(int(name))
        return next((group for group in self.groups.values() if group.full_path == name), None)

    def find_project(self, name: str) -> Project | None:
        """Find a project by id or full path."""
        if name.isascii() and name.isdigit():
            return self.projects.get(int(name))
        return next((project for project in self.projects.values() if project.full_path == name), None)

    def find_person(self, name: str) -> Namespace | None:
        """Find a user's namespace by id or user name."""
        return next((one for one in self.people.values() if name in {one.path, str(one.id)}), None)

    def within(self, group: Namespace) -> Iterator[Project]:
        """Yield the projects of a group and of all groups below it."""
        return (project for project in self.projects.values() if project.namespace.is_below(group))

    def rename(self, group: Namespace, path: str) -> None:
        """Change a group's path. The old path redirects to the new one."""
        self.moved[group.full_path] = group
        group.path = path

    def _fill(self) -> None:
        for nth in range(self.sizes.groups):
            group = self._group(f"{NOUNS[nth % len(NOUNS)]}{'' if nth < len(NOUNS) else nth}", None)
            inner = [self._group(f"{ADJECTIVES[each % 12]}-{each}", group) for each in range(self.sizes.subgroups)]
            for place in (group, *inner):
                for each in range(self.sizes.projects):
                    self._project(each, place)
        for nth in range(self.sizes.users):
            number = USERS + nth
            self.people[number] = Namespace(id=number, path=f"{NAMES[nth % 14]}{nth}", name=NAMES[nth % 14].title())
            for each in range(2):
                self._project(each, self.people[number])
        self._share()
        if self.sizes.odd:
            self._make_odd()

    def _group(self, path: str, parent: Namespace | None) -> Namespace:
        number = 101 + len(self.groups)
        name = path.replace("-", " ").title()
        made = Namespace(id=number, path=path, name=name, parent=parent, created=self.timeline.begins)
        self.groups[number] = made
        return made

    def _project(self, nth: int, place: Namespace) -> None:
        number = 2001 + 3 * len(self.projects)
        dice = mix(self._dice, number)
        path = f"{ADJECTIVES[dice % 12]}-{NOUNS[dice // 12 % 12]}-{nth}"
        active = self.timeline.at(fraction(mix(dice, 1)))
        self.projects[number] = Project(
            id=number,
            path=path,
            name=path.replace("-", " ").title(),
            namespace=place,
            created=self.timeline.begins,
            active=active,
            commits=1 + dice % 4,
        )

    def _share(self) -> None:
        """Share the first project of each group with the next group."""
        tops = [group for group in self.groups.values() if group.parent is None]
        for here, there in pairwise(tops):
            for project in list(self.within(here))[:1]:
                project.shared_with.append(there)

    def _make_odd(self) -> None:
        projects = list(self.projects.values())[1:]
        for kind, project in zip(_ODD, projects, strict=False):
            project.path = project.name = kind
            project.commits = 0 if kind == "empty" else project.commits
            project.missing = kind == "missing"
            project.visibility = "private" if kind == "private" else "public"
            project.archived = kind == "archived"
            project.megabytes = self.sizes.megabytes if kind == "huge" else 0
