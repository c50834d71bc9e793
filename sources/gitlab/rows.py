"""Turns GitLab's JSON objects into rows. A value of a wrong type is null; an object without its id is no row.

Shapes: https://docs.gitlab.com/api/projects and https://docs.gitlab.com/api/groups. Older servers leave fields out.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from engine.model.source import Record
from sources.common.columns import table
from sources.common.json_values import Row, at, integer, members, part, text

TABLES: Final = (
    table(
        "grp",
        "id",
        "id parent_id gone",
        "kind name path full_name full_path visibility description web_url created_at",
    ),
    table(
        "project",
        "id",
        "id grp_id archived empty_repo forked_from_id stars forks gone",
        "name path full_name full_path default_branch visibility repository_access description web_url http_url ssh_url"
        " created_at last_activity_at shares",
    ),
    table("project_share", "project_id grp_id", "project_id grp_id access_level active", "grp_path expires_at"),
    table("clone", "project_id", "project_id bytes", "path state head branch activity how note updated_at"),
)
"""The keys are GitLab's ids, which survive renames and moves.

`gone` is 1 once the API answered 404 for what it used to list; `active` is 0 once a share is no longer listed.
"""


Values = dict[str, Any]
_GROUP_TEXTS: Final = "name path full_name full_path visibility description web_url created_at"
_PROJECT_TEXTS: Final = "name path default_branch visibility description web_url created_at last_activity_at"


def number(value: Any, *path: str) -> int | None:
    """Return an id: an integer above zero."""
    found = integer(value, *path)
    return found if found is not None and found > 0 else None


def group(row: Row) -> Record | None:
    """Return the row of a group; None where it has no id."""
    group_id = number(row.value, "id")
    if group_id is None:
        return None
    data: Values = {
        "id": group_id,
        "parent_id": number(row.value, "parent_id"),
        "gone": 0,
        "kind": text(row.value, "kind") or "group",
        **{name: text(row.value, name) for name in _GROUP_TEXTS.split()},
    }
    return Record(table="grp", data=data, raw=row.raw)


def parent_of_child(child: Row, root: str) -> Record | None:
    """Return what a direct subgroup shows of its parent; None where `root` (a path or id) is not its parent."""
    value = child.value
    parent_id, path = number(value, "parent_id"), (text(value, "full_path") or "").rpartition("/")[0]
    if parent_id is None or not path or root.lower() not in {str(parent_id), path.lower()}:
        return None
    name = (text(value, "full_name") or "").rpartition(" / ")[0]
    data: Values = {"id": parent_id, "gone": 0, "kind": "group", "full_path": path, "path": path.rpartition("/")[2]}
    if name:
        data |= {"full_name": name, "name": name.rpartition(" / ")[2]}
    return Record(table="grp", data=data if "/" in path else data | {"parent_id": None})


def project(row: Row) -> list[Record]:
    """Return the rows of a project: itself, the user it belongs to, and the groups it is shared with."""
    value = row.value
    project_id = number(value, "id")
    if project_id is None:
        return []
    shares = list(_shares(project_id, row))
    data: Values = {
        "id": project_id,
        "grp_id": number(value, "namespace", "id"),
        "archived": integer(value, "archived"),
        "empty_repo": integer(value, "empty_repo"),
        "forked_from_id": number(value, "forked_from_project", "id"),
        "stars": integer(value, "star_count"),
        "forks": integer(value, "forks_count"),
        "gone": 0,
        **{name: text(value, name) for name in _PROJECT_TEXTS.split()},
        "full_name": text(value, "name_with_namespace"),
        "full_path": text(value, "path_with_namespace"),
        "repository_access": text(value, "repository_access_level"),
        "http_url": text(value, "http_url_to_repo"),
        "ssh_url": text(value, "ssh_url_to_repo"),
        "shares": " ".join(str(share.data["grp_id"]) for share in shares),
    }
    return [Record(table="project", data=data, raw=row.raw), *_owner(row), *shares]


def revoked(project_id: int, before: str, now: str) -> Iterator[Record]:
    """Yield the shares in `before` that are not in `now`; both are values of the column `shares`."""
    for word in sorted(set(before.split()) - set(now.split())):
        if word.isascii() and word.isdigit() and len(word) < 19:
            yield Record(table="project_share", data={"project_id": project_id, "grp_id": int(word), "active": 0})


def distinct(found: Iterable[Record]) -> list[Record]:
    """Keep one row per user: a page of a user's projects names the same user many times."""
    kept: dict[Any, Record] = {}
    for record in found:
        # Only the row of a user may repeat. Any other row gets a key that no id can equal, because ids are integers.
        key = record.data["id"] if record.table == "grp" else len(kept) + 0.5
        kept.setdefault(key, record)
    return list(kept.values())


def _owner(row: Row) -> Iterator[Record]:
    """Yield the row of a user's namespace, which is in no list of groups."""
    namespace: Mapping[str, Any] = at(row.value, "namespace")
    if text(namespace, "kind") == "user" and (found := group(Row(part(row.raw, "namespace"), namespace))):
        yield found


def _shares(project_id: int, row: Row) -> Iterator[Record]:
    for share in members(row.value, "shared_with_groups", row.raw):
        group_id = number(share.value, "group_id")
        if group_id is not None:
            data: Values = {
                "project_id": project_id,
                "grp_id": group_id,
                "access_level": integer(share.value, "group_access_level"),
                "active": 1,
                "grp_path": text(share.value, "group_full_path"),
                "expires_at": text(share.value, "expires_at"),
            }
            yield Record(table="project_share", data=data, raw=share.raw)
