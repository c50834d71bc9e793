"""The groups and projects in each of GitLab's lists, and who may see them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from simulator.common.api import Call, Handler, Route
from simulator.common.page import Page, json_page
from simulator.gitlab.paging import keyset, numbered
from simulator.gitlab.records import Namespace, Project
from simulator.gitlab.shapes import group_shape, project_shape
from simulator.gitlab.world import GitLabWorld

PREFIX = "/api/v4"
Names = Mapping[str, str]
GroupHandler = Callable[[Call, Namespace], Page]


class Lists:
    """Handles the API's calls over one world."""

    def __init__(self, world: GitLabWorld, *, may_see: Callable[[Call], bool]) -> None:
        self._world = world
        self._may_see = may_see

    def routes(self) -> list[Route]:
        """Return the routes. A longer one comes before a shorter one that would match it too."""
        return [
            Route(f"{PREFIX}/groups", self._groups),
            Route(f"{PREFIX}/groups/{{+id}}/descendant_groups", self._of_group(self._descendants)),
            Route(f"{PREFIX}/groups/{{+id}}/subgroups", self._of_group(self._subgroups)),
            Route(f"{PREFIX}/groups/{{+id}}/projects/shared", self._of_group(self._shared)),
            Route(f"{PREFIX}/groups/{{+id}}/projects", self._of_group(self._group_projects)),
            Route(f"{PREFIX}/groups/{{+id}}", self._of_group(self._group)),
            Route(f"{PREFIX}/users/{{id}}/projects", self._user_projects),
            Route(f"{PREFIX}/projects", self._projects),
            Route(f"{PREFIX}/projects/{{+id}}", self._project),
        ]

    def _of_group(self, then: GroupHandler) -> Handler:
        def answer(call: Call, names: Names) -> Page:
            group = self._world.find_group(names["id"])
            if group is not None:
                return then(call, group)
            moved = self._world.moved.get(names["id"])
            return _moved(call, names["id"], moved) if moved else _missing("Group")

        return answer

    def _groups(self, call: Call, _: Names) -> Page:
        groups = self._world.groups.values()
        top = call.parameters().get("top_level_only") == "true"
        return self._write_groups(call, [group for group in groups if not top or group.parent is None])

    def _descendants(self, call: Call, root: Namespace) -> Page:
        below = [group for group in self._world.groups.values() if group is not root and group.is_below(root)]
        return self._write_groups(call, below)

    def _subgroups(self, call: Call, root: Namespace) -> Page:
        return self._write_groups(call, [group for group in self._world.groups.values() if group.parent is root])

    def _group(self, call: Call, group: Namespace) -> Page:
        return _fresh(json_page({**group_shape(group, call.base), "shared_with_groups": []}))

    def _group_projects(self, call: Call, group: Namespace) -> Page:
        said = call.parameters()
        deep = said.get("include_subgroups") == "true"
        found = [each for each in self._world.within(group) if deep or each.namespace is group]
        if said.get("with_shared", "true") == "true":
            found += [each for each in self._world.projects.values() if group in each.shared_with and each not in found]
        return self._write_projects(call, found)

    def _shared(self, call: Call, group: Namespace) -> Page:
        return self._write_projects(call, [p for p in self._world.projects.values() if group in p.shared_with])

    def _user_projects(self, call: Call, names: Names) -> Page:
        person = self._world.find_person(names["id"])
        if person is None:
            return _missing("User")
        return self._write_projects(call, [p for p in self._world.projects.values() if p.namespace is person])

    def _projects(self, call: Call, _: Names) -> Page:
        return self._write_projects(call, self._world.projects.values(), with_keyset=True)

    def _project(self, call: Call, names: Names) -> Page:
        project = self._world.find_project(names["id"])
        if project is None or not self._sees(call, project):
            return _missing("Project")
        return _fresh(json_page(project_shape(project, call.base, _host(call))))

    def _write_groups(self, call: Call, groups: Iterable[Namespace]) -> Page:
        said = call.parameters()
        rows = _sorted(groups, said, "name")
        page = numbered(rows, said, _address(call), lambda each: group_shape(each, call.base), endless=call.endless)
        return _fresh(page)

    def _write_projects(self, call: Call, projects: Iterable[Project], *, with_keyset: bool = False) -> Page:
        said = call.parameters()
        rows = _sorted(
            (each for each in projects if self._sees(call, each) and _passes(each, said)), said, "created_at"
        )

        def write(project: Project) -> dict[str, Any]:
            return project_shape(project, call.base, _host(call))

        if with_keyset and said.get("pagination") == "keyset":
            return _fresh(keyset(rows, said, _address(call), write))
        return _fresh(numbered(rows, said, _address(call), write, endless=call.endless))

    def _sees(self, call: Call, project: Project) -> bool:
        return project.visibility == "public" or self._may_see(call)


def _passes(project: Project, said: Mapping[str, str]) -> bool:
    archived, word = said.get("archived"), said.get("search", "").lower()
    fits = archived is None or project.archived == (archived == "true")
    fits = fits and said.get("visibility", project.visibility) == project.visibility
    return fits and (word in project.path.lower() or word in project.name.lower())


def _sorted(rows: Iterable[Any], said: Mapping[str, str], default: str) -> list[Any]:
    field = {"id": "id", "name": "name", "path": "path", "created_at": "created", "last_activity_at": "active"}
    order = said.get("order_by", default)
    backwards = said.get("sort", "asc" if default == "name" else "desc") == "desc"
    name = field.get(order, "id")
    return sorted(rows, key=lambda each: (getattr(each, name), each.id), reverse=backwards)


def _fresh(page: Page) -> Page:
    """Make a page uncacheable, as the world may change while it is served. Its ETag changes with it."""
    page.cacheable = False
    return page


def _address(call: Call) -> str:
    return f"{call.base}{call.path.replace(' ', '%20')}"


def _host(call: Call) -> str:
    return call.base.partition("//")[2].partition("/")[0].partition(":")[0]


def _moved(call: Call, old: str, group: Namespace) -> Page:
    rest = call.path.partition(f"/groups/{old}")[2]
    target = f"{call.base}{PREFIX}/groups/{group.id}{rest}{'?' if call.query else ''}{call.query}"
    words = f"This resource has been moved permanently to {target}"
    headers = ((b"location", target.encode()),)
    return Page(301, words.encode(), kind=b"text/plain", headers=headers, cacheable=False)


def _missing(what: str) -> Page:
    return json_page({"message": f"404 {what} Not Found"}, status=404, cacheable=False)
