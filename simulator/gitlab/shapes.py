"""Groups and projects in GitLab's JSON.

Shapes: https://docs.gitlab.com/api/groups and https://docs.gitlab.com/api/projects
"""

from typing import Any

from simulator.data.timeline import iso
from simulator.gitlab.records import Namespace, Project


def group_shape(group: Namespace, instance: str) -> dict[str, Any]:
    """Write a group; `instance` is the address of its web pages."""
    return {
        "id": group.id,
        "web_url": f"{instance}/groups/{group.full_path}",
        "name": group.name,
        "path": group.path,
        "description": "",
        "visibility": group.visibility,
        "share_with_group_lock": False,
        "avatar_url": None,
        "request_access_enabled": True,
        "full_name": group.full_name,
        "full_path": group.full_path,
        "created_at": _time(group.created),
        "parent_id": group.parent.id if group.parent else None,
        "ldap_cn": None,
    }


def project_shape(project: Project, instance: str, host: str) -> dict[str, Any]:
    """Write a project; `host` is the host of ssh addresses."""
    empty = project.commits == 0
    return {
        "id": project.id,
        "description": None,
        "name": project.name,
        "name_with_namespace": project.full_name,
        "path": project.path,
        "path_with_namespace": project.full_path,
        "created_at": _time(project.created),
        "default_branch": None if empty else "main",
        "tag_list": [],
        "topics": [],
        "ssh_url_to_repo": f"git@{host}:{project.full_path}.git",
        "http_url_to_repo": f"{instance}/{project.full_path}.git",
        "web_url": f"{instance}/{project.full_path}",
        "avatar_url": None,
        "star_count": project.id % 50,
        "forks_count": project.id % 7,
        "last_activity_at": _time(project.active),
        "namespace": _namespace(project.namespace, instance),
        "empty_repo": empty,
        "archived": project.archived,
        "visibility": project.visibility,
        "repository_access_level": "enabled",
        "shared_with_groups": [_share(group) for group in project.shared_with],
        "marked_for_deletion_at": None,
    }


def _namespace(group: Namespace, instance: str) -> dict[str, Any]:
    return {
        "id": group.id,
        "name": group.name,
        "path": group.path,
        "kind": group.kind,
        "full_path": group.full_path,
        "parent_id": group.parent.id if group.parent else None,
        "avatar_url": None,
        "web_url": f"{instance}/{'groups/' if group.kind == 'group' else ''}{group.full_path}",
    }


def _share(group: Namespace) -> dict[str, Any]:
    return {
        "group_id": group.id,
        "group_name": group.name,
        "group_full_path": group.full_path,
        "group_access_level": 30,
        "expires_at": None,
    }


def _time(seconds: int) -> str:
    return iso(seconds).replace("Z", ".000Z")
