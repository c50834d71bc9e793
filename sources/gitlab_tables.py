"""The tables of the GitLab source. Keys are GitLab's numbers, which survive renames and moves."""

from typing import Final

from sources.common.columns import table

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
"""`gone` is 1 once the API answered 404 for what it used to list; `active` is 0 once a share is no longer listed."""
