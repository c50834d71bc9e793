"""Issues, pull requests and comments in GitHub's JSON: https://docs.github.com/rest, and recordings."""

from typing import Any

import msgspec

from simulator.data.timeline import iso
from simulator.github.owner_shapes import SITE, OwnerShapes
from simulator.github.records import Account, Comment, Issue, Pull, Repo, Review
from simulator.github.world import GitHubWorld, merged_at

ASSOCIATIONS = ("OWNER", "MEMBER", "COLLABORATOR", "CONTRIBUTOR", "CONTRIBUTOR", "NONE", "NONE", "NONE")
_REACTIONS = {
    "total_count": 0,
    "+1": 0,
    "-1": 0,
    "laugh": 0,
    "hooray": 0,
    "confused": 0,
    "heart": 0,
    "rocket": 0,
    "eyes": 0,
}


class TalkShapes:
    """Writes the discussions of a repository."""

    def __init__(self, world: GitHubWorld, owners: OwnerShapes) -> None:
        self._world = world
        self._owners = owners

    def issue(self, repo: Repo, issue: Issue) -> dict[str, Any]:
        """Write an issue. The issue of a pull request has the key `pull_request`."""
        url, site = f"{self._owners.repo_url(repo)}/issues/{issue.number}", self._site_of(repo, issue)
        return {
            "url": url,
            "repository_url": self._owners.repo_url(repo),
            "labels_url": f"{url}/labels{{/name}}",
            "comments_url": f"{url}/comments",
            "events_url": f"{url}/events",
            "html_url": site,
            "id": issue.id,
            "node_id": f"I_{issue.id}",
            **self._common(issue),
            "comments": self._world.comment_counts(repo)[issue.number],
            "state_reason": None if issue.open else "completed",
            "closed_by": None if issue.open or issue.author is None else self._owners.user_fragment(issue.author),
            "reactions": {"url": f"{url}/reactions", **_REACTIONS},
            "timeline_url": f"{url}/timeline",
            "performed_via_github_app": None,
            **({"draft": False, "pull_request": self._pull_of(repo, issue)} if issue.is_pull else {}),
        }

    def pull(self, repo: Repo, pull: Pull) -> dict[str, Any]:
        """Write a pull request as it is in lists."""
        issue = pull.issue
        root = self._owners.repo_url(repo)
        url, site = f"{root}/pulls/{issue.number}", self._site_of(repo, issue)
        comments = f"{root}/issues/{issue.number}/comments"
        return {
            "url": url,
            "id": pull.id,
            "node_id": f"PR_{pull.id}",
            "html_url": site,
            "diff_url": f"{site}.diff",
            "patch_url": f"{site}.patch",
            "issue_url": f"{root}/issues/{issue.number}",
            **self._common(issue),
            "merged_at": None if pull.merged_at is None else iso(pull.merged_at),
            "merge_commit_sha": None if pull.merged_at is None else f"{issue.dice:040x}",
            "requested_reviewers": [],
            "requested_teams": [],
            "draft": pull.draft,
            "commits_url": f"{url}/commits",
            "review_comments_url": f"{url}/comments",
            "review_comment_url": f"{root}/pulls/comments{{/number}}",
            "comments_url": comments,
            "statuses_url": f"{root}/statuses/{issue.dice:040x}",
            "head": self._head(repo, pull),
            "base": self._branch(repo, "main", f"{issue.id:040x}"),
            "_links": {"self": {"href": url}, "html": {"href": site}, "comments": {"href": comments}},
            "auto_merge": None,
        }

    def single_pull(self, repo: Repo, pull: Pull) -> dict[str, Any]:
        """Write a pull request as it is at its own address, with the size of its change."""
        dice = pull.issue.dice
        merged = pull.merged_at is not None
        return {
            **self.pull(repo, pull),
            "merged": merged,
            "mergeable": None,
            "merged_by": self._maybe(pull.issue.author) if merged else None,
            "commits": 1 + dice % 12,
            "additions": dice % 900,
            "deletions": dice % 300,
            "changed_files": dice % 30,
        }

    def review(self, repo: Repo, review: Review) -> dict[str, Any]:
        pull = f"{self._owners.repo_url(repo)}/pulls/{review.number}"
        site = f"{SITE}/{repo.full_name}/pull/{review.number}#pullrequestreview-{review.id}"
        return {
            "id": review.id,
            "node_id": f"PRR_{review.id}",
            "user": self._maybe(review.author),
            "body": review.body,
            "state": review.state,
            "html_url": site,
            "pull_request_url": pull,
            "author_association": ASSOCIATIONS[review.dice >> 61],
            "_links": {"html": {"href": site}, "pull_request": {"href": pull}},
            "submitted_at": iso(review.submitted_at),
            "commit_id": f"{review.dice:040x}",
        }

    def comment(self, repo: Repo, comment: Comment) -> dict[str, Any]:
        """Write a comment on an issue. The issue's number is only in `issue_url`."""
        url = f"{self._owners.repo_url(repo)}/issues/comments/{comment.id}"
        return {
            "url": url,
            "html_url": f"{SITE}/{repo.full_name}/issues/{comment.number}#issuecomment-{comment.id}",
            "issue_url": f"{self._owners.repo_url(repo)}/issues/{comment.number}",
            "id": comment.id,
            "node_id": f"IC_{comment.id}",
            **self._remark(comment, url),
            "performed_via_github_app": None,
        }

    def review_comment(self, repo: Repo, comment: Comment) -> dict[str, Any]:
        """Write a comment on lines of a pull request."""
        root = self._owners.repo_url(repo)
        url, pull = f"{root}/pulls/comments/{comment.id}", f"{root}/pulls/{comment.number}"
        site = f"{SITE}/{repo.full_name}/pull/{comment.number}#discussion_r{comment.id}"
        line = 1 + comment.dice % 400
        return {
            "url": url,
            "pull_request_review_id": comment.id + 7 if comment.dice % 9 else None,
            "id": comment.id,
            "node_id": f"PRRC_{comment.id}",
            "diff_hunk": f"@@ -{line},3 +{line},4 @@\n-old\n+new",
            "path": f"src/module_{comment.dice % 40}.py",
            "commit_id": f"{comment.dice:040x}",
            "original_commit_id": f"{comment.dice:040x}",
            **self._remark(comment, url),
            "html_url": site,
            "pull_request_url": pull,
            "_links": {"self": {"href": url}, "html": {"href": site}, "pull_request": {"href": pull}},
            "start_line": None,
            "original_start_line": None,
            "start_side": None,
            "line": line,
            "original_line": line,
            "side": "RIGHT",
            "position": None if comment.dice % 3 == 0 else 4,
            "original_position": 4,
            "subject_type": "line",
        }

    def _common(self, issue: Issue) -> dict[str, Any]:
        """Write the members that issues and pull requests share."""
        return {
            "number": issue.number,
            "state": "open" if issue.open else "closed",
            "locked": False,
            "title": issue.title,
            "user": self._maybe(issue.author),
            "body": None if issue.dice % 11 == 0 else f"{issue.title}.\r\n\r\nIt was seen {issue.dice % 90} times.",
            "labels": [],
            "milestone": None,
            "active_lock_reason": None,
            "created_at": iso(issue.created_at),
            "updated_at": iso(issue.updated_at),
            "closed_at": None if issue.closed_at is None else iso(issue.closed_at),
            "assignee": None,
            "assignees": [],
            "author_association": ASSOCIATIONS[issue.dice >> 61],
        }

    def _pull_of(self, repo: Repo, issue: Issue) -> dict[str, Any]:
        merged = merged_at(issue)
        site = self._site_of(repo, issue)
        return {
            "url": f"{self._owners.repo_url(repo)}/pulls/{issue.number}",
            "html_url": site,
            "diff_url": f"{site}.diff",
            "patch_url": f"{site}.patch",
            "merged_at": None if merged is None else iso(merged),
        }

    def _head(self, repo: Repo, pull: Pull) -> dict[str, Any]:
        branch, sha = f"patch-{pull.issue.number}", f"{pull.issue.dice:040x}"
        if pull.head_gone:
            return {"label": None, "ref": branch, "sha": sha, "user": None, "repo": None}
        return self._branch(repo, branch, sha)

    def _branch(self, repo: Repo, ref: str, sha: str) -> dict[str, Any]:
        owner = repo.owner
        return {
            "label": f"{owner.login}:{ref}",
            "ref": ref,
            "sha": sha,
            "user": self._owners.user_fragment(owner),
            "repo": self._owners.repo_fragment(repo),
        }

    def _remark(self, comment: Comment, url: str) -> dict[str, Any]:
        return {
            "user": self._maybe(comment.author),
            "created_at": iso(comment.created_at),
            "updated_at": iso(comment.updated_at),
            "author_association": ASSOCIATIONS[comment.dice >> 61],
            "body": comment.body,
            "reactions": {"url": f"{url}/reactions", **_REACTIONS},
        }

    def _site_of(self, repo: Repo, issue: Issue) -> str:
        return f"{SITE}/{repo.full_name}/{'pull' if issue.is_pull else 'issues'}/{issue.number}"

    def _maybe(self, account: Account | None) -> msgspec.Raw | None:
        return None if account is None else self._owners.user_fragment(account)
