"""The tables of the GitHub source. Every key is an id that survives renames and transfers."""

from typing import Final

from sources.common.columns import table

TABLES: Final = (
    table(
        "repo",
        "id",
        "id owner_id private fork archived disabled has_issues stars forks open_issues size_kb",
        "name full_name owner_login visibility default_branch description language license"
        " created_at updated_at pushed_at gone_at",
    ),
    table(
        "pull",
        "repo_id number",
        "repo_id number id draft locked user_id head_repo_id additions deletions changed_files commits",
        "title state user_login author_association milestone head_ref head_sha base_ref base_sha merge_commit_sha"
        " created_at updated_at closed_at merged_at merged_by",
    ),
    table(
        "issue",
        "repo_id number",
        "repo_id number id locked user_id comments",
        "title state state_reason user_login author_association milestone created_at updated_at closed_at",
    ),
    table(
        "review_comment",
        "id",
        "id repo_id pull_number review_id in_reply_to_id user_id line",
        "user_login author_association path side commit_id original_commit_id body created_at updated_at",
    ),
    table(
        "issue_comment",
        "id",
        "id repo_id issue_number on_pull user_id",
        "user_login author_association body created_at updated_at",
    ),
    table(
        "git_commit",
        "repo_id sha",
        "repo_id author_id committer_id parents verified",
        "sha message author_login author_name author_email authored_at"
        " committer_login committer_name committer_email committed_at",
    ),
    table(
        "review",
        "id",
        "id repo_id pull_number user_id",
        "user_login state author_association commit_id body submitted_at",
    ),
    table("hygiene", "repo_id path day", "repo_id size", "path day kind sha"),
    table("user", "id", "id site_admin", "login type"),
)
