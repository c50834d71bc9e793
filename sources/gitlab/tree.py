"""Renders the tree of groups and projects from table rows: as a tree, JSON or YAML. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import msgspec

Format = Literal["tree", "json", "yaml"]
Stored = Mapping[str, Any]
_LAST, _MORE, _UNDER, _BESIDE = "└── ", "├── ", "    ", "│   "
_DEEPEST: Final = 100
"""GitLab nests at most 20 groups: anything deeper is a cycle."""


@dataclass(slots=True)
class Node:
    """A group and its content, sorted by path."""

    id: int
    path: str
    name: str
    gone: bool
    groups: list["Node"] = field(default_factory=list)
    projects: list[dict[str, Any]] = field(default_factory=list)


def build(groups: Iterable[Stored], projects: Iterable[Stored], shares: Iterable[Stored] = ()) -> list[Node]:
    """Build the tree. A project of an unknown group gets a node for that group; a shared one is in all its groups."""
    stored = [row for row in groups if row.get("id") is not None]
    nodes = {int(row["id"]): _node(row) for row in stored}
    parents = {int(row["id"]): int(row.get("parent_id") or 0) for row in stored}
    known: dict[Any, Stored] = {}
    for row in projects:
        known[row["id"]] = row
        home = _home(nodes, row)
        home.projects.append(_project(row, shared=False))
    for share in shares:
        group, project = nodes.get(share["grp_id"]), known.get(share["project_id"])
        if group is not None and project is not None and share.get("active"):
            group.projects.append(_project(project, shared=True))
    roots = [node for number, node in nodes.items() if not _adopt(nodes, parents, number)]
    for node in nodes.values():
        node.groups.sort(key=_by_path)
        node.projects.sort(key=lambda each: (each["path"], each["id"]))
    return sorted(roots, key=_by_path)


def render(roots: Sequence[Node], how: Format) -> str:
    """Render the tree, with a line break at the end."""
    if how == "tree":
        return "".join(f"{line}\n" for root in roots for line in _lines(root))
    plain = [_plain(root) for root in roots]
    if how == "json":
        return msgspec.json.format(msgspec.json.encode(plain), indent=2).decode() + "\n"
    return "".join(f"{line}\n" for line in _yaml(plain, "")) or "[]\n"


def _node(row: Stored) -> Node:
    path = str(row.get("full_path") or row.get("path") or row["id"])
    return Node(int(row["id"]), path, str(row.get("name") or path.rpartition("/")[2]), bool(row.get("gone")))


def _home(nodes: dict[int, Node], row: Stored) -> Node:
    number = int(row.get("grp_id") or 0)
    if number not in nodes:
        path = str(row.get("full_path") or "").rpartition("/")[0] or "(unknown)"
        nodes[number] = Node(number, path, path.rpartition("/")[2], gone=False)
    return nodes[number]


def _adopt(nodes: Mapping[int, Node], parents: Mapping[int, int], number: int) -> bool:
    """Attach a node to its parent, unless that would close a cycle. Return whether it was attached."""
    parent = above = parents.get(number, 0)
    seen = {number}
    while above in nodes and above not in seen and len(seen) < _DEEPEST:
        seen.add(above)
        above = parents.get(above, 0)
    if parent not in nodes or above in seen:
        return False
    nodes[parent].groups.append(nodes[number])
    return True


def _by_path(node: Node) -> tuple[str, int]:
    return node.path, node.id


def _project(row: Stored, *, shared: bool) -> dict[str, Any]:
    path = str(row.get("full_path") or row.get("path") or row["id"])
    return {
        "id": row["id"],
        "path": path,
        "name": str(row.get("name") or path.rpartition("/")[2]),
        "archived": bool(row.get("archived")),
        "empty": bool(row.get("empty_repo")),
        "shared": shared,
        "gone": bool(row.get("gone")),
    }


def _plain(node: Node) -> dict[str, Any]:
    return {
        "id": node.id,
        "path": node.path,
        "name": node.name,
        "gone": node.gone,
        "groups": [_plain(group) for group in node.groups],
        "projects": node.projects,
    }


def _lines(root: Node) -> Iterator[str]:
    yield _words(root.path, gone=root.gone)
    yield from _below(root, "")


def _below(node: Node, before: str) -> Iterator[str]:
    children: list[Node | dict[str, Any]] = [*node.groups, *node.projects]
    for child in children:
        last = child is children[-1]
        yield before + (_LAST if last else _MORE) + _label(child)
        if isinstance(child, Node):
            yield from _below(child, before + (_UNDER if last else _BESIDE))


def _label(child: Node | dict[str, Any]) -> str:
    if isinstance(child, Node):
        return _words(child.path.rpartition("/")[2] + "/", gone=child.gone)
    name = child["path"] if child["shared"] else child["path"].rpartition("/")[2]
    marks = [mark for mark in ("archived", "empty", "shared") if child[mark]]
    return _words(name, *marks, gone=child["gone"])


def _words(name: str, *marks: str, gone: bool) -> str:
    said = [*marks, *(["gone"] if gone else [])]
    return f"{name} ({', '.join(said)})" if said else name


def _yaml(value: Any, before: str) -> Iterator[str]:
    """Write YAML's block style. Values are written as JSON, which YAML 1.2 reads unchanged."""
    for item in value:
        lead = f"{before}- "
        for key, inner in item.items():
            if isinstance(inner, list) and inner:
                yield f"{lead}{key}:"
                yield from _yaml(inner, f"{before}    ")
            else:
                yield f"{lead}{key}: {msgspec.json.encode(inner).decode()}"
            lead = f"{before}  "
